"""Writes of saved replies."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actions import audit, audited
from accounts.errors import Refused
from accounts.models import Member
from livechat.models import SavedReply, Site

MOST = 500
KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Draft:
    """Checked by `livechat.saved_forms`; the site is one of the member's workspace, or none for all of them."""

    title: str
    name: str
    body: str
    site: Site | None = None


def create_saved_reply(member: Member, draft: Draft) -> SavedReply:
    if SavedReply.objects.in_workspace(member.workspace).filter(deleted_at=None).count() >= MOST:
        raise Refused("too_many", f"There are {MOST} saved replies already. Delete one that nobody uses.")
    reply = SavedReply(workspace=member.workspace)
    try:
        with transaction.atomic():
            _write(reply, draft)
            audit(member.workspace, member.user, "saved_reply.created", f"saved_reply:{reply.pk}")
    except IntegrityError:
        raise _taken(draft.name) from None
    return reply


def change_saved_reply(member: Member, reply: SavedReply, draft: Draft) -> SavedReply:
    if reply.deleted_at is not None:
        raise Refused("deleted", "Somebody deleted this reply meanwhile. Take it back first, then change it.")

    def read() -> dict[str, str]:
        return _told(
            SavedReply.objects.in_workspace(member.workspace).select_related("site").get(pk=reply.pk)
        )

    subject = f"saved_reply:{reply.pk}"
    try:
        with audited(member.workspace, member.user, "saved_reply.changed", subject, read):
            _write(reply, draft)
    except IntegrityError:
        raise _taken(draft.name) from None
    return reply


def _write(reply: SavedReply, draft: Draft) -> None:
    reply.title, reply.name, reply.body, reply.site = draft.title, draft.name, draft.body, draft.site
    reply.save()


def _told(reply: SavedReply) -> dict[str, str]:
    site = reply.site.name if reply.site else "all of them"
    return {"title": reply.title, "shortcut": reply.name, "text": reply.body, "site": site}


def _taken(name: str) -> Refused:
    return Refused("taken", f"//{name} is another saved reply already. Choose another shortcut.")


def delete_saved_reply(member: Member, reply: SavedReply) -> None:
    """Twice is harmless. What was deleted long ago goes for good."""
    mine = SavedReply.objects.in_workspace(member.workspace)
    with transaction.atomic():
        mine.filter(deleted_at__lt=timezone.now() - KEPT).delete()
        if mine.filter(pk=reply.pk, deleted_at=None).update(deleted_at=timezone.now()):
            audit(member.workspace, member.user, "saved_reply.deleted", f"saved_reply:{reply.pk}")


def restore_saved_reply(member: Member, reply: SavedReply) -> None:
    """The undo of deleting; refused if its shortcut is another's by now."""
    gone = SavedReply.objects.in_workspace(member.workspace).filter(pk=reply.pk, deleted_at__isnull=False)
    try:
        with transaction.atomic():
            if gone.update(deleted_at=None):
                audit(member.workspace, member.user, "saved_reply.restored", f"saved_reply:{reply.pk}")
    except IntegrityError:
        raise _taken(reply.name) from None
