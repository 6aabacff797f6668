"""Mails to visitors who left an address: promised with the answer or the close."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.access import hash_of
from accounts.models import Workspace
from livechat import away
from livechat.models import ChatSession, MailStop, Visitor, VisitorMail

RATING_AFTER = timedelta(minutes=10)


def promise_answers(chat: ChatSession) -> None:
    """Inside the transaction of the answer; the chat's row is locked. What is promised already carries this one too."""
    minutes = away.of(chat.site).mail_after
    if minutes and may_mail(chat.visitor):
        _promise(chat, VisitorMail.Kind.ANSWERS, timezone.now() + timedelta(minutes=minutes))


def promise_rating(chat: ChatSession) -> None:
    """Inside the transaction of the close, once for a chat; the chat's row is locked.

    Only if an agent has answered: no script has mails sent to addresses of its choice with nobody of the team involved.
    """
    if chat.site.asks_rating and chat.rating is None and chat.agent_lines and may_mail(chat.visitor):
        kind, due_at = VisitorMail.Kind.RATING, timezone.now() + RATING_AFTER
        VisitorMail.objects.get_or_create(chat=chat, kind=kind, defaults={"due_at": due_at})


def may_mail(visitor: Visitor) -> bool:
    return bool(visitor.email) and visitor.mail_stopped_at is None and not visitor.is_blocked


def _promise(chat: ChatSession, kind: str, due_at: datetime) -> None:
    row, is_new = VisitorMail.objects.get_or_create(chat=chat, kind=kind, defaults={"due_at": due_at})
    if not is_new:
        VisitorMail.objects.filter(pk=row.pk, due_at=None).update(due_at=due_at, tries=0)


@dataclass(frozen=True, slots=True)
class Stop:
    """What a mail's link says that is to end. The visitor's address may be another one by now, or they may be gone."""

    visitor_id: uuid.UUID
    workspace_id: uuid.UUID
    address_hash: str


def stop_of(visitor: Visitor) -> Stop:
    """`site` of the visitor is loaded."""
    return Stop(visitor.pk, visitor.site.workspace_id, hash_of(visitor.email.strip().lower()))


def is_stopped(stop: Stop) -> bool:
    rows = MailStop.unscoped.filter(workspace_id=stop.workspace_id, address_hash=stop.address_hash)
    return rows.exists()


def end_mails(stop: Stop) -> None:
    """Neither this visitor nor this address is mailed again, whatever is left anew later."""
    with transaction.atomic():
        # the workspace may be gone, and with it whoever would mail; its lock comes before the visitor's
        is_there = Workspace.objects.select_for_update(no_key=True).filter(pk=stop.workspace_id).exists()
        Visitor.unscoped.filter(pk=stop.visitor_id, mail_stopped_at=None).update(
            mail_stopped_at=timezone.now()
        )
        if is_there:
            MailStop.unscoped.get_or_create(workspace_id=stop.workspace_id, address_hash=stop.address_hash)
