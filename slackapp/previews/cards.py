"""How chats, sites and reports look below a link. What people wrote or are called stands in plain_text alone.

Slack takes no rich_text here (docs.slack.dev/messaging/unfurling-links-in-messages). No address of a page, no e-mail
address and, unless the link points at it, no word of a visitor is shown.
"""

import re
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Workspace
from livechat.models import ChatSession, Message, Site
from slackapp import blocks
from slackapp.previews import numbers

Block = dict[str, Any]

LONGEST_WORDS = 600
EMAIL = re.compile(r"[^\s@<>()\[\],;:\"']+@[^\s@<>()\[\],;:\"']+\.[^\s@<>()\[\],;:\"']+")
INSTEAD_OF_EMAIL = "(e-mail address)"
OF_A_NOTE = "The link points at a note. Notes are read in the console."
GONE = "This is no longer shown."


def gone() -> Block:
    """Instead of what a preview showed before."""
    return {"blocks": [{"type": "context", "elements": [_plain(GONE)]}]}


def chat(found: ChatSession, message: Message | None = None, *, note: bool = False) -> Block:
    """Needs site, visitor and agent loaded. `note`: the link points at a line that stays inside."""
    title, counted = f"Chat with {_name(found)}", numbers.of_chat(found)
    shown = [_header(title)]
    if message is not None:
        shown += _said(found, message)
    shown.append(
        _fields(
            _state(found, counted),
            _holder(found),
            _counts(counted),
            f"Site: {found.site.name}",
            _rated(found),
            _known(found),
        )
    )
    if note:
        shown.append({"type": "context", "elements": [_plain(OF_A_NOTE)]})
    shown.append({"type": "context", "elements": [_own_words(_times(found, counted))]})
    return _unfurl(title, shown)


def site(found: Site) -> Block:
    """Needs its workspace loaded."""
    now, week = numbers.open_chats(found), numbers.of_days(found.workspace, found)
    open_now = f"{_many(now.open, 'open chat')} now, {now.waiting} waiting for an answer"
    return _unfurl(
        found.name, [_header(found.name), _fields(open_now), _fields(*_of_days(week)), _last_days()]
    )


def reports(workspace: Workspace) -> Block:
    title = f"Reports of {workspace.name}"
    return _unfurl(title, [_header(title), _fields(*_of_days(numbers.of_days(workspace))), _last_days()])


def _unfurl(title: str, shown: list[Block]) -> Block:
    """`preview` is what the composer shows."""
    return {"blocks": shown, "preview": {"title": _plain(title, 150)}}


def _plain(text: str, limit: int = 300) -> Block:
    return {"type": "plain_text", "text": text[:limit] or "–", "emoji": False}


def _header(text: str) -> Block:
    return {"type": "header", "text": _plain(text, 150)}


def _fields(*texts: str) -> Block:
    return {"type": "section", "fields": [_plain(text) for text in texts if text]}


def _own_words(text: str) -> Block:
    """For nothing but words of ours and moments, which Slack shows by each reader's clock."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _name(found: ChatSession) -> str:
    """Of the visitor; one that is an e-mail address is not told."""
    if EMAIL.search(found.visitor.name):
        return f"Visitor {found.visitor.pk.hex[:4]}"
    return blocks.username(found.visitor.display_name, "")


def _said(found: ChatSession, message: Message) -> list[Block]:
    words = EMAIL.sub(INSTEAD_OF_EMAIL, message.body)
    if len(words) > LONGEST_WORDS:
        words = f"{blocks.parts(words, LONGEST_WORDS)[0]}…"
    files = "Sent a file" if message.has_files and not words else ""
    author = [_plain(_author(found, message)), _own_words(_moment(message.created_at))]
    return [
        {"type": "section", "text": _plain(words or files, LONGEST_WORDS + 1)},
        {"type": "context", "elements": author},
    ]


def _author(found: ChatSession, message: Message) -> str:
    if message.author_kind == Message.Author.VISITOR:
        return f"{_name(found)} (visitor)"
    name = message.agent.name if message.agent is not None else ""
    return f"{name or 'The team'}{' (note)' if message.is_note else ''}"


def _state(found: ChatSession, counted: numbers.OfChat) -> str:
    if not found.is_open:
        return "Closed"
    if found.is_snoozed:
        return "Snoozed"
    return "Open, waits for an answer" if counted.waits_since is not None else "Open, answered"


def _holder(found: ChatSession) -> str:
    return f"{found.agent.name or 'Somebody'} has it" if found.agent is not None else "Nobody has it"


def _rated(found: ChatSession) -> str:
    """The stars alone: a comment is words of the visitor's."""
    return f"Rated {found.stars}" if found.stars else ""


def _known(found: ChatSession) -> str:
    """Not as whom: a website may know people by their e-mail address."""
    if found.visitor.is_verified:
        return "🛡️ Verified visitor"
    return "Unverified visitor" if found.site.checks_identity else ""


def _counts(counted: numbers.OfChat) -> str:
    return f"{_many(counted.by_visitor, 'message')}, {_many(counted.by_team, 'answer')}"


def _times(found: ChatSession, counted: numbers.OfChat) -> str:
    told = [f"Began {_moment(found.started_at)}"]
    if counted.first_answer_at is not None:
        told.append(f"first answer after {_lasted(counted.first_answer_at - found.started_at)}")
    if counted.waits_since is not None and found.is_open:
        told.append(f"waits since {_moment(counted.waits_since)}")
    elif found.last_message_at is not None and found.is_open:
        told.append(f"last message {_moment(found.last_message_at)}")
    if found.closed_at is not None and not found.is_open:
        told.append(f"closed {_moment(found.closed_at)}")
    return " · ".join(told)


def _moment(at: datetime) -> str:
    """docs.slack.dev/messaging/formatting-message-text#date-formatting; the words behind are for old clients."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at:%Y-%m-%d %H:%M} UTC>"


def _of_days(week: numbers.OfDays) -> list[str]:
    if not week.chats:
        return ["No chats"]
    fields = [_many(week.chats, "chat"), f"{week.answered} answered, {week.chats - week.answered} not"]
    if week.median_answer is not None:
        fields.append(f"First answer after {_lasted(week.median_answer)} (median)")
    return fields


def _last_days() -> Block:
    return {"type": "context", "elements": [_plain(f"Chats of the last {numbers.LAST_DAYS} days")]}


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _lasted(wait: timedelta) -> str:
    minutes = int(wait.total_seconds()) // 60
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return _many(minutes, "minute")
    return _many(minutes // 60, "hour") if minutes < 48 * 60 else _many(minutes // (24 * 60), "day")
