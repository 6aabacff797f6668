"""Reports (C6): the page, whose parts follow what is chosen, and its tables as files."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts import sheets
from accounts.actions import audit
from accounts.gate import MemberRequest
from accounts.models import Member
from accounts.permissions import may, refusal
from accounts.views.shared import console_view
from livechat.reports import charts, tables, words
from livechat.reports.choice import PERIODS, Among, Choice, among, chosen, clock_words
from livechat.reports.counts import Report, report_of
from livechat.reports.tagged import tags_of


@console_view("reports.read")
def reports(request: MemberRequest) -> HttpResponse:
    """With htmx only what changes with the choice."""
    offered = among(request.member.workspace)
    choice = chosen(request.GET.dict(), offered)
    report = report_of(request.member.workspace, choice, offered)
    page = "console/reports/body.html" if request.htmx else "console/reports.html"
    context = _context(choice, offered, report) | {"may_export": may(request.member, "chats.export")}
    response = render(request, page, context)
    # in the address only what is not the usual
    response["HX-Push-Url"] = f"{reverse('reports')}?{choice.query}".rstrip("?")
    return response


@console_view("reports.read")
def report_tags(request: MemberRequest) -> HttpResponse:
    """A part of the page that comes after it: what chats carry is told by no index, and nobody waits for it."""
    offered = among(request.member.workspace)
    choice = chosen(request.GET.dict(), offered)
    tags = tags_of(request.member.workspace, choice, offered)
    context = {"choice": choice, "tags": tags, "rated": any(tally.stars for _, tally in tags)}
    return render(request, "console/reports/tags.html", context)


@console_view("reports.read")  # type: ignore[arg-type]  # it streams
def report_table(request: MemberRequest, table: str) -> StreamingHttpResponse:
    if table not in tables.NAMES:
        raise Http404
    offered = among(request.member.workspace)
    choice = chosen(request.GET.dict(), offered)
    if table == tables.CHATS:
        _take_chats_along(request.member)
    rows = tables.rows_of(table, request.member.workspace, choice, offered)
    return sheets.download(f"{table}-{choice.first}-{choice.last}.csv", rows)


def _take_chats_along(member: Member) -> None:
    """The others are counts; this one is a list of chats, as it can be taken from the list itself."""
    if not may(member, "chats.export"):
        raise PermissionDenied(refusal("chats.export"))
    audit(member.workspace, member.user, "chat.list_exported", f"workspace:{member.workspace_id}")


def _context(choice: Choice, offered: Among, report: Report) -> dict[str, Any]:
    return {
        "choice": choice,
        "offered": offered,
        "periods": PERIODS,
        "report": report,
        "tiles": _tiles(report),
        "days_words": words.days(choice.first, choice.last),
        "clock": clock_words([choice.site] if choice.site else offered.sites),
        **(_charts(report) if report.total.chats else {}),
    }


def _charts(report: Report) -> dict[str, Any]:
    return {
        "volume": charts.volume(report),
        "spans": charts.spans_of(report),
        "bands": charts.bands(report.total),
        "week": charts.week(report.slots),
        "busiest": charts.busiest(report.slots),
        "clock_hours": range(24),
    }


def _tiles(report: Report) -> list[dict[str, str]]:
    now, before = report.total, report.before
    tiles = [
        _tile("Chats", f"{now.chats:,}", _lines(now.visitor_lines, now.agent_lines),
              words.more_or_less(now.chats, before.chats)),
        _tile("First answer", words.lasted(now.first_answer), _most_within(now.slow_answer),
              words.sooner_or_later(now.first_answer, before.first_answer)),
        _tile("Closed after", words.lasted(now.resolution), _most_within(now.slow_resolution),
              words.sooner_or_later(now.resolution, before.resolution)),
        _tile("Missed", f"{now.missed:,}", f"{words.share(now.missed, now.chats)} of the chats".strip(),
              words.more_or_less(now.missed, before.missed)),
    ]  # fmt: skip
    if now.rating is not None:
        stars = f"{now.rating:.1f} of 5"
        was = f"{before.rating:.1f} before" if before.rating is not None else ""
        tiles.append(_tile("Rating", stars, f"{now.ratings:,} of {now.chats:,} chats", was))
    return tiles


def _tile(name: str, value: str, more: str, change: str) -> dict[str, str]:
    return {"name": name, "value": value, "more": more, "change": change}


def _lines(visitors: int, team: int) -> str:
    return (
        f"{visitors:,} lines by visitors and {team:,} by your team in closed ones" if visitors or team else ""
    )


def _most_within(seconds: int | None) -> str:
    return f"Median; 90 % within {words.lasted(seconds)}" if seconds is not None else ""
