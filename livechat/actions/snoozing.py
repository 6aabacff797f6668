"""Every write of a chat's snooze: put out of sight until a moment, taken back, woken when the moment has come."""

import logging
import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Agent
from livechat import snooze as moments
from livechat import waiting
from livechat.actions import waking
from livechat.actions.messages import lock_chat
from livechat.events import ChatChanged, publish
from livechat.models import ChatSession

log = logging.getLogger(__name__)

CLOSED = "This chat is closed, so there is nothing to snooze. An answer to the visitor opens it again."
BLOCKED = "This visitor is blocked, so nothing of theirs can wake the chat. Unblock them first."
AT_ONCE = 100


def snooze(chat_id: uuid.UUID, agent: Agent | None, until: datetime) -> ChatSession:
    with transaction.atomic():
        chat = lock_chat(chat_id)
        snooze_in(chat, agent, until)
        return chat


def snooze_in(chat: ChatSession, agent: Agent | None, until: datetime) -> None:
    """The caller holds the chat's row lock. `until` has been checked (`livechat.snooze`).

    Whoever snoozed it may move the moment; anybody else is told who was first (Refused), and may wake it.
    """
    _check(chat, agent)
    chat.snoozed_until, chat.snoozed_at, chat.snoozed_by = until, timezone.now(), agent
    waiting.heed(chat)
    chat.save(update_fields=[*waking.COLUMNS, *waiting.COLUMNS])
    publish(ChatChanged(chat, for_team=True))


def problem(chat: ChatSession) -> str:
    """Why nobody can snooze it; empty if somebody can."""
    if not chat.is_open:
        return CLOSED
    return BLOCKED if chat.visitor.is_blocked else ""


def _check(chat: ChatSession, agent: Agent | None) -> None:
    if why := problem(chat):
        raise Refused("refused", why)
    if chat.snoozed_until is not None and (agent is None or chat.snoozed_by_id != agent.pk):
        who, until = (
            chat.snoozed_by or "Somebody",
            moments.said(chat.snoozed_until, moments.clock_of(chat.site)),
        )
        raise Refused("snoozed", f"{who} has snoozed this chat until {until} already. Nothing was changed.")


def wake(chat_id: uuid.UUID) -> bool:
    """Somebody wants it back now. Whether it was snoozed: waking twice is harmless."""
    with transaction.atomic():
        return wake_in(lock_chat(chat_id))


def wake_in(chat: ChatSession) -> bool:
    """The caller holds the chat's row lock."""
    if not chat.is_snoozed:
        return False
    waking.bring_back(chat, waking.Why.PERSON)
    return True


def is_any_due() -> bool:
    return ChatSession.unscoped.filter(snoozed_until__lte=timezone.now()).exists()


def wake_due(now: datetime | None = None) -> int:
    """Chats whose moment has come, each in a transaction of its own; how many were woken by this call.

    The moment in the row is the promise: whichever of several workers holds the row first keeps it, and whoever comes
    after a restart finds what is still to be kept. One that cannot be woken holds no other up.
    """
    now = now or timezone.now()
    due = ChatSession.unscoped.filter(snoozed_until__lte=now).order_by("snoozed_until")
    return sum(_wake_due(chat_id, now) for chat_id in due.values_list("pk", flat=True)[:AT_ONCE])


def _wake_due(chat_id: uuid.UUID, now: datetime) -> bool:
    try:
        with transaction.atomic():
            chat = ChatSession.unscoped.select_for_update(of=("self",)).select_related("site")
            found = chat.filter(pk=chat_id, snoozed_until__lte=now).first()
            if found is not None:
                waking.bring_back(found, waking.Why.MOMENT)
            return found is not None
    except Exception:
        # tried again with the next sweep
        log.exception("a snoozed chat could not be woken")
        return False
