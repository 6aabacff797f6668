"""`status`: each site, whether visitors read that somebody is there and why, who waits, and how Slack is."""

from datetime import datetime

from django.conf import settings
from django.db.models import Count, Min
from django.utils import timezone

from livechat import presence, schedule, standing
from livechat.models import Site
from slackapp import queries
from slackapp.asked import Asked
from slackapp.commands import scope
from slackapp.commands.verb import Answer
from slackapp.models import Connection

NOT_LINKED = (
    "Your Slack account is not linked to the console. Link it to use these commands everywhere: {url}"
)


def show(asked: Asked) -> Answer:
    found = scope.connections(asked)
    now = timezone.now()
    parts = [
        _of_site(site, [one for one in found if one.site_id == site.pk], now)
        for site in scope.sites_of(found)
    ]
    return Answer("\n\n".join([*parts, _who(asked)]))


def _of_site(site: Site, connections: list[Connection], now: datetime) -> str:
    found = presence.standing(site)
    lines = [f"{site.name}: {found.word}. {standing.words(site, found, now)}", _chats(connections, now)]
    hours = schedule.of(site)
    if not hours.is_always_open and found.why is not standing.Why.HOURS:
        lines.append(f"Working hours: {schedule.words(hours, now)}")
    return "\n".join([*lines, *_troubles(connections)])


def _chats(connections: list[Connection], now: datetime) -> str:
    chats = scope.open_chats(connections).order_by()
    numbers = chats.aggregate(
        open=Count("pk"), waiting=Count("chat__waiting_since"), since=Min("chat__waiting_since")
    )
    if not numbers["open"]:
        return "No open chats."
    said = (
        f"{numbers['open']} open {'chat' if numbers['open'] == 1 else 'chats'}, {numbers['waiting']} waiting"
    )
    return f"{said}, the longest for {lasting(numbers['since'], now)}." if numbers["waiting"] else f"{said}."


def _troubles(connections: list[Connection]) -> list[str]:
    found = [queries.health_of(connection) for connection in connections]
    said = [one.problem for one in found if one.problem]
    if any(one.delayed for one in found):
        said.append("Slack is slow at the moment: some messages are still on their way here.")
    return said


def _who(asked: Asked) -> str:
    members = asked.members()
    if not members:
        return NOT_LINKED.format(url=f"{settings.CONSOLE_URL}/console/slack")
    return f"Your Slack account is linked to {members[0].user}."


def lasting(since: datetime, now: datetime) -> str:
    """`5 min`, `3 h`, `2 d`; less than a minute is one."""
    minutes = max(1, int((now - since).total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d"
