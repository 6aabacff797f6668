"""What the page of the audit log shows: newest first, page by page, or all of it for a spreadsheet."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import AuditEntry, Workspace
from accounts.sentences import AREAS, names_in, sentence, who_acted

PAGE = 50
AT_ONCE = 500
HEADINGS = (
    "Time (UTC)",
    "Who",
    "What",
    "Changes",
    "Network",
    "Browser",
    "Verb",
    "Subject",
    "Place in the log",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the log is wanted. What makes no sense is left out, never an error: it comes from an address bar."""

    person: uuid.UUID | None = None
    area: str = ""
    since: date | None = None
    until: date | None = None
    before: int | None = None

    @classmethod
    def of(cls, query: Any) -> "Asked":
        return cls(
            person=_or_none(uuid.UUID, query.get("person")),
            area=area if (area := query.get("area", "")) in AREAS else "",
            since=_or_none(_day, query.get("since")),
            until=_or_none(_day, query.get("until")),
            before=_or_none(_key, query.get("before")),
        )

    def query(self, **more: object) -> str:
        own = {"person": self.person, "area": self.area, "since": self.since, "until": self.until, **more}
        return urlencode({name: str(value) for name, value in own.items() if value})


def _or_none(read: Any, value: str | None) -> Any:
    try:
        return read(value) if value else None
    except ValueError:
        return None


def _day(value: str) -> date:
    """Within reach of every clock."""
    day = date.fromisoformat(value)
    if not 2000 <= day.year <= 3000:
        raise ValueError(value)
    return day


def _key(value: str) -> int:
    key = int(value)
    if not 0 < key < 2**63:
        raise ValueError(value)
    return key


@dataclass(frozen=True, slots=True)
class Line:
    entry: AuditEntry
    who: str
    what: str
    changes: list[tuple[str, str, str]] = field(default_factory=list)


def page_of(workspace: Workspace, asked: Asked) -> tuple[list[Line], int | None]:
    """The lines, and the key to ask for what is older, if there is more."""
    found = list(_entries(workspace, asked)[: PAGE + 1])
    shown = found[:PAGE]
    return _lines(workspace, shown), shown[-1].pk if len(found) > PAGE else None


def rows_of(workspace: Workspace, asked: Asked) -> Iterator[tuple[Any, ...]]:
    """All that was asked for, with headings, read in pieces."""
    yield HEADINGS
    before = asked.before
    while True:
        here = Asked(asked.person, asked.area, asked.since, asked.until, before)
        entries = list(_entries(workspace, here)[:AT_ONCE])
        yield from (_row(line) for line in _lines(workspace, entries))
        if len(entries) < AT_ONCE:
            return
        before = entries[-1].pk


def _row(line: Line) -> tuple[Any, ...]:
    entry = line.entry
    changes = "; ".join(f"{name}: {old} → {new}" for name, old, new in line.changes)
    moment = entry.created_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    told = (moment, line.who, line.what, changes)
    return (*told, entry.address, entry.session, entry.verb, entry.subject, entry.place)


def _entries(workspace: Workspace, asked: Asked) -> QuerySet[AuditEntry]:
    entries = AuditEntry.objects.in_workspace(workspace).order_by("-pk")
    if asked.person:
        entries = entries.filter(actor_id=asked.person)
    if asked.area:
        entries = entries.filter(verb__startswith=f"{asked.area}.")
    if asked.since:
        entries = entries.filter(created_at__gte=_midnight(asked.since))
    if asked.until:
        entries = entries.filter(created_at__lt=_midnight(asked.until) + timedelta(days=1))
    return entries.filter(pk__lt=asked.before) if asked.before else entries


def _midnight(day: date) -> datetime:
    """Where the reader is."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _lines(workspace: Workspace, entries: list[AuditEntry]) -> list[Line]:
    names = names_in(workspace, entries)
    return [
        Line(entry, who_acted(entry, names), sentence(entry, names), _changes(entry)) for entry in entries
    ]


def _changes(entry: AuditEntry) -> list[tuple[str, str, str]]:
    return [(_titled(name), _said(old), _said(new)) for name, (old, new) in entry.changes.items()]


def _titled(name: str) -> str:
    return f"{name[:1].upper()}{name[1:].replace('_', ' ')}"


def _said(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_said(one) for one in value) or "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)[:200] if value not in (None, "") else "nothing"
