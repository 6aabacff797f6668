"""Nobody waits unseen (S20): the sweep looks at whoever is due, each under the chat's row lock, and writes what is
told.

A step of a wait is written once (Reminder), with the promise of its post or mail. Two workers, a restart or a late
sweep change nothing: what is due by then is told, in its loudest form.
"""

import logging
import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.errors import NotFound
from livechat import schedule
from livechat.actions.messages import lock_chat
from livechat.actions.waiting import remind_next
from livechat.models import ChatSession
from slackapp import reminders
from slackapp.actions.reminders import note_steps, promise_post
from slackapp.models import ChatLink, Connection
from slackapp.reminded import Step

log = logging.getLogger(__name__)

AT_ONCE = 100


def is_any_due() -> bool:
    return ChatSession.unscoped.filter(remind_at__lte=timezone.now()).exists()


def remind_due(now: datetime | None = None) -> int:
    """How many steps were told by this call. A chat that cannot be looked at holds no other up."""
    now = now or timezone.now()
    due = ChatSession.unscoped.filter(remind_at__lte=now).order_by("remind_at")
    return sum(_look_at(chat_id, now) for chat_id in due.values_list("pk", flat=True)[:AT_ONCE])


def _look_at(chat_id: uuid.UUID, now: datetime) -> int:
    try:
        with transaction.atomic():
            chat = lock_chat(chat_id)
            is_due = chat.remind_at is not None and chat.remind_at <= now
            return _remind(chat, now) if is_due else 0
    except NotFound:
        return 0  # erased meanwhile
    except Exception:
        log.exception("nobody could be reminded of a chat; the next sweep tries again")
        return 0


def _remind(chat: ChatSession, now: datetime) -> int:
    assert chat.unheeded_since is not None
    if chat.is_snoozed or chat.visitor.is_blocked:
        remind_next(chat, chat.snoozed_until)
        return 0
    hours, told = schedule.of(chat.site), reminders.told_of(chat)
    steps = reminders.coming(reminders.plan_of(chat.site), hours, chat.unheeded_since)
    ahead = [one for one in steps if one.step not in told and one.at is not None]
    due = [one.step for one in ahead if one.at is not None and one.at <= now]
    if due and not schedule.is_open(hours, now):
        # a server that was away comes back at night: nobody is woken up
        remind_next(chat, schedule.changes_at(hours, now))
        return 0
    remind_next(chat, min((one.at for one in ahead if one.at is not None and one.at > now), default=None))
    return _tell(chat, due, now)


def _tell(chat: ChatSession, due: list[Step], now: datetime) -> int:
    link = ChatLink.objects.select_related("connection").filter(pk=chat.pk).first()
    in_slack = link is not None and link.connection.state != Connection.State.DISCONNECTED
    posts = [step for step in due if step != Step.MAIL and in_slack]
    to_tell = [*posts[-1:], *(step for step in due if step == Step.MAIL)]
    note_steps(chat, due, to_tell, now)
    for step in posts[-1:]:
        assert link is not None
        promise_post(chat, link, step)
    return len(to_tell)
