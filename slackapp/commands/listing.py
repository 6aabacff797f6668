"""`list`: the open chats, who waits the longest first, each with the buttons that its card has."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from livechat import snooze
from slackapp.asked import Asked
from slackapp.blocks import username
from slackapp.commands import scope
from slackapp.commands.status import lasting
from slackapp.commands.verb import Answer, Json
from slackapp.modals.modal import plain
from slackapp.models import ChatLink

SHOWN = 12
EXCERPT = 140
NONE = "No open chats. When a visitor writes, the chat appears in its channel."


def show(asked: Asked) -> Answer:
    chats = scope.open_chats(scope.connections(asked))
    count, found = chats.count(), list(chats[:SHOWN])
    if not found:
        return Answer(NONE)
    head = f"{count} open {'chat' if count == 1 else 'chats'}"
    more = (
        f"And {count - SHOWN} more in the console: {settings.CONSOLE_URL}/console/chats"
        if count > SHOWN
        else ""
    )
    return Answer("\n".join(filter(None, [head, *map(line, found), more])), shown(head, found, more))


def shown(head: str, links: list[ChatLink], more: str = "") -> list[Json]:
    """Names and pages are visitors' words: they stand in plain text."""
    blocks: list[Json] = [{"type": "section", "text": plain(head)}]
    for link in links:
        blocks.append({"type": "section", "text": plain(line(link), 600)})
        blocks.append({"type": "actions", "block_id": f"list:{link.pk}", "elements": _buttons(link)})
    return [*blocks, {"type": "context", "elements": [plain(more)]}] if more else blocks


def line(link: ChatLink) -> str:
    """`Anna (3f2a) · Shop · waits for 5 min · nobody has it`, and their last words below.

    What stands in brackets names the chat to other verbs; a visitor without a name is called by a number anyway.
    """
    chat, name = link.chat, username(link.chat.visitor.display_name, "")
    if chat.visitor.name or link.is_noisy:
        name = f"{name} ({handle(link)})"
    who = f"{chat.agent} has it" if chat.agent is not None else "nobody has it"
    return " · ".join([name, chat.site.name, _state(link, timezone.now()), who]) + _said(link)


def _said(link: ChatLink) -> str:
    words = " ".join(str(getattr(link, "last_words", None) or "").split())
    short = words if len(words) <= EXCERPT else f"{words[:EXCERPT]}…"
    return f"\n“{short}”" if words else ""


def _state(link: ChatLink, now: datetime) -> str:
    chat = link.chat
    if chat.snoozed_until is not None:
        return f"snoozed until {snooze.said(chat.snoozed_until, snooze.clock_of(chat.site), now)}"
    return f"waits for {lasting(chat.waiting_since, now)}" if chat.waiting_since else "answered"


def handle(link: ChatLink) -> str:
    """A chat's short name: that of its own channel, or how its id begins."""
    return f"#{link.room_name}" if link.is_noisy and link.room_name else link.pk.hex[:4]


def _buttons(link: ChatLink) -> list[Json]:
    chat_id, is_free = str(link.pk), link.chat.agent_id is None
    take = [{**_button("chat.take", "Take", chat_id), "style": "primary"}] if is_free else []
    url = f"{settings.CONSOLE_URL}/console/chats/{chat_id}"
    return [
        *take,
        _button("chat.close", "Close", chat_id),
        {**_button("chat.open", "Open in console", chat_id), "url": url},
    ]


def _button(action_id: str, words: str, value: str) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(words, 75), "value": value}
