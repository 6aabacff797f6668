"""`rich_text` blocks as segments: every element and leaf that Slack's editor makes, whatever else they hold.

What Slack calls nested is a flat row of lists with an indent; here it hangs in the entry it belongs to. Nothing is
deeper than MOST_LEVELS or has more than MOST_SEGMENTS parts: what is beyond stays as plain words.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from livechat.segments import BLOCKS, Segment, safe_url, to_text
from slackapp import emojis

MOST_LEVELS = 9
MOST_SEGMENTS = 3000
MOST_CHARACTERS = 40_000
STYLES = ("bold", "italic", "strike", "underline")
CAST = ("here", "channel", "everyone")


def _nothing(name: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Look:
    """What a visitor may know: a person's public name by Slack's user id, the key of a custom emoji's picture.

    `zone` is where the visitor lives, as an IANA name; asked for only where a date comes without words.
    """

    name_of: Callable[[str], str | None] = _nothing
    picture_of: Callable[[str], str | None] = _nothing
    zone: Callable[[], str] = str


def is_kind(value: Any, *kinds: str) -> bool:
    return isinstance(value, dict) and value.get("type") in kinds


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def words(value: Any) -> str:
    """A text that can be stored; empty for anything else."""
    return value.replace("\0", "").encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def lines(text: str) -> list[Segment]:
    result: list[Segment] = []
    for number, line in enumerate(text.split("\n")):
        if number:
            result.append({"type": "break", "text": "\n"})
        if line:
            result.append({"type": "text", "text": line})
    return result


def link(url: str, label: str) -> Segment:
    """An address that may not be followed keeps its words."""
    safe = safe_url(url)
    if safe is None:
        return {"type": "text", "text": label or url}
    bare = url.partition(":")[2] if url.lower().startswith(("mailto:", "tel:")) else url
    return {"type": "link", "text": label or bare, "url": safe}


def mention(kind: str, look: Look, who: str = "") -> Segment:
    """Neither ids nor names of channels and groups are a visitor's business."""
    named = {"usergroup": "@team", "channel": "a channel", "team": "the team"}
    if kind == "user":
        return {"type": "mention", "text": "@" + (look.name_of(who) or "colleague")}
    if kind == "broadcast":
        return {"type": "mention", "text": f"@{who if who in CAST else 'here'}"}
    return {"type": "mention", "text": named[kind]}


def moment(timestamp: Any, look: Look) -> str:
    """A date that came without words of its own: by the visitor's clock, in figures that every language reads."""
    try:
        found = datetime.fromtimestamp(int(timestamp), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return ""
    name = look.zone() or "UTC"
    try:
        found = found.astimezone(ZoneInfo(name))
    except (ValueError, OSError, OverflowError, ZoneInfoNotFoundError):
        name = "UTC"
    return f"{found:%Y-%m-%d %H:%M} {name.replace('_', ' ')}"


def emoji(shown: str | None, name: str, look: Look) -> Segment:
    if shown is not None:
        return {"type": "emoji", "text": shown}
    picture = look.picture_of(name)
    return {"type": "emoji", "text": f":{name}:"} | ({"picture": picture} if picture else {})


@dataclass(slots=True)
class Reader:
    """Reads the elements of one message; counts, so that no message outgrows what a browser shows at ease."""

    look: Look
    segments_left: int = MOST_SEGMENTS
    characters_left: int = MOST_CHARACTERS
    result: list[Segment] = field(default_factory=list)

    def read(self, elements: list[Any]) -> None:
        for element in elements:
            if not isinstance(element, dict):
                continue
            inside = listed(element.get("elements"))
            if element.get("type") == "rich_text_section":
                self.result += self._leaves(inside)
            elif element.get("type") == "rich_text_list":
                _hang(self._place(element), self._list(element, inside), _whole(element.get("indent")))
            elif element.get("type") == "rich_text_quote":
                self._quoted().extend(self._leaves(inside))
            elif element.get("type") == "rich_text_preformatted":
                self._place(element).append(self._codeblock(inside))

    def _place(self, element: dict[str, Any]) -> list[Segment]:
        """A border says that a list or code stands in a quote."""
        return self._quoted() if element.get("border") in (1, True) else self.result

    def _quoted(self) -> list[Segment]:
        if not self.result or self.result[-1]["type"] != "quote":
            self.result.append({"type": "quote", "text": "", "items": []})
        items: list[Segment] = self.result[-1]["items"]
        if items and items[-1]["type"] not in BLOCKS:
            items.append({"type": "break", "text": "\n"})
        return items

    def _codeblock(self, leaves: list[Any]) -> Segment:
        text = "".join(str(one["text"]) for leaf in leaves for one in self._leaf(leaf))
        return {"type": "codeblock", "text": text}

    def _list(self, element: dict[str, Any], items: list[Any]) -> Segment:
        segment: Segment = {"type": "list", "text": "", "items": []}
        for item in items:
            leaves = listed(item.get("elements")) if isinstance(item, dict) else []
            segment["items"].append(self._leaves(leaves))
        segment["ordered"] = element.get("style") == "ordered"
        if segment["ordered"] and (offset := _whole(element.get("offset"))):
            segment["offset"] = offset
        return segment

    def _leaves(self, leaves: list[Any]) -> list[Segment]:
        result: list[Segment] = []
        for leaf in leaves:
            found = self._leaf(leaf)
            if self.segments_left < 0 and result:
                result[-1] = _plain([result[-1], *found])
            else:
                result += found
        return result

    def _leaf(self, leaf: Any) -> list[Segment]:
        if not isinstance(leaf, dict):
            return []
        made = [self._cut(one) for one in self._made(leaf)]
        self.segments_left -= len(made)
        if self.segments_left < 0:
            return [_plain(made)]
        style = _style(leaf)
        return [{**one, "style": style} if style and one["type"] != "break" else one for one in made]

    def _cut(self, segment: Segment) -> Segment:
        """Slack itself takes no message of more characters; an event that has more is not its own."""
        text = str(segment["text"])[: max(self.characters_left, 0)]
        self.characters_left -= len(text)
        return {**segment, "text": text}

    def _made(self, leaf: dict[str, Any]) -> list[Segment]:
        kind, text = leaf.get("type"), words(leaf.get("text"))
        if kind == "text":
            return [{"type": "code", "text": text}] if _is_code(leaf) else lines(text)
        if kind == "link":
            return [link(words(leaf.get("url")), text)]
        if kind == "emoji":
            return [self._emoji(leaf)]
        if kind in ("user", "usergroup", "channel", "broadcast", "team"):
            return [mention(kind, self.look, words(leaf.get("user_id") or leaf.get("range")))]
        if kind == "date":
            return self._date(leaf)
        return lines(
            text or words(leaf.get("fallback")) or words(leaf.get("value")) or words(leaf.get("url"))
        )

    def _emoji(self, leaf: dict[str, Any]) -> Segment:
        name, tone = words(leaf.get("name")), leaf.get("skin_tone")
        tone = tone if isinstance(tone, int) else None
        return emoji(emojis.of_leaf(words(leaf.get("unicode")), name, tone), name, self.look)

    def _date(self, leaf: dict[str, Any]) -> list[Segment]:
        shown = words(leaf.get("fallback")) or moment(leaf.get("timestamp"), self.look)
        return [link(words(leaf["url"]), shown)] if words(leaf.get("url")) else lines(shown)


def _plain(segments: list[Segment]) -> Segment:
    return {"type": "text", "text": "".join(str(one["text"]) for one in segments)}


def _is_code(leaf: dict[str, Any]) -> bool:
    style = leaf.get("style")
    return isinstance(style, dict) and style.get("code") is True


def _style(leaf: dict[str, Any]) -> dict[str, bool]:
    """Code stands alone; whatever else a style holds (highlights of mentions) is Slack's own."""
    style = leaf.get("style")
    if not isinstance(style, dict) or _is_code(leaf):
        return {}
    return {name: True for name in STYLES if style.get(name) is True}


def _whole(value: Any) -> int:
    sound = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 100_000
    return int(value) if sound else 0


def _hang(place: list[Segment], segment: Segment, indent: int) -> None:
    """Into the last entry of the list above it, as deep as its indent says; a list that goes on is one list."""
    for _ in range(min(indent, MOST_LEVELS)):
        if not place or place[-1]["type"] != "list" or not place[-1]["items"]:
            break
        place = place[-1]["items"][-1]
    if place and _goes_on(place[-1], segment):
        place[-1]["items"] += segment["items"]
    else:
        place.append(segment)


def _goes_on(before: Segment, segment: Segment) -> bool:
    if before["type"] != "list" or before["ordered"] != segment["ordered"]:
        return False
    reached = int(before.get("offset", 0)) + len(before["items"])
    return not segment["ordered"] or segment.get("offset", 0) in (0, reached)


def bounded(segments: list[Segment]) -> list[Segment]:
    """What is beyond the bound stays as one plain text."""
    if len(segments) <= MOST_SEGMENTS:
        return segments
    return [*segments[:MOST_SEGMENTS], {"type": "text", "text": to_text(segments[MOST_SEGMENTS:])}]


def tidy(segments: list[Segment]) -> list[Segment]:
    """Without empty texts, and without the breaks around the whole and beside what begins a line of its own anyway."""
    kept = [segment for segment in segments if segment["type"] != "text" or segment["text"]]
    while kept and kept[0]["type"] == "break":
        kept.pop(0)
    while kept and kept[-1]["type"] == "break":
        kept.pop()
    neighbours = zip([None, *kept], kept, [*kept[1:], None], strict=False)
    return [one for before, one, after in neighbours if not _is_spare(one, before, after)]


def _is_spare(segment: Segment, before: Segment | None, after: Segment | None) -> bool:
    beside = [one["type"] for one in (before, after) if one is not None]
    return segment["type"] == "break" and any(kind in BLOCKS for kind in beside)
