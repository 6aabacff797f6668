"""Who of a site's people is there, asked of Slack while somebody might write (S21).

Slack tells presence only to whoever asks (users.getPresence, Tier 3: 50 a minute for a team). So the people who may
answer are looked at one after the other, each at most once a minute and only while a widget of theirs is open: those
who have answered before come first, as many as fit in the budget. What nobody has told for STALE counts for nothing.
"""

import logging
import uuid
from datetime import timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.models import Agent
from livechat.actions.presence import review
from livechat.models import Site
from livechat.presence import ASKED_FRESH
from slackapp import budgets, keys, people, routes, sharing
from slackapp.actions.people import external_id, note_looked, note_presence, store_roster
from slackapp.errors import Answered, Limited, SlackError
from slackapp.models import ChatLink, Connection, Installation, Roster, SlackIdentity

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=60)
STALE = timedelta(minutes=5)
# while Slack has told of nobody yet, a site whose Slack is ready is taken for attended no longer than this
BENEFIT_OF_DOUBT = timedelta(minutes=2)
ROSTER_FRESH = timedelta(minutes=10)
MOST_PEOPLE = 20
MOST_CALLS_AT_ONCE = 15
PACE, BURST = timedelta(seconds=1.5), 12
METHOD = "users.getPresence"


# --- from the rows --------------------------------------------------------------------------------------------------


def carries(site: Site) -> bool:
    """Whether somebody is there in Slack who gets what visitors of this site write now: by a route that takes chats

    at this hour, or one that has taken a chat which is still open.
    """
    now, ready = timezone.now(), _ready().filter(site=site).select_related("installation", "roster")
    return any(
        (routes.takes_now(connection, now) or _has_open_chats(connection)) and _is_attended(connection, site)
        for connection in ready
    )


def _has_open_chats(connection: Connection) -> bool:
    return ChatLink.objects.filter(connection=connection, chat__status="open").exists()


def _ready() -> QuerySet[Connection]:
    return Connection.unscoped.filter(
        state=Connection.State.READY, installation__state=Installation.State.ACTIVE
    )


def _is_attended(connection: Connection, site: Site) -> bool:
    known = _people_of(connection)
    if not known.filter(presence_at__isnull=False).exists():
        return _is_too_early_to_tell(site)
    active = known.filter(presence="active", presence_at__gt=timezone.now() - STALE)
    return any(_counts(person, connection) for person in active)


def active_of(connection: Connection) -> list[SlackIdentity]:
    """Who of those who answer is there, as far as anybody looked lately."""
    active = _people_of(connection).filter(presence="active", presence_at__gt=timezone.now() - STALE)
    return [person for person in active.order_by("name") if person.name and _counts(person, connection)]


def _people_of(connection: Connection) -> QuerySet[SlackIdentity]:
    roster = getattr(connection, "roster", None)
    team_id = connection.team_id
    return SlackIdentity.objects.filter(
        slack_team_id=team_id, slack_user_id__in=roster.user_ids if roster is not None else []
    )


def _counts(person: SlackIdentity, connection: Connection) -> bool:
    """Whoever could not answer a visitor is not there for one."""
    if person.is_bot or person.is_gone:
        return False
    return (connection.allow_guests or not person.is_guest) and (
        connection.allow_partners or not person.is_outsider
    )


def _is_too_early_to_tell(site: Site) -> bool:
    found = Site.unscoped.filter(pk=site.pk).values_list("availability__asked_since", flat=True).first()
    return found is None or timezone.now() - found < BENEFIT_OF_DOUBT


# --- asking Slack -----------------------------------------------------------------------------------------------------


def asked_installations() -> list[Any]:
    """Those with a widget open somewhere."""
    return list(_asked().values_list("installation_id", flat=True).distinct())


def _asked() -> QuerySet[Connection]:
    return _ready().filter(site__availability__asked_at__gt=timezone.now() - ASKED_FRESH)


def look(installation_id: uuid.UUID | str) -> None:
    """Asks Slack about those whose turn it is, as far as the budget goes; then visitors are told what changed."""
    installation = Installation.objects.filter(pk=installation_id).first()
    if installation is None:
        return
    asked = list(
        _asked().filter(installation=installation).select_related("workspace", "installation").order_by("pk")
    )
    calls = 0
    while calls < MOST_CALLS_AT_ONCE and _take_one(installation, asked):
        calls += 1
    for workspace_id in {connection.workspace_id for connection in asked} if calls else ():
        review(workspace_id)


def _take_one(installation: Installation, asked: list[Connection]) -> bool:
    """One call, if there is something to ask and Slack lets us."""
    rosters = {roster.pk: roster for roster in Roster.objects.filter(connection__in=asked)}
    for connection in asked:
        roster = rosters.get(connection.pk)
        if roster is None or timezone.now() - roster.fetched_at > ROSTER_FRESH:
            return _may_call(installation) and _fetch_roster(installation, connection)
    teams: dict[str, list[str]] = {}
    for connection in asked:
        teams.setdefault(connection.team_id, []).extend(rosters[connection.pk].user_ids)
    for team_id, people_ids in teams.items():
        if (user_id := _next(team_id, people_ids)) is not None:
            return _may_call(installation) and _look_at(installation, team_id, user_id)
    return False


def _may_call(installation: Installation) -> bool:
    return budgets.take_turn(installation, METHOD, PACE, BURST)


def _next(team_id: str, user_ids: list[str]) -> str | None:
    """Who was never looked at, else who waits the longest, if a minute has passed."""
    looked = dict(
        SlackIdentity.objects.filter(slack_team_id=team_id, slack_user_id__in=user_ids).values_list(
            "slack_user_id", "looked_at"
        )
    )
    never = [user_id for user_id in user_ids if looked.get(user_id) is None]
    if never:
        return never[0]
    due = [(at, user_id) for user_id, at in looked.items() if at is not None and timezone.now() - at > EVERY]
    return min(due)[1] if due else None


def _fetch_roster(installation: Installation, connection: Connection) -> bool:
    """Those who have answered before, whoever is invited to chats, who connected Slack, then the channel's members.

    Where several workspaces share the Slack team its row says who came last, perhaps for another: only the rest counts.
    """
    found: list[str] = []
    try:
        answer = keys.call(installation, "conversations.members", channel=connection.channel_id, limit=200)
        found = [str(member) for member in answer.get("members") or []]
    except SlackError as error:
        _mind(installation, error)
    have_answered = Agent.objects.in_workspace(connection.workspace).filter(
        external_id__startswith=external_id(connection.team_id, ""), is_gone=False
    )
    first = [str(agent.external_id).rpartition(":")[2] for agent in have_answered.order_by(F("name").asc())]
    brought = [] if sharing.is_shared(installation) else [installation.installed_by_slack_user_id]
    likely = dict.fromkeys([*first, *connection.responders, *brought, *found])
    people_ids = [user_id for user_id in likely if user_id not in ("", installation.bot_user_id)]
    store_roster(connection, people_ids[:MOST_PEOPLE])
    return True


def _look_at(installation: Installation, team_id: str, user_id: str) -> bool:
    note_looked(team_id, user_id)
    try:
        who = people.identity(installation, team_id, user_id, may_ask=True)
        if who is None or who.is_bot or who.is_gone:
            note_presence(team_id, user_id, "")
            return True
        answer = keys.call(installation, METHOD, user=user_id)
    except (SlackError, people.SlackAway) as error:
        _mind(installation, error)
        return False
    note_presence(team_id, user_id, "active" if answer.get("presence") == "active" else "away")
    return True


def _mind(installation: Installation, error: Exception) -> None:
    log.info("who is there could not be asked: %s", error)
    if isinstance(error, Limited):
        budgets.pause(installation, METHOD, error.seconds)
    elif not isinstance(error, Answered):
        budgets.pause(installation, METHOD, EVERY.total_seconds() / 4)
