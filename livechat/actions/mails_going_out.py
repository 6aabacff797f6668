"""Mails to visitors, as they go: taken before they are sent, and given back only if the mail server refused them.

At most once: what is taken counts as mailed. A worker that dies in between loses one mail, whose words stand in the
chat; the other way round it would send the same mail for ever.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.errors import NotFound
from accounts.limits import hit
from livechat import presence
from livechat.actions.messages import lock_chat
from livechat.actions.visitor_mails import is_stopped, may_mail, stop_of
from livechat.models import ChatSession, Message, VisitorMail

AGAIN, STILL_HERE = timedelta(minutes=2), timedelta(minutes=1)
# how somebody liked a chat is asked soon or not at all
SOON = timedelta(hours=1)
MOST_TRIES, MOST_LINES = 5, 50


@dataclass(frozen=True, slots=True)
class Taken:
    """To be sent now, or given back. `lines`: the answers that are in it; `before`: up to which they were mailed."""

    mail: VisitorMail
    chat: ChatSession
    lines: list[Message]
    before: int


def take(mail_id: int) -> Taken | None:
    """Of several workers one has it. None if there is nothing to send now: then it is put off or away."""
    with _locked(mail_id) as found:
        if found is None or found[0].due_at is None or found[0].due_at > timezone.now():
            return None
        mail, chat = found
        lines = _unseen(mail, chat)
        if not _is_owed(mail, chat, lines):
            mail.due_at, mail.tries = None, 0
        elif wait := _wait(mail, chat):
            is_worth_it = mail.kind == VisitorMail.Kind.ANSWERS or wait < SOON
            mail.due_at = timezone.now() + wait if is_worth_it else None
        else:
            return _taken(mail, chat, lines)
        mail.save(update_fields=["due_at", "tries"])
        return None


def give_back(taken: Taken) -> None:
    """The mail server refused it: tried again some times, and after that sent with the next answer."""
    with _locked(taken.mail.pk) as found:
        if found is None:
            return
        mail = found[0]
        if mail.mailed_seq == taken.mail.mailed_seq:
            mail.mailed_seq = taken.before
        if taken.mail.tries < MOST_TRIES:
            mail.due_at, mail.tries = timezone.now() + AGAIN, taken.mail.tries
        mail.save(update_fields=["due_at", "mailed_seq", "tries"])


@contextmanager
def _locked(mail_id: int) -> Iterator[tuple[VisitorMail, ChatSession] | None]:
    """Under the chat's lock, as answers are promised: one that commits later finds what was decided here."""
    with transaction.atomic():
        chat_id = VisitorMail.objects.filter(pk=mail_id).values_list("chat", flat=True).first()
        try:
            chat = lock_chat(chat_id) if chat_id else None
        except NotFound:
            chat = None
        mail = VisitorMail.objects.filter(pk=mail_id).first() if chat else None
        yield (mail, chat) if mail and chat else None


def _unseen(mail: VisitorMail, chat: ChatSession) -> list[Message]:
    if mail.kind == VisitorMail.Kind.RATING:
        return []
    return list(_answers_after(chat.pk, max(chat.visitor_seen_seq, mail.mailed_seq))[:MOST_LINES])


def _answers_after(chat_id: uuid.UUID, seq: int) -> QuerySet[Message]:
    said = Message.unscoped.filter(chat_id=chat_id, author_kind=Message.Author.AGENT, is_note=False)
    return said.filter(seq__gt=seq, deleted_at=None).select_related("agent").order_by("seq")


def _is_owed(mail: VisitorMail, chat: ChatSession, lines: list[Message]) -> bool:
    if not may_mail(chat.visitor) or is_stopped(stop_of(chat.visitor)):
        return False
    if mail.kind == VisitorMail.Kind.RATING:
        return not chat.is_open and chat.rating is None and chat.site.asks_rating
    return bool(lines)


def _wait(mail: VisitorMail, chat: ChatSession) -> timedelta:
    """Whoever is there reads it in the chat. Counted once, however often the mail server refuses it."""
    if mail.kind == VisitorMail.Kind.ANSWERS and presence.is_here(chat):
        return STILL_HERE
    if mail.tries:
        return timedelta()
    wait = hit("visitor_mails_per_workspace", str(chat.site.workspace_id))
    return timedelta(milliseconds=wait or hit("visitor_mails_per_email", chat.visitor.email.strip().lower()))


def _taken(mail: VisitorMail, chat: ChatSession, lines: list[Message]) -> Taken:
    before = mail.mailed_seq
    mail.tries += 1
    if lines and lines[-1].seq is not None:
        mail.mailed_seq = lines[-1].seq
    # what one mail does not hold goes in the next one
    mail.due_at = timezone.now() + AGAIN if len(lines) == MOST_LINES else None
    mail.save(update_fields=["due_at", "mailed_seq", "tries"])
    return Taken(mail, chat, lines, before)
