"""Writes of reminders: a site's plan, the steps of a wait that are told, mails that are promised and taken."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from accounts.actions import audited
from accounts.models import Member
from livechat.actions.waiting import look_again
from livechat.models import ChatSession, Site
from slackapp import promises
from slackapp.models import ChatLink, Delivery, Reminder, ReminderPlan
from slackapp.reminded import Step
from slackapp.settings_told import reminder_settings

State = Reminder.State


def set_plan(member: Member, site: Site, **values: Any) -> None:
    """Minutes of each step, `people`, `members`. Visitors who wait now are looked at again."""
    subject = f"site:{site.pk}"
    with audited(
        member.workspace, member.user, "site.reminders_changed", subject, lambda: reminder_settings(site)
    ):
        ReminderPlan.unscoped.update_or_create(site=site, defaults=values)
        look_again(site)


def note_steps(chat: ChatSession, due: Iterable[Step], to_tell: list[Step], now: datetime) -> None:
    """Once each, under the chat's row lock. What is overtaken by a louder step is written as passed."""
    assert chat.unheeded_since is not None
    for step in due:
        state = State.TOLD if step in to_tell else State.PASSED
        is_mail = step in to_tell and step == Step.MAIL
        Reminder.objects.create(
            chat=chat,
            since=chat.unheeded_since,
            step=step,
            state=State.PROMISED if is_mail else state,
            try_at=now if is_mail else None,
        )


def promise_post(chat: ChatSession, link: ChatLink, step: Step) -> None:
    """Behind the lines that Slack does not have yet. Under the chat's row lock."""
    assert chat.unheeded_since is not None
    in_lobby = link.is_noisy and step != Step.THREAD
    kind = Delivery.Kind.REMIND_LOBBY if in_lobby else Delivery.Kind.REMIND
    args = {"step": step.value, "since": chat.unheeded_since.isoformat()}
    Delivery.objects.create(lane_id=link.lane_id, link=link, kind=kind, args=args)
    promises.wake(link.lane_id)


# --- mails ------------------------------------------------------------------------------------------------------------


def take_mail(reminder_id: int, now: datetime) -> Reminder | None:
    """For the caller alone: whoever dies with it has perhaps sent it, so it is not sent again. None: it is not due."""
    due = Reminder.objects.filter(pk=reminder_id, state=State.PROMISED, try_at__lte=now)
    if not due.update(state=State.SENDING):
        return None
    return Reminder.objects.select_related("chat__site").get(pk=reminder_id)


def settle_mail(reminder: Reminder, state: str, try_at: datetime | None = None) -> None:
    """With `mailed` as it is in the row that was taken."""
    Reminder.objects.filter(pk=reminder.pk).update(
        state=state, try_at=try_at, tries=reminder.tries + 1, mailed=reminder.mailed
    )
