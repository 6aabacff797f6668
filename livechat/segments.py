"""Text as a list of segments, the one form that widget and console render (DOM nodes, never HTML).

Segment: {"type": "text|link|emoji|mention|code|codeblock|quote|list|break", "text", "url"?, "style"?, "items"?}.
An emoji that is a picture of ours has its key in "picture", which becomes a "url" in frames.
"""

import re
import unicodedata
from typing import Any
from urllib.parse import urlsplit

Segment = dict[str, Any]

# stops before white space, quotes, angle brackets and backslashes; trailing punctuation is given back below
URL = re.compile(r"https?://[^\s<>\"'`\\^{}|]+", re.IGNORECASE)
DOTS = re.compile("[.\u3002\uff0e\uff61]")
KEPT_SINCE_2003 = re.compile("[\u00df\u03c2\u200c\u200d]")
TRAILING = ".,;:!?*_~"
# these begin a line of their own
BLOCKS = ("list", "quote", "codeblock")
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


def true_host(url: str) -> str:
    """Where an address leads that reads like another: letters of other alphabets, a name before an @. Else empty."""
    try:
        parts = urlsplit(url)
        labels = [_as_sent(label) for label in DOTS.split(parts.hostname or "")]
    except ValueError:
        return ""
    host = ".".join(labels) if all(len(label) <= 63 for label in labels) else ""
    is_web = parts.scheme.lower() in ("http", "https")
    return host if is_web and ("@" in parts.netloc or host != parts.hostname) else ""


def _as_sent(label: str) -> str:
    """As browsers ask for it. Python's own codec is of 2003: it changes some letters, and refuses newer ones."""
    if label.isascii():
        return label
    label = unicodedata.normalize("NFKC", label.lower())
    if not KEPT_SINCE_2003.search(label):
        try:
            return label.encode("idna").decode()
        except UnicodeError:
            return f"xn--{label.encode('punycode').decode()}"  # a sign that was no letter of names then
    return f"xn--{label.encode('punycode').decode()}"


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
    words = ""
    for segment in segments:
        if segment["type"] in BLOCKS and words and not words.endswith("\n"):
            words += "\n"
        words += _text_of(segment)
    return words.strip("\n")


def _text_of(segment: Segment) -> str:
    kind = segment["type"]
    if kind == "list":
        return "".join(_entry(segment, item, n) for n, item in enumerate(segment["items"], 1))
    if kind == "quote":
        return "".join(f"> {line}\n" for line in to_text(segment["items"]).split("\n"))
    if kind == "codeblock":
        return f"{segment['text']}\n"
    return str(segment["text"])


def _entry(segment: Segment, item: list[Segment], number: int) -> str:
    inside = to_text(item).replace("\n", "\n  ")
    return f"{_bullet(segment, number)} {inside}\n"


def _bullet(segment: Segment, number: int) -> str:
    return f"{number + int(segment.get('offset', 0))}." if segment.get("ordered") else "•"
