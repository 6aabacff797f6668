"""What Slack is shown: the card and visitor lines. Visitor text goes into elements that parse nothing."""

import re
from collections.abc import Iterator
from typing import Any

import regex

from livechat.segments import URL, safe_url, true_host

Block = dict[str, Any]

# a rich_text element holds more, but whole messages were refused near 13,000 characters and texts at 3,000
PART_SIZE = 3000
GRAPHEME = regex.compile(r"\X")
# letters that show nothing would leave a sender without a name
UNSEEN = regex.compile(r"[\p{Default_Ignorable_Code_Point}\p{M}\s\u2800]*")
NAME_JUNK = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff@#<>&*_~`|:]")


def escaped(text: str) -> str:
    """Slack's three entities, ampersand first (docs.slack.dev/messaging/formatting-message-text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def parts(text: str, size: int = PART_SIZE) -> list[str]:
    """The text in pieces of at most `size` code points, never cut inside a grapheme unless one alone is longer."""
    result, current = [], ""
    for piece in _pieces(text, size):
        if current and len(current) + len(piece) > size:
            result.append(current)
            current = ""
        current += piece
    return [*result, current]


def _pieces(text: str, size: int) -> Iterator[str]:
    for grapheme in GRAPHEME.findall(text):
        for start in range(0, len(grapheme), size):
            yield grapheme[start : start + size]


def username(name: str, suffix: str = "(visitor)") -> str:
    """A sender's name that can neither ping nor pass for a member."""
    clean = " ".join(NAME_JUNK.sub("", name).split())[:60]
    return f"{'Visitor' if UNSEEN.fullmatch(clean) else clean} {suffix}".strip()


def rich_text(text: str) -> Block:
    """Text as typed; http(s) addresses become links whose label is the address itself.

    Slack shows a host as it was written: of one that reads like another it is said where it leads, in italics, which
    nothing typed is in. An address in capitals stays text: Slack need not take it for one, and would refuse the whole
    message.
    """
    elements: list[Block] = []
    position = 0
    for match in URL.finditer(text):
        url = match.group().rstrip(".,;:!?*_~)]'\"")
        if safe_url(url) is None or len(url) > 2000 or not url.startswith(("http://", "https://")):
            continue
        _add_text(elements, text[position : match.start()])
        elements.append({"type": "link", "url": url})
        if host := true_host(url):
            elements.append({"type": "text", "text": f" (leads to {host})", "style": {"italic": True}})
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


def own_line(text: str, metadata: dict[str, Any]) -> dict[str, Any]:
    """As `line`, under the app's own name: Slack lets the app delete only what it posted so."""
    return {name: value for name, value in line(text, "", metadata).items() if name != "username"}


def files_elsewhere(who: str, names: list[str], url: str) -> str:
    """Instead of files that Slack does not take; the address wants a login."""
    what = ", ".join(names) or "a file"
    return f"{who} sent {what}, which Slack did not take. Open it in the console: {url}"


def line_metadata(message_ids: list[str]) -> dict[str, Any]:
    return {"event_type": "chat_message", "event_payload": {"mids": message_ids}}


def part_metadata(message_id: str, part: int, of: int) -> dict[str, Any]:
    return {"event_type": "chat_part", "event_payload": {"mid": message_id, "part": part, "of": of}}


def card_metadata(chat_id: str) -> dict[str, Any]:
    return {"event_type": "chat_card", "event_payload": {"chat": chat_id}}


def plain(text: str, limit: int = 300) -> Block:
    """Shown as it is written."""
    return {"type": "plain_text", "text": text[:limit] or "–", "emoji": False}


def duration(minutes: int) -> str:
    """`1 hour`, `90 minutes`, `2 days`."""
    for size, word in ((1440, "day"), (60, "hour")):
        if minutes >= size and minutes % size == 0:
            count = minutes // size
            return f"{count} {word}" if count == 1 else f"{count} {word}s"
    return f"{minutes} minutes" if minutes != 1 else "1 minute"


def notice(text: str) -> dict[str, Any]:
    """A plain sentence of our own, e.g. the introduction; for chat.postMessage and chat.postEphemeral alike.

    An address at its end can be pressed.
    """
    words, colon, address = text.rpartition(": https://")
    block: Block = {"type": "section", "text": plain(text, 3000)}
    if colon:
        said = {"type": "text", "text": f"{words}: "}
        link = {"type": "link", "url": f"https://{address}"}
        section = {"type": "rich_text_section", "elements": [said, link]}
        block = {"type": "rich_text", "elements": [section]}
    return {"text": escaped(text), "blocks": [block], "parse": "none"}
