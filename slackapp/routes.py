"""Which of a site's connections a new chat takes (S9): the first whose conditions all hold, else the default.

A route is a connection with conditions; without any it takes nothing. Its pages are compared with an address's scheme,
host and path, or with the path alone; `*` stands for anything. Hours: `livechat.hours`.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from livechat import hours
from livechat.hours import Hours
from slackapp.models import Connection


@dataclass(frozen=True, slots=True)
class Conditions:
    """Whatever is empty does not matter. `hours` are those of `zone`, a name of the time zone database."""

    pages: str = ""
    language: str = ""
    department: str = ""
    hours: tuple[Hours, ...] = ()
    zone: str = ""

    @property
    def is_empty(self) -> bool:
        return self == Conditions()

    def row(self) -> dict[str, Any]:
        row = {**asdict(self), "hours": hours.to_rows(self.hours)}
        return {name: value for name, value in row.items() if value}


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of a chat when it begins."""

    url: str
    language: str
    at: datetime
    department: str = ""


def conditions_of(connection: Connection) -> Conditions:
    row = dict(connection.conditions)
    return Conditions(**{**row, "hours": hours.from_rows(row.get("hours", []))})


def choose(connections: Iterable[Connection], place: Place) -> Connection | None:
    """`connections` in their order; the default, which has no conditions, is taken last."""
    default = None
    for connection in connections:
        conditions = conditions_of(connection)
        if connection.is_default:
            default = connection
        elif not conditions.is_empty and fits(conditions, place):
            return connection
    return default


def fits(conditions: Conditions, place: Place) -> bool:
    return (
        _fits_page(conditions.pages, place.url)
        and _fits_language(conditions.language, place.language)
        and conditions.department.casefold() in ("", place.department.casefold())
        and (not conditions.hours or hours.hold(conditions.hours, conditions.zone, place.at))
    )


def takes_now(connection: Connection, at: datetime) -> bool:
    """Whether a chat that begins at this moment, on whichever page, may come here."""
    conditions = conditions_of(connection)
    always = connection.is_default or not conditions.hours
    return always or hours.hold(conditions.hours, conditions.zone, at)


def _fits_page(pattern: str, url: str) -> bool:
    if not pattern:
        return True
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    path = unquote(parts.path) or "/"
    whole = path if pattern.startswith("/") else f"{parts.scheme}://{parts.netloc.lower()}{path}"
    return _takes(pattern, whole)


def _takes(pattern: str, address: str) -> bool:
    """A `/` at the end of an address makes no difference."""
    words = [unquote(word) for word in _normal(pattern).split("*")]
    return _stands(words, address) or (address.endswith("/") and _stands(words, address[:-1]))


def _stands(words: list[str], text: str) -> bool:
    """Whether `text` is these words with anything between them.

    Looked for once from left to right: an expression would try every way, and never end where stars are many.
    """
    first, *others = words
    if not others:
        return text == first
    *between, last = others
    at = len(first) if text.startswith(first) else -1
    for word in between:
        found = text.find(word, at) if at >= 0 else -1
        at = found + len(word) if found >= 0 else -1
    return 0 <= at <= len(text) - len(last) and text.endswith(last)


def _normal(pattern: str) -> str:
    """Hosts are written in small letters; `/shop/` is `/shop`."""
    scheme, separator, rest = pattern.partition("://")
    if separator:
        host, slash, path = rest.partition("/")
        pattern = f"{scheme.lower()}://{host.lower()}{slash}{path}"
        if not path:
            pattern = pattern.rstrip("/") + "/"
    return pattern if pattern.endswith("://") or len(pattern) == 1 else pattern.rstrip("/") or "/"


def _fits_language(wanted: str, spoken: str) -> bool:
    """`de` takes `de-AT` too; `de-AT` takes nothing but itself."""
    wanted, spoken = wanted.lower(), spoken.lower().replace("_", "-")
    return not wanted or spoken == wanted or spoken.startswith(f"{wanted}-")


# --- one before another -----------------------------------------------------------------------------------------------


def covers(first: Conditions, second: Conditions) -> bool:
    """Whether the first route takes everything that the second one could."""
    return (
        _covers_page(first.pages, second.pages)
        and (not first.language or _fits_language(first.language, second.language))
        and first.department.casefold() in ("", second.department.casefold())
        and _covers_hours(first, second)
    )


def _covers_page(first: str, second: str) -> bool:
    if not first or not second:
        return not first
    if first.startswith("/") and not second.startswith("/"):
        second = "/" + second.partition("://")[2].partition("/")[2]
    elif second.startswith("/") and not first.startswith("/"):
        return False
    # a star of the second stands for anything, which only a star of the first can take
    return _takes(first, _normal(second).replace("*", "\N{REPLACEMENT CHARACTER}"))


def _covers_hours(first: Conditions, second: Conditions) -> bool:
    if not first.hours or not second.hours:
        return not first.hours
    return first.zone == second.zone and hours.covers(first.hours, second.hours)


# --- in words ---------------------------------------------------------------------------------------------------------


def words(conditions: Conditions) -> list[str]:
    said = []
    if conditions.pages:
        said.append(f"on {conditions.pages}")
    if conditions.language:
        said.append(f"in {conditions.language}")
    if conditions.department:
        said.append(f"for {conditions.department}")
    if conditions.hours:
        said.append(f"{hours.words(conditions.hours)} ({conditions.zone})")
    return said
