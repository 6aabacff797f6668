"""What tests of reminders do and look at."""

from typing import Any

from livechat.models import ChatSession
from slackapp import reminder_mails, reminding
from slackapp.models import ReminderPlan
from tests.slackapp.passing import go_by as go_by
from tests.slackapp.peer import Json, Slack, settle

OF_REMINDERS = ("chat_reminder", "chat_lobby_reminder")


def plan(chat: ChatSession, **values: Any) -> None:
    """Nothing but these steps."""
    never = dict.fromkeys(("thread_minutes", "channel_minutes", "mention_minutes", "mail_minutes"))
    ReminderPlan.unscoped.update_or_create(site=chat.site, defaults={**never, **values})


def minutes_later(slack: Slack, minutes: float) -> None:
    go_by(minutes)
    reminding.remind_due()
    reminder_mails.send_due()
    settle(slack)


def reminders_in(slack: Slack, channel_id: str) -> list[Json]:
    """The oldest first."""
    found = slack.look("messages", channel=channel_id)["messages"]
    return [m for m in found if (m.get("metadata") or {}).get("event_type") in OF_REMINDERS]


def words_of(message: Json) -> str:
    """The line as it reads, people and channels by their ids."""
    (section,) = message["blocks"][0]["elements"]
    return "".join(
        str(part.get("text") or part.get("user_id") or part.get("channel_id")) for part in section["elements"]
    )
