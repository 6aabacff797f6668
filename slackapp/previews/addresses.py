"""What an address of the console leads to. Read strictly, from its letters alone: nothing is ever fetched."""

import re
import uuid
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

LONGEST = 500
MOST = 5
_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# no blanks, no backslash, nothing beyond ASCII: what browsers and parsers read differently is not an address of ours
_SOUND = re.compile(rf"[!-\[\]-~]{{1,{LONGEST}}}")
_QUERY = re.compile(r"[\w=&;.~%+-]*", re.ASCII)
_MESSAGE = re.compile(rf"m-({_ID})")
_PART_OF_PAGE = re.compile(r"[a-z-]*")


class Kind(Enum):
    CHAT = "chat"
    SITE = "site"
    REPORTS = "reports"


_PATHS = {
    Kind.CHAT: re.compile(rf"/console/chats/({_ID})"),
    Kind.SITE: re.compile(rf"/console/sites/({_ID})"),
    Kind.REPORTS: re.compile(r"/console/reports()"),
}


@dataclass(frozen=True, slots=True)
class Address:
    """`id` of the chat or site; `message_id`: the line of the chat that is pointed at. Neither proves anything."""

    kind: Kind
    id: uuid.UUID | None = None
    message_id: uuid.UUID | None = None


def read(url: object) -> Address | None:
    """None for whatever is no address of a page of ours that can be previewed."""
    if not isinstance(url, str) or not _SOUND.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if f"{parts.scheme}://{parts.netloc.lower()}" not in (settings.CONSOLE_URL, settings.PUBLIC_URL):
        return None
    if not _QUERY.fullmatch(parts.query):
        return None
    for kind, path in _PATHS.items():
        if found := path.fullmatch(parts.path):
            return _address(kind, found[1], parts.fragment)
    return None


def _address(kind: Kind, id_: str, fragment: str) -> Address | None:
    pointed_at = _MESSAGE.fullmatch(fragment) if kind is Kind.CHAT else None
    if pointed_at is None and not _PART_OF_PAGE.fullmatch(fragment):
        return None
    return Address(
        kind,
        uuid.UUID(id_) if id_ else None,
        uuid.UUID(pointed_at[1]) if pointed_at is not None else None,
    )


def among(links: Any) -> list[str]:
    """Addresses of ours in what link_shared lists, each once, the first few."""
    given = [one.get("url") for one in links if isinstance(one, dict)] if isinstance(links, list) else []
    ours = [url for url in given if isinstance(url, str) and read(url) is not None]
    return list(dict.fromkeys(ours))[:MOST]
