"""What a person wrote in Slack as our segments: from rich_text blocks, else from mrkdwn, which old clients send.

A visitor sees no Slack ids, channel names or user groups: people by their public name, the rest in plain words.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from livechat.segments import Segment, from_text
from slackapp import emojis, richtext
from slackapp.richtext import MOST_CHARACTERS, Look, is_kind, listed, words

FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
QUOTE = re.compile(r"&gt;(&gt;&gt;)? ?")
# what a mark encloses begins and ends with a character, stays in its line and holds tokens as a whole
INLINE = re.compile(
    r"""`(?P<code>[^`\n]+)`
    |<(?P<token>[^<>\n]+)>
    |(?<![\w*])\*(?=[^\s*])(?P<bold>(?:<[^<>\n]+>|[^*\n<])+)(?<=\S)\*(?![\w*])
    |(?<!\w)_(?=[^\s_])(?P<italic>(?:<[^<>\n]+>|[^_\n<])+)(?<=\S)_(?!\w)
    |(?<![\w~])~(?=[^\s~])(?P<strike>(?:<[^<>\n]+>|[^~\n<])+)(?<=\S)~(?![\w~])
    |:(?P<emoji>[a-z0-9_+'-]+)(?:::skin-tone-(?P<tone>[2-6]))?:""",
    re.VERBOSE,
)
BARE = Look()


def unescape(text: str) -> str:
    """Ampersand last, so that `&amp;lt;` stays `&lt;`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def segments_of(message: dict[str, Any], look: Look = BARE) -> list[Segment]:
    """The message's segments, whichever of its parts hold its words; what it only points to is named."""
    blocks = [block for block in listed(message.get("blocks")) if isinstance(block, dict)]
    reader = richtext.Reader(look)
    for block in blocks:
        _read_block(block, reader)
    found = richtext.tidy(reader.result) or from_mrkdwn(words(message.get("text")), look)
    named = [{"type": "text", "text": label} for label in _attached(listed(message.get("attachments")))]
    return richtext.tidy(_joined([found, *([one] for one in named)]))


# --- blocks that people's clients and apps make beside rich_text ------------------------------------------------------


def _read_block(block: dict[str, Any], reader: richtext.Reader) -> None:
    if block.get("type") == "rich_text":
        reader.read(listed(block.get("elements")))
        return
    texts = [text for text in _texts_of(block, reader.look) if text]
    if texts and reader.result:
        texts.insert(0, [])
    reader.result += _joined(texts)


def _texts_of(block: dict[str, Any], look: Look) -> Iterator[list[Segment]]:
    if is_kind(block, "section", "header"):
        for text in [block.get("text"), *listed(block.get("fields"))]:
            yield _text_object(text, look)
    elif is_kind(block, "context"):
        for element in listed(block.get("elements")):
            yield _picture(element) if is_kind(element, "image") else _text_object(element, look)
    elif is_kind(block, "image", "video"):
        yield _picture(block)
    elif is_kind(block, "markdown"):
        yield from_text(words(block.get("text"))[:MOST_CHARACTERS])


def _text_object(value: Any, look: Look) -> list[Segment]:
    if is_kind(value, "mrkdwn"):
        return from_mrkdwn(words(value.get("text")), look)
    return from_text(words(value.get("text"))[:MOST_CHARACTERS]) if is_kind(value, "plain_text") else []


def _picture(block: dict[str, Any]) -> list[Segment]:
    title = block.get("title")
    said = words(title.get("text")) if isinstance(title, dict) else words(title)
    kind = "Video" if is_kind(block, "video") else "Picture"
    about = said or words(block.get("alt_text"))
    return [{"type": "text", "text": f"[{kind}: {about[:200]}]" if about else f"[{kind}]"}]


def _attached(attachments: list[Any]) -> Iterator[str]:
    """What was shared from elsewhere is nobody's business outside; previews of links say nothing that is not there."""
    for one in attachments[:10]:
        if not isinstance(one, dict):
            continue
        if one.get("is_share"):
            yield "[A message shared in Slack]"
        elif not (one.get("from_url") or one.get("original_url") or one.get("is_msg_unfurl")):
            about = " ".join((words(one.get("title")) or words(one.get("fallback"))).split())
            yield f"[Attachment: {unescape(about)[:200]}]" if about else "[Attachment]"


def _joined(parts: Iterable[list[Segment]]) -> list[Segment]:
    """Each on a line of its own."""
    result: list[Segment] = []
    for number, part in enumerate(parts):
        result += ([{"type": "break", "text": "\n"}] if number else []) + part
    return result


# --- mrkdwn -----------------------------------------------------------------------------------------------------------


def from_mrkdwn(text: str, look: Look = BARE) -> list[Segment]:
    """Slack's own markup: fences, quotes, bold, italic, strike, code, tokens in `<…>`, three entities, `:emoji:`."""
    text, result, position = text[:MOST_CHARACTERS], [], 0
    for fence in FENCE.finditer(text):
        result += _lines(text[position : fence.start()], look)
        result.append({"type": "codeblock", "text": _raw(fence[1], look)})
        position = fence.end()
    return richtext.bounded(richtext.tidy(result + _lines(text[position:], look)))


def _lines(text: str, look: Look) -> list[Segment]:
    result: list[Segment] = []
    rest = False
    for number, line in enumerate(text.split("\n") if text else []):
        quote = QUOTE.match(line)
        if rest or quote:
            rest = rest or bool(quote and quote[1])
            _quote(result, _inline(line[quote.end() :] if quote else line, look, {}))
        else:
            result += ([{"type": "break", "text": "\n"}] if number else []) + _inline(line, look, {})
    return result


def _quote(result: list[Segment], inside: list[Segment]) -> None:
    if result and result[-1]["type"] == "quote":
        result[-1]["items"] = richtext.bounded(
            [*result[-1]["items"], {"type": "break", "text": "\n"}, *inside]
        )
    else:
        result.append({"type": "quote", "text": "", "items": inside})


def _inline(text: str, look: Look, style: dict[str, bool]) -> list[Segment]:
    result: list[Segment] = []
    position = 0
    for match in INLINE.finditer(text):
        result += _styled(from_text(unescape(text[position : match.start()])), style)
        result += _marked(match, look, style)
        position = match.end()
    return result + _styled(from_text(unescape(text[position:])), style)


def _marked(match: re.Match[str], look: Look, style: dict[str, bool]) -> list[Segment]:
    kind = next(name for name, found in match.groupdict().items() if found)
    if kind == "code":
        return [{"type": "code", "text": _raw(match["code"], look)}]
    if kind == "token":
        return _styled(_token(match["token"], look), style)
    if kind == "emoji":
        return [_emoji(match, look)]
    return _inline(match[kind], look, {**style, kind: True})


def _emoji(match: re.Match[str], look: Look) -> Segment:
    """`10:30:15` is no emoji either: a name that nobody knows stays as it was typed."""
    shown = emojis.character(match["emoji"], int(match["tone"]) if match["tone"] else None)
    found = richtext.emoji(shown, match["emoji"], look)
    return found if shown or "picture" in found else {"type": "text", "text": unescape(match[0])}


def _styled(segments: list[Segment], style: dict[str, bool]) -> list[Segment]:
    plain = ("break", "code")
    return [{**one, "style": style} if style and one["type"] not in plain else one for one in segments]


def _raw(text: str, look: Look) -> str:
    """Within code nothing is markup but the tokens that Slack puts there itself."""
    pieces, position = [], 0
    for match in re.finditer(r"<([^<>\n]+)>", text):
        pieces.append(unescape(text[position : match.start()]))
        pieces += [str(one["text"]) for one in _token(match[1], look)]
        position = match.end()
    return "".join([*pieces, unescape(text[position:])])


def _token(token: str, look: Look) -> list[Segment]:
    head, _, label = token.partition("|")
    label = unescape(label)
    if head.startswith("@"):
        return [richtext.mention("user", look, head[1:])]
    if head.startswith("#"):
        return [richtext.mention("channel", look)]
    if head.startswith("!"):
        return _command(head[1:], label, look)
    return [richtext.link(unescape(head), label)]


def _command(command: str, label: str, look: Look) -> list[Segment]:
    name, _, more = command.partition("^")
    readers: dict[str, Callable[[], list[Segment]]] = {
        "subteam": lambda: [richtext.mention("usergroup", look)],
        "date": lambda: _date(more.split("^"), label, look),
    }
    if command in richtext.CAST:
        return [richtext.mention("broadcast", look, command)]
    return readers[name]() if name in readers else [{"type": "text", "text": label}]


def _date(parts: list[str], label: str, look: Look) -> list[Segment]:
    """`<!date^timestamp^format^link|fallback>`."""
    shown = label or richtext.moment(parts[0], look)
    return [richtext.link(unescape(parts[2]), shown)] if len(parts) > 2 else [{"type": "text", "text": shown}]
