"""The last step of reminders: a mail to people of the workspace. Slack may be what is in trouble, so it needs none."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import QuerySet
from django.utils import timezone

from accounts.mails import problem_of
from accounts.models import Member
from livechat.models import ChatSession
from slackapp.actions import reminders as acts
from slackapp.models import Reminder
from slackapp.notices import WHO
from slackapp.reminder_blocks import waited
from slackapp.reminders import plan_of

log = logging.getLogger(__name__)

AT_ONCE, MOST_TRIES = 50, 5
AGAIN = timedelta(minutes=2)


def is_any_due() -> bool:
    return _due(timezone.now()).exists()


def _due(now: datetime) -> QuerySet[Reminder]:
    return Reminder.objects.filter(state=Reminder.State.PROMISED, try_at__lte=now).order_by("try_at")


def send_due(now: datetime | None = None) -> int:
    """How many waits were told of by this call; each is taken before it is told."""
    now = now or timezone.now()
    return sum(_send(pk, now) for pk in list(_due(now).values_list("pk", flat=True)[:AT_ONCE]))


def _send(reminder_id: int, now: datetime) -> bool:
    reminder = acts.take_mail(reminder_id, now)
    if reminder is None:
        return False
    chat = reminder.chat
    if chat.unheeded_since != reminder.since:
        acts.settle_mail(reminder, Reminder.State.PASSED)
        return False
    missing = [address for address in recipients(chat) if not _mail(reminder, address, now)]
    state = Reminder.State.TOLD
    if missing:
        state = Reminder.State.FAILED if reminder.tries + 1 >= MOST_TRIES else Reminder.State.PROMISED
    acts.settle_mail(reminder, state, now + AGAIN if state == Reminder.State.PROMISED else None)
    return not missing


def recipients(chat: ChatSession) -> list[str]:
    """Addresses of whoever was chosen and is still here, else of owners and admins."""
    members = Member.objects.in_workspace(chat.site.workspace).filter(user__email__isnull=False)
    chosen = members.filter(pk__in=plan_of(chat.site).members)
    found = chosen if chosen.exists() else members.filter(role__in=WHO)
    return [str(address) for address in found.order_by("pk").values_list("user__email", flat=True)]


def _mail(reminder: Reminder, address: str, now: datetime) -> bool:
    """Whether they have it. It says nothing of the visitor but that they wait."""
    if address in reminder.mailed:
        return True
    chat = reminder.chat
    wait, site = waited(now - (chat.waiting_since or now)), chat.site
    body = (
        f"A visitor on {site.name} has been waiting for {wait} and nobody has answered.\n\n"
        f"Answer here: {settings.CONSOLE_URL}/console/chats/{chat.pk}\n\n"
        f"When you are reminded: {settings.CONSOLE_URL}/console/sites/{site.pk}/reminders\n"
    )
    try:
        send_mail(f"A visitor on {site.name} has been waiting for {wait}", body, None, [address])
    except (SMTPException, OSError) as error:
        log.warning("somebody could not be reminded by mail: %s", problem_of(error))
        return False
    reminder.mailed = [*reminder.mailed, address]
    return True
