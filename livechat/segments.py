"""Text as a list of segments, the one form that widget and console render (DOM nodes, never HTML).

Segment: {"type": "text|link|emoji|mention|code|codeblock|quote|list|break", "text", "url"?, "style"?, "items"?}.
"""

import re
from typing import Any
from urllib.parse import urlsplit

Segment = dict[str, Any]

# stops before white space, quotes, angle brackets and backslashes; trailing punctuation is given back below
URL = re.compile(r"https?://[^\s<>\"'`\\^{}|]+", re.IGNORECASE)
TRAILING = ".,;:!?*_~"
SAFE_SCHEMES = ("http", "https", "mailto", "tel")


def safe_url(url: str) -> str | None:
    """The address if a browser may be sent there on a click, else None."""
    if any(character.isspace() or ord(character) < 32 for character in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme.lower() not in SAFE_SCHEMES:
        return None
    return url if parts.netloc or parts.scheme.lower() in ("mailto", "tel") else None


def _trimmed(url: str) -> str:
    while url and (
        url[-1] in TRAILING or (url[-1] in ")]" and url.count(url[-1]) > url.count("(["[")]".index(url[-1])]))
    ):
        url = url[:-1]
    return url


def from_text(text: str) -> list[Segment]:
    """Plain text: lines, and http(s) addresses as links whose label is the address itself. Nothing else is markup."""
    result: list[Segment] = []
    position = 0
    for match in URL.finditer(text):
        url = _trimmed(match.group())
        if safe_url(url) is None:
            continue
        _add_lines(result, text[position : match.start()])
        result.append({"type": "link", "text": url, "url": url})
        position = match.start() + len(url)
    _add_lines(result, text[position:])
    return result


def _add_lines(result: list[Segment], text: str) -> None:
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
        if number:
            result.append({"type": "break", "text": "\n"})
        if line:
            result.append({"type": "text", "text": line})


def to_text(segments: list[Segment]) -> str:
    """The words alone, for bodies, search and notifications."""
    return "".join(_text_of(segment) for segment in segments).strip("\n")


def _text_of(segment: Segment) -> str:
    kind = segment["type"]
    if kind == "list":
        return "".join(
            f"{_bullet(segment, n)} {to_text(item)}\n" for n, item in enumerate(segment["items"], 1)
        )
    if kind == "quote":
        return "".join(f"> {line}\n" for line in to_text(segment["items"]).split("\n"))
    if kind == "codeblock":
        return f"{segment['text']}\n"
    return str(segment["text"])


def _bullet(segment: Segment, number: int) -> str:
    return f"{number + int(segment.get('offset', 0))}." if segment.get("ordered") else "•"
