"""What somebody typed into the search: words, "phrases", -words and narrowings such as from:visitor.

Nothing typed is an error: what is not understood is left out, and `hints` says so.
"""

import calendar
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as clock
from typing import Any

import regex

from livechat.search.words import terms

LONGEST = 200
MOST = 12
# of a shorter beginning there would be too many words
SHORTEST_BEGINNING = 3
NARROWINGS = ("from", "site", "tag", "has", "is", "before", "after")
_PART = regex.compile(rf'(-?)(?:({"|".join(NARROWINGS)}):)?(?:"([^"]*)"?|([^\s"]+))', regex.IGNORECASE)
_DAY = regex.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
Phrase = tuple[str, ...]


@dataclass(slots=True)
class Query:
    """`wanted` all occur, each word of a phrase beside the next; the last one may go on if `goes_on`. Moments are
    bounds: from `after` on, until before `before`. `site` and `tag` are names as they were typed."""

    wanted: list[Phrase] = field(default_factory=list)
    unwanted: list[Phrase] = field(default_factory=list)
    goes_on: bool = False
    author: str = ""
    has_file: bool = False
    is_open: bool | None = None
    site: str = ""
    tag: str = ""
    before: datetime | None = None
    after: datetime | None = None
    hints: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        narrowed = (self.author, self.has_file, self.site, self.tag, self.before, self.after)
        return not (self.wanted or self.unwanted or any(narrowed) or self.is_open is not None)

    @property
    def asks_for_words_alone(self) -> bool:
        """So that a visitor's name or page may answer it, too."""
        return bool(self.wanted) and not (self.author or self.has_file)


def read(typed: str, zone: Any) -> Query:
    """`zone` is the reader's, in which days begin."""
    query, typed = Query(), typed[:LONGEST]
    for part in _PART.finditer(typed):
        minus, name, quoted, plain = part.groups()
        value = (quoted if quoted is not None else plain or "").strip()
        if name and not minus and value:
            _narrow(query, name.lower(), value, zone)
        elif value:
            _take(query, value if not name else part.group(), bool(minus))
            query.goes_on = quoted is None and not minus and part.end() == len(typed)
    _cut(query)
    return query


def _take(query: Query, value: str, minus: bool) -> None:
    if phrase := tuple(terms(value)):
        (query.unwanted if minus else query.wanted).append(phrase)


def _cut(query: Query) -> None:
    if sum(map(len, query.wanted + query.unwanted)) > MOST:
        query.hints.append(f"Only the first {MOST} words are looked for.")
        query.goes_on, left = False, MOST
        for phrases in (query.wanted, query.unwanted):
            kept = [phrase[: max(0, left - sum(map(len, phrases[:n])))] for n, phrase in enumerate(phrases)]
            left -= sum(map(len, kept))
            phrases[:] = [phrase for phrase in kept if phrase]
    last = query.wanted[-1][-1] if query.wanted else ""
    query.goes_on = query.goes_on and len(last) >= SHORTEST_BEGINNING


def _narrow(query: Query, name: str, value: str, zone: Any) -> None:
    word = value.lower()
    if name in ("site", "tag"):
        setattr(query, name, value)
    elif name == "from" and word in ("visitor", "agent", "note"):
        query.author = word
    elif name == "has" and word in ("file", "files"):
        query.has_file = True
    elif name == "is" and word in ("open", "closed"):
        query.is_open = word == "open"
    elif name in ("before", "after") and (days := _days(word)):
        first, beyond = days
        setattr(query, name, datetime.combine(first if name == "before" else beyond, clock.min, zone))
    else:
        query.hints.append(_hint(name, value))


MEANT = {
    "from": "from:visitor, from:agent or from:note",
    "has": "has:file",
    "is": "is:open or is:closed",
    "before": "a day such as before:2026-03-31, or a month or a year",
    "after": "a day such as after:2026-03-31, or a month or a year",
}


def _hint(name: str, value: str) -> str:
    return f"“{name}:{value}” was left out. Type {MEANT[name]}."


def _days(word: str) -> tuple[date, date] | None:
    """The first day of a day, month or year, and the first one beyond it."""
    found = _DAY.fullmatch(word)
    if found is None:
        return None
    year, month, day = (int(part) if part else 0 for part in found.groups())
    try:
        first = date(year, month or 1, day or 1)
        last = date(year, month or 12, day or calendar.monthrange(year, month or 12)[1])
        return first, last + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
