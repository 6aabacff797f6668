"""Counts of a chat in its own row (C6), as `livechat.waiting` keeps its waits: under the row lock, the caller saves."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from livechat import schedule
from livechat.models import ChatSession, Message, Site

COLUMNS = ("visitor_lines", "agent_lines", "first_answer_seconds")


def heard(chat: ChatSession, message: Message) -> datetime | None:
    """A line that the visitor sees. If it is the first answer: since when they had waited for it.

    To be called before `waiting.heard`, which forgets that. What an agent says before the visitor has said
    anything is no answer.
    """
    if message.author_kind == Message.Author.VISITOR:
        chat.visitor_lines += 1
    elif message.author_kind == Message.Author.AGENT:
        chat.agent_lines += 1
        if chat.first_answer_seconds is None and chat.visitor_lines:
            asked = chat.waiting_since or chat.started_at
            chat.first_answer_seconds = seconds(asked, message.created_at)
            return asked
    return None


def is_first_of_visitor(chat: ChatSession, message: Message) -> bool:
    return message.author_kind == Message.Author.VISITOR and chat.visitor_lines == 1


def seconds(since: datetime, until: datetime) -> int:
    """Never below nought: lines that were written in Slack while nothing ran come with its moments."""
    return max(0, int((until - since).total_seconds()))


def open_seconds(site: Site, since: datetime, until: datetime) -> int:
    return int(schedule.open_between(schedule.of(site), since, until).total_seconds())


def place(site: Site, at: datetime) -> tuple[date, int]:
    """Day and slot of a moment on the site's clock."""
    local = at.astimezone(ZoneInfo(schedule.of(site).zone))
    return local.date(), local.weekday() * 24 + local.hour
