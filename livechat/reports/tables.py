"""The tables that can be downloaded, row by row."""

from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from accounts.models import Workspace
from livechat.hours import DAYS
from livechat.models import ChatFigures
from livechat.reports.choice import Among, Choice
from livechat.reports.counts import Report, Tally, figures_of, report_of
from livechat.reports.tagged import tags_of

Rows = Iterator[list[Any]]
OF_TALLY = (
    "Chats", "Answered", "Missed", "First answer: median (s)", "First answer: 90 % within (s)",
    "Closed after: median (s)", "Closed after: 90 % within (s)", "Ratings", "Rating: mean",
)  # fmt: skip
OF_CHAT = (
    "Chat", "Site", "Agent", "Day", "Hour", "Began (UTC)", "First answer after (s)",
    "First answer after (s, open hours)", "Closed after (s)", "Visitor's lines", "Team's lines", "Rating", "Link",
)  # fmt: skip
AT_ONCE = 2000


def _of_tally(tally: Tally) -> list[Any]:
    return [
        tally.chats, tally.answered, tally.missed, tally.first_answer, tally.slow_answer, tally.resolution,
        tally.slow_resolution, tally.ratings, round(tally.rating, 2) if tally.rating is not None else None,
    ]  # fmt: skip


def _days(report: Report) -> Rows:
    yield ["Day", "Chats", "Answered", "Missed", "Waiting"]
    for day, of in report.days.items():
        yield [day.isoformat(), of.chats, of.answered, of.missed, of.waiting]


def _hours(report: Report) -> Rows:
    yield ["Day of the week", *(f"{hour:02}:00" for hour in range(24))]
    for number, name in enumerate(DAYS):
        yield [name, *report.slots[number * 24 : number * 24 + 24]]


def _agents(report: Report) -> Rows:
    yield ["Agent", *OF_TALLY]
    for agent, tally in report.agents:
        yield [str(agent) if agent else "Nobody", *_of_tally(tally)]


def _sites(report: Report) -> Rows:
    yield ["Site", *OF_TALLY]
    for site, tally in report.sites:
        yield [site.name, *_of_tally(tally)]


def _tags(workspace: Workspace, choice: Choice, among: Among) -> Rows:
    yield ["Tag", *OF_TALLY]
    for tag, tally in tags_of(workspace, choice, among):
        yield [tag.name, *_of_tally(tally)]


_OF_REPORT: dict[str, Callable[[Report], Rows]] = {
    "days": _days,
    "hours": _hours,
    "agents": _agents,
    "sites": _sites,
}
CHATS = "chats"
# whoever waits sees the download begin
AT_FIRST = 200
TAGS = "tags"
NAMES = (*_OF_REPORT, TAGS, CHATS)


def rows_of(name: str, workspace: Workspace, choice: Choice, among: Among) -> Rows:
    """KeyError for a table that there is not."""
    if name == CHATS:
        return _chats(workspace, choice, among)
    if name == TAGS:
        return _tags(workspace, choice, among)
    return _OF_REPORT[name](report_of(workspace, choice, among))


def _chats(workspace: Workspace, choice: Choice, among: Among) -> Rows:
    """The chats behind the numbers, read in pieces. Those that are deleted are counted and not listed."""
    yield list(OF_CHAT)
    sites = {site.pk: site.name for site in among.sites}
    agents = {agent.pk: str(agent) for agent in among.agents}
    rows = figures_of(workspace, choice).filter(chat__isnull=False).select_related("chat")
    rows = rows.only(*_NEEDED).order_by("day", "id")
    after, most = None, AT_FIRST
    while found := list(rows.filter(_behind(after))[:most]):
        for row in found:
            yield _chat(row, sites.get(row.site_id, ""), agents.get(row.agent_id, "") if row.agent_id else "")
        after, most = found[-1], AT_ONCE


_NEEDED = (
    "site", "agent", "day", "slot", "answered_in", "answered_in_hours", "resolved_in", "rating", "chat__started_at",
    "chat__visitor_lines", "chat__agent_lines",
)  # fmt: skip


def _behind(after: ChatFigures | None) -> Q:
    return Q(day__gt=after.day) | Q(day=after.day, id__gt=after.pk) if after else Q()


def _chat(row: ChatFigures, site: str, agent: str) -> list[Any]:
    chat = row.chat
    assert chat is not None
    began = chat.started_at.astimezone(ZoneInfo("UTC"))
    link = f"{settings.CONSOLE_URL}{reverse('chat', args=[chat.pk])}"
    return [
        str(chat.pk), site, agent, row.day.isoformat(), f"{row.slot % 24:02}:00", f"{began:%Y-%m-%d %H:%M:%S}",
        row.answered_in, row.answered_in_hours, row.resolved_in, chat.visitor_lines, chat.agent_lines, row.rating, link,
    ]  # fmt: skip
