"""The words of a reminder in Slack. They name no visitor: the thread or the channel beside them does."""

from datetime import datetime, timedelta
from typing import Any

from livechat.models import ChatSession
from slackapp.blocks import Block, escaped, username
from slackapp.models import ChatLink
from slackapp.reminded import Step
from slackapp.room_blocks import TAKE

BELL = "\N{ALARM CLOCK}"


def reminder(
    chat: ChatSession, people: list[str], room: str, now: datetime, console_url: str
) -> dict[str, Any]:
    """Arguments of chat.postMessage without metadata, channel and thread. Needs the chat's agent loaded.

    `people`: ids of those who are mentioned. `room`: the chat's own channel, where it is said elsewhere.
    """
    said = sentence(chat, now)
    words: list[Block] = [{"type": "text", "text": f"{BELL} "}]
    for user_id in people:
        words += [{"type": "user", "user_id": user_id}, {"type": "text", "text": ", "}]
    words.append({"type": "text", "text": said[0].lower() + said[1:] if people else said})
    if room:
        words += [{"type": "text", "text": " "}, {"type": "channel", "channel_id": room}]
    return {
        "text": f"{BELL} {escaped(said)}",
        "blocks": [
            {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": words}]},
            {"type": "actions", "block_id": f"remind:{chat.pk}", "elements": _buttons(chat, console_url)},
        ],
        "mrkdwn": False,
        "parse": "none",
        "unfurl_links": False,
        "unfurl_media": False,
    }


def sentence(chat: ChatSession, now: datetime) -> str:
    waits = f"A visitor has been waiting for {waited(now - (chat.waiting_since or now))}."
    return f"{waits} {username(chat.agent.name, '')} has this chat." if chat.agent is not None else waits


def waited(wait: timedelta) -> str:
    """`1 minute`, `12 minutes`, `3 hours`, `2 days`: never more than it was."""
    minutes = max(int(wait / timedelta(minutes=1)), 1)
    for size, word in ((2880, "days"), (120, "hours")):
        if minutes >= size:
            return f"{minutes * 2 // size} {word}"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def _buttons(chat: ChatSession, console_url: str) -> list[Block]:
    address = f"{console_url}/console/chats/{chat.pk}"
    buttons = [_button("chat.open", "Open in console", chat, url=address)]
    return buttons if chat.agent_id else [_button(TAKE, "Take", chat, style="primary"), *buttons]


def _button(action_id: str, label: str, chat: ChatSession, **more: str) -> Block:
    text = {"type": "plain_text", "text": label, "emoji": False}
    return {"type": "button", "action_id": action_id, "text": text, "value": str(chat.pk), **more}


def is_broadcast(link: ChatLink, step: str) -> bool:
    """A line of a thread that the whole channel is shown. A mention reaches its people without."""
    return not link.is_noisy and step == Step.CHANNEL
