"""A visitor goes: words, files and name, in one transaction. What is elsewhere is noted first, by its place alone."""

import hashlib
import uuid
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.actions import audit
from accounts.errors import NotFound
from accounts.models import Member, User
from livechat.actions.locking import lock_visitors
from livechat.events import VisitorErased, publish
from livechat.models import Attachment, ChatSession, Erasure, Message, Visitor


def erase_visitor(member: Member, visitor_id: uuid.UUID) -> Erasure:
    """Every chat of the visitor, whatever its state. The audit log says that it happened, and to nobody's name."""
    with transaction.atomic():
        if not Visitor.objects.in_workspace(member.workspace).filter(pk=visitor_id).exists():
            raise NotFound
        erasure = _erase(member.user, visitor_id)
        if erasure is None:
            raise NotFound
        audit(member.workspace, member.user, "visitor.erased", f"erasure:{erasure.pk}")
        return erasure


def erase_again(visitor_id: uuid.UUID) -> bool:
    """Somebody whom a restored backup has brought back. False if they are gone already."""
    with transaction.atomic():
        erasure = _erase(None, visitor_id)
        if erasure is None:
            return False
        audit(erasure.workspace, None, "visitor.erased_again", f"erasure:{erasure.pk}")
        return True


def who_is_back(erased_at: dict[str, datetime]) -> Iterator[uuid.UUID]:
    """Visitors of before their own erasure. `erased_at`: the moment by `hash_of` the visitor's id."""
    for visitor_id, created_at in Visitor.unscoped.values_list("pk", "created_at").iterator():
        moment = erased_at.get(hash_of(visitor_id))
        if moment is not None and created_at < moment:
            yield visitor_id


def hash_of(visitor_id: uuid.UUID) -> str:
    return hashlib.sha256(visitor_id.bytes).hexdigest()


def unrecorded(most: int) -> list[Erasure]:
    return list(Erasure.unscoped.filter(recorded_at=None).order_by("created_at")[:most])


def note_recorded(erasure: Erasure) -> None:
    Erasure.unscoped.filter(pk=erasure.pk).update(recorded_at=timezone.now())


def _erase(by: User | None, visitor_id: uuid.UUID) -> Erasure | None:
    """None if they are gone. A chat that begins in this moment waits for the visitor's row, and then finds it gone."""
    found, chats = lock_visitors(visitor_id)
    visitor = found.get(visitor_id)
    if visitor is None:
        return None
    erasure = Erasure.unscoped.create(
        workspace=visitor.site.workspace,
        visitor_hash=hash_of(visitor.pk),
        by=by,
        chats=len(chats),
        messages=Message.unscoped.filter(chat__in=chats).count(),
    )
    publish(VisitorErased(erasure, visitor.pk, chats))
    # what the rows kept in the storage is noted as they go, and removed by its job
    Attachment.unscoped.filter(uploader=visitor.token_hash).delete()
    ChatSession.unscoped.filter(pk__in=[chat.pk for chat in chats]).delete()
    visitor.delete()
    return erasure
