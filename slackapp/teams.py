"""Which team of an organisation a connection is about. An installation of one team needs no asking."""

from dataclasses import dataclass
from typing import Any

from accounts.errors import Refused
from accounts.models import Member
from slackapp import actions, keys
from slackapp.models import Connection, Installation

# "required if org token is used" (docs.slack.dev, each method's page)
NEED_TEAM = frozenset(
    {"conversations.create", "conversations.list", "users.list", "users.conversations", "bots.info"}
)
MOST_PAGES = 10


@dataclass(frozen=True, slots=True)
class Team:
    id: str
    name: str


def teams_of(installation: Installation) -> list[Team]:
    """The teams that an organisation lets the app into. Raises SlackError."""
    found: list[Team] = []
    cursor = None
    for _ in range(MOST_PAGES):
        answer = keys.call(installation, "auth.teams.list", limit=200, cursor=cursor)
        told = answer.get("teams") or []
        found += [Team(str(one["id"]), str(one.get("name") or one["id"])) for one in told if "id" in one]
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            break
    return sorted(found, key=lambda team: team.name.lower())


def needs_team(connection: Connection) -> bool:
    installation = connection.installation
    return installation is not None and not installation.slack_team_id and not connection.slack_team_id


def named(connection: Connection, method: str) -> dict[str, Any]:
    """The `team_id` that this method needs for this connection; where only one team is granted, it is that one."""
    if method not in NEED_TEAM or connection.installation is None or connection.installation.slack_team_id:
        return {}
    if needs_team(connection):
        teams = teams_of(connection.installation)
        if len(teams) != 1:
            raise Refused("choose_team", "Choose the Slack workspace first.")
        actions.note_team(connection, teams[0].id)
    return {"team_id": connection.slack_team_id}


def choose(member: Member, connection: Connection, team_id: str) -> None:
    """Raises SlackError. Only a team that is granted; the channel of another team is given up."""
    installation = connection.installation
    granted = teams_of(installation) if installation is not None and not installation.slack_team_id else []
    if team_id not in [team.id for team in granted]:
        raise Refused("unknown_team", "The app is not allowed in that Slack workspace. Choose another one.")
    actions.choose_team(member, connection, team_id)
