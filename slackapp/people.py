"""People in Slack as visitors see them: looked up once a day or when Slack says that they changed, never guessed."""

import logging
from datetime import UTC, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.access import external_agent
from accounts.models import Workspace
from accounts.names import clean_name
from config import zones
from config.prepared import Prepared
from livechat.segments import safe_url
from slackapp import keys, pictures
from slackapp.actions.people import external_id, store_identity
from slackapp.errors import Answered, SlackError
from slackapp.models import Installation, SlackIdentity

log = logging.getLogger(__name__)

FRESH = timedelta(hours=24)
# Slack has answered, and there is nothing to wait for
NOBODY = frozenset("user_not_found user_not_visible users_not_found invalid_user_id".split())
_KNOWN = Prepared(
    lambda team_id, user_id: SlackIdentity.objects.filter(slack_team_id=team_id, slack_user_id=user_id)
)


class AskSlack(Exception):
    """Who this is must be asked of Slack first, which is done by one worker at a time."""


class SlackAway(Exception):
    """Who this is could not be asked now."""


def known(team_id: str, user_id: str) -> SlackIdentity | None:
    return _KNOWN.first(team_id=team_id, user_id=user_id)


def identity(
    installation: Installation, team_id: str, user_id: str, *, may_ask: bool
) -> SlackIdentity | None:
    """From our rows, or from users.info when missing or stale. None if Slack knows nobody of this id.

    Calls Slack, so never inside a transaction; raises AskSlack if it may not, and SlackAway if Slack gives no answer.
    What was true yesterday beats no answer.
    """
    found = known(team_id, user_id)
    if found is not None and (found.fetched_at is None or found.seen_from != home_of(installation)):
        found = None  # a row that knows no more than the id, or whether they are strangers to somebody else
    if found is not None and found.fetched_at and timezone.now() - found.fetched_at < FRESH:
        return found
    if not may_ask:
        raise AskSlack
    try:
        answer = keys.call(installation, "users.info", user=user_id)
    except SlackError as error:
        log.info("a profile could not be read: %s", error)
        if found is None and not (isinstance(error, Answered) and error.code in NOBODY):
            raise SlackAway from error
        return found
    told = with_picture(profile(answer.get("user"), installation))
    return store_identity(team_id or _home_team(answer.get("user")), user_id, told)


def _home_team(user: Any) -> str:
    """Of an organisation's people: the team that Slack names for them."""
    return str(user.get("team_id") or "") if isinstance(user, dict) else ""


def team_of(installation: Installation, user_id: str) -> str:
    """Whose person this is as far as we know; where nobody told, the installation's own. Calls nobody."""
    found = SlackIdentity.objects.filter(slack_user_id=user_id).exclude(fetched_at=None)
    if installation.slack_team_id and found.filter(slack_team_id=installation.slack_team_id).exists():
        return installation.slack_team_id
    return found.values_list("slack_team_id", flat=True).first() or installation.slack_team_id


def home_of(installation: Installation) -> str:
    """To whom somebody is a guest or of another company."""
    return installation.slack_team_id or installation.enterprise_id


def with_picture(told: dict[str, Any]) -> dict[str, Any]:
    """With our copy of the photo, which is fetched if we have none. Never inside a transaction."""
    return {**told, "picture": pictures.copy_of(told["avatar_url"], pictures.FACE)}


def profile(user: Any, installation: Installation) -> dict[str, Any]:
    """Our columns from a user object; unknown shapes give an empty name, which shows the company's."""
    user = user if isinstance(user, dict) else {}
    found = user.get("profile") if isinstance(user.get("profile"), dict) else {}
    assert isinstance(found, dict)
    name = str(found.get("display_name") or found.get("real_name") or user.get("real_name") or "")
    photo = str(found.get("image_192") or found.get("image_72") or "")
    return {
        "name": clean_name(name),
        "title": clean_name(str(found.get("title") or ""), 120),
        "avatar_url": photo if len(photo) <= 500 and safe_url(photo) else "",
        "timezone": _zone(user.get("tz")),
        "seen_from": home_of(installation),
        "is_guest": bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        "is_outsider": bool(user.get("is_stranger")) or _is_of_another_company(user, installation),
        "is_bot": bool(user.get("is_bot")),
        "is_gone": bool(user.get("deleted")),
    }


def _zone(name: Any) -> str:
    return name if isinstance(name, str) and name in zones.known() else ""


def clock_of(team_id: str, user_id: str) -> tzinfo:
    """Theirs as Slack last told; UTC where it told none."""
    found = known(team_id, user_id)
    return ZoneInfo(found.timezone) if found is not None and found.timezone else UTC


def _is_of_another_company(user: dict[str, Any], installation: Installation) -> bool:
    """An installation of a whole Enterprise Grid has many teams; there the organisation decides.

    Its own people carry `enterprise_user`; partners in shared channels, who need not be on any Grid, do not. Somebody
    of several teams of an organisation is told with one of them, which need not be the installation's.
    """
    of_grid = user.get("enterprise_user")
    of_grid = of_grid if isinstance(of_grid, dict) else {}
    if not installation.slack_team_id:
        return of_grid.get("enterprise_id") != installation.enterprise_id
    teams = of_grid.get("teams")
    at_home = [user.get("team_id") or installation.slack_team_id, *(teams if isinstance(teams, list) else [])]
    return installation.slack_team_id not in at_home


def public_name(workspace: Workspace, installation: Installation, user_id: str) -> str | None:
    """For mentions: only names we already hold, so that a mention never costs a call; their alias if they have one."""
    team_id = team_of(installation, user_id)
    agent = external_agent(workspace, external_id(team_id, user_id))
    if agent is not None and agent.public_name:
        return agent.public_name
    found = known(team_id, user_id)
    return found.name or None if found is not None else None
