"""What Slack is shown: the card and visitor lines. Visitor text goes into elements that parse nothing."""

import re
from collections.abc import Iterator
from typing import Any

import regex

from livechat.models import ChatSession
from livechat.segments import URL, safe_url

Block = dict[str, Any]

# a rich_text element holds more, but whole messages were refused near 13,000 characters and texts at 3,000
PART_SIZE = 3000
GRAPHEME = regex.compile(r"\X")
NAME_JUNK = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff@#<>&*_~`|:]")


def escaped(text: str) -> str:
    """Slack's three entities, ampersand first (docs.slack.dev/messaging/formatting-message-text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def parts(text: str) -> list[str]:
    """The text in pieces of at most 3,000 code points, never cut inside a grapheme unless one alone is longer."""
    result, current = [], ""
    for piece in _pieces(text):
        if current and len(current) + len(piece) > PART_SIZE:
            result.append(current)
            current = ""
        current += piece
    return [*result, current]


def _pieces(text: str) -> Iterator[str]:
    for grapheme in GRAPHEME.findall(text):
        for start in range(0, len(grapheme), PART_SIZE):
            yield grapheme[start : start + PART_SIZE]


def username(name: str, suffix: str = "(visitor)") -> str:
    """A sender's name that can neither ping nor pass for a member."""
    clean = " ".join(NAME_JUNK.sub("", name).split())[:60] or "Visitor"
    return f"{clean} {suffix}".strip()


def rich_text(text: str) -> Block:
    """Text as typed; http(s) addresses become links whose label is the address itself."""
    elements: list[Block] = []
    position = 0
    for match in URL.finditer(text):
        url = match.group().rstrip(".,;:!?*_~)]'\"")
        if safe_url(url) is None or len(url) > 2000:
            continue
        _add_text(elements, text[position : match.start()])
        elements.append({"type": "link", "url": url})
        position = match.start() + len(url)
    _add_text(elements, text[position:])
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def _add_text(elements: list[Block], text: str) -> None:
    if text:
        elements.append({"type": "text", "text": text})


def line(text: str, name: str, metadata: dict[str, Any]) -> dict[str, Any]:
    """Arguments of chat.postMessage for a line, without channel and thread."""
    return {
        "text": escaped(text)[:3900],
        "blocks": [rich_text(text)],
        "username": name,
        "mrkdwn": False,
        "parse": "none",
        "unfurl_links": False,
        "unfurl_media": False,
        "metadata": metadata,
    }


def line_metadata(message_ids: list[str]) -> dict[str, Any]:
    return {"event_type": "chat_message", "event_payload": {"mids": message_ids}}


def part_metadata(message_id: str, part: int, of: int) -> dict[str, Any]:
    return {"event_type": "chat_part", "event_payload": {"mid": message_id, "part": part, "of": of}}


def card_metadata(chat_id: str) -> dict[str, Any]:
    return {"event_type": "chat_card", "event_payload": {"chat": chat_id}}


def _plain(text: str, limit: int = 300) -> Block:
    return {"type": "plain_text", "text": text[:limit] or "–", "emoji": False}


def card(chat: ChatSession, console_url: str) -> dict[str, Any]:
    """The root of a chat's thread: who, where, and a way into the console. Needs site and visitor loaded."""
    name = username(chat.visitor.display_name, "")
    title = f"New chat · {name}"
    about = [f"Site: {chat.site.name}"]
    if chat.page_url:
        about.append(f"Page: {chat.page_title or chat.page_url}")
    if chat.locale or chat.timezone:
        about.append(" · ".join(part for part in (chat.locale, chat.timezone) if part))
    blocks: list[Block] = [
        {"type": "header", "text": _plain(title, 150)},
        {"type": "section", "fields": [_plain(line) for line in about]},
    ]
    if chat.page_url and safe_url(chat.page_url):
        blocks.append(rich_text(chat.page_url))
    blocks.append(
        {
            "type": "context",
            "elements": [_plain("Answer in this thread. A line that begins with ;; stays inside.")],
        }
    )
    button = {
        "type": "button",
        "action_id": "chat.open",
        "text": _plain("Open in console", 75),
        "url": f"{console_url}/console/chats/{chat.id}",
        "value": str(chat.id),
    }
    blocks.append({"type": "actions", "block_id": f"chat:{chat.id}", "elements": [button]})
    return {
        "text": escaped(f"{title} on {chat.site.name}"),
        "blocks": blocks,
        "mrkdwn": False,
        "parse": "none",
        "unfurl_links": False,
        "unfurl_media": False,
        "metadata": card_metadata(str(chat.id)),
    }


def notice(text: str) -> dict[str, Any]:
    """A plain sentence of our own, e.g. the introduction; for chat.postMessage and chat.postEphemeral alike."""
    return {
        "text": escaped(text),
        "blocks": [{"type": "section", "text": _plain(text, 3000)}],
        "parse": "none",
    }
