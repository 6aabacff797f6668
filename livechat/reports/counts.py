"""The counts behind a report, summed up by the database: medians and percentiles are exact."""

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Aggregate, Count, Q, QuerySet, Sum, TextField
from django.db.models.sql.compiler import SQLCompiler

from accounts.models import Agent, Workspace
from livechat.models import ChatFigures, Site
from livechat.reports.choice import Among, Choice

# the hours of a week
SLOTS = 7 * 24


@dataclass(slots=True)
class Tally:
    """Of some chats. Seconds are in their order once the report is made."""

    chats: int = 0
    missed: int = 0
    visitor_lines: int = 0
    agent_lines: int = 0
    answers: list[int] = field(default_factory=list)
    resolutions: list[int] = field(default_factory=list)
    stars: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, row: dict[str, Any]) -> "Tally":
        """From a group of figures with `measures`."""
        lines = row["from_visitors"] or 0, row["from_agents"] or 0
        values = (_numbers(row[name]) for name in ("answers", "resolutions", "stars"))
        return cls(row["chats"], row["missed"], *lines, *values)

    def add(self, other: "Tally") -> None:
        self.chats += other.chats
        self.missed += other.missed
        self.visitor_lines += other.visitor_lines
        self.agent_lines += other.agent_lines
        self.answers += other.answers
        self.resolutions += other.resolutions
        self.stars += other.stars

    def put_in_order(self) -> None:
        self.answers.sort()
        self.resolutions.sort()

    @property
    def answered(self) -> int:
        return len(self.answers)

    @property
    def waiting(self) -> int:
        return self.chats - self.answered - self.missed

    @property
    def first_answer(self) -> int | None:
        return percentile(self.answers, 50)

    @property
    def slow_answer(self) -> int | None:
        return percentile(self.answers, 90)

    @property
    def resolution(self) -> int | None:
        return percentile(self.resolutions, 50)

    @property
    def slow_resolution(self) -> int | None:
        return percentile(self.resolutions, 90)

    @property
    def rating(self) -> float | None:
        return sum(self.stars) / len(self.stars) if self.stars else None

    @property
    def ratings(self) -> int:
        return len(self.stars)


def _numbers(listed: str | None) -> list[int]:
    return [int(number) for number in listed.split(",")] if listed else []


def percentile(ordered: list[int], percent: int) -> int | None:
    """By the nearest rank: a value that was there, at which so many of a hundred stand or below."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else None


@dataclass(slots=True)
class Day:
    """Chats that began on it. The rest was neither answered nor missed: it still waits."""

    chats: int = 0
    answered: int = 0
    missed: int = 0

    @property
    def waiting(self) -> int:
        return self.chats - self.answered - self.missed


@dataclass(frozen=True, slots=True)
class Report:
    """`slots` counts chats by the hour of the week. Agents and sites with most chats come first; None has no agent."""

    choice: Choice
    total: Tally
    before: Tally
    days: dict[date, Day]
    slots: list[int]
    agents: list[tuple[Agent | None, Tally]]
    sites: list[tuple[Site, Tally]]


def report_of(workspace: Workspace, choice: Choice, among: Among) -> Report:
    """Four statements, each of which an index answers alone."""
    now, before = _tallies(workspace, choice), _before(workspace, choice)
    of_agents = defaultdict[uuid.UUID | None, Tally](Tally)
    of_sites, total = defaultdict[uuid.UUID, Tally](Tally), Tally()
    for (site, agent), tally in now.items():
        # lists in order are merged much faster than they are sorted
        tally.put_in_order()
        for summed in (of_agents[agent], of_sites[site], total):
            summed.add(tally)
    for tally in (total, before, *of_agents.values(), *of_sites.values()):
        tally.put_in_order()
    agents = {agent.pk: agent for agent in among.agents}
    sites = {site.pk: site for site in among.sites}
    return Report(
        choice,
        total,
        before,
        _every_day(choice, _days(workspace, choice)),
        _slots(workspace, choice),
        [(agents.get(known) if known else None, tally) for known, tally in _most(of_agents)],
        [(sites[known], tally) for known, tally in _most(of_sites) if known in sites],
    )


class Listed(Aggregate):
    """All values of a group as one text, with commas between: of fifty thousand rows that is what is read quickest."""

    function = "GROUP_CONCAT"
    name = "Listed"
    output_field = TextField()

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template="STRING_AGG((%(expressions)s)::text, ',')", **more)


def measures(choice: Choice) -> dict[str, Aggregate]:
    """What `Tally.of` reads of a group of figures."""
    answered = _answered(choice)
    return {
        "chats": Count("*"),
        "missed": Count("slot", filter=_missed(choice)),
        "from_visitors": Sum("visitor_lines"),
        "from_agents": Sum("agent_lines"),
        "answers": Listed(answered),
        "resolutions": Listed("resolved_in"),
        "stars": Listed("rating"),
    }


def _answered(choice: Choice) -> str:
    return "answered_in_hours" if choice.open_hours else "answered_in"


def _missed(choice: Choice) -> Q:
    """Over without an answer, or of an earlier day that nobody has answered."""
    given_up = Q(resolved_in__isnull=False) | Q(day__lt=choice.today - timedelta(days=1))
    return Q(**{f"{_answered(choice)}__isnull": True}) & given_up


def _tallies(workspace: Workspace, choice: Choice) -> dict[tuple[uuid.UUID, uuid.UUID | None], Tally]:
    """By site and agent. Grouped by columns only: of how many values an expression has PostgreSQL knows nothing, and
    sorts fifty thousand rows on the disk instead of adding up forty groups.
    """
    figures = figures_of(workspace, choice)
    rows: Any = figures.values("site_id", "agent_id").annotate(**measures(choice)).order_by()
    return {(row["site_id"], row["agent_id"]): Tally.of(row) for row in rows}


def _before(workspace: Workspace, choice: Choice) -> Tally:
    figures = _between(workspace, choice, choice.before, choice.first - timedelta(days=1))
    return Tally.of(figures.aggregate(**measures(choice)))


def _days(workspace: Workspace, choice: Choice) -> dict[date, Day]:
    counts = {
        "chats": Count("*"),
        "answered": Count(_answered(choice)),
        "missed": Count("slot", filter=_missed(choice)),
    }
    rows: Any = figures_of(workspace, choice).values("day").annotate(**counts).order_by()
    return {row["day"]: Day(row["chats"], row["answered"], row["missed"]) for row in rows}


def _slots(workspace: Workspace, choice: Choice) -> list[int]:
    slots = [0] * SLOTS
    rows: Any = figures_of(workspace, choice).values("slot").annotate(chats=Count("*")).order_by()
    for row in rows:
        slots[row["slot"]] = row["chats"]
    return slots


def figures_of(workspace: Workspace, choice: Choice) -> QuerySet[ChatFigures]:
    return _between(workspace, choice, choice.first, choice.last)


def _between(workspace: Workspace, choice: Choice, first: date, last: date) -> QuerySet[ChatFigures]:
    rows = ChatFigures.objects.in_workspace(workspace).filter(day__gte=first, day__lte=last)
    if choice.site is not None:
        rows = rows.filter(site=choice.site)
    if choice.agent is not None:
        rows = rows.filter(agent=choice.agent)
    return rows.filter(chat__tagged__tag=choice.tag) if choice.tag is not None else rows


def _most(tallies: dict[Any, Tally]) -> list[tuple[Any, Tally]]:
    return sorted(tallies.items(), key=lambda one: (one[0] is None, -one[1].chats, str(one[0])))


def _every_day(choice: Choice, days: dict[date, Day]) -> dict[date, Day]:
    every = [choice.first + timedelta(days=number) for number in range(choice.days)]
    return {day: days.get(day) or Day() for day in every}
