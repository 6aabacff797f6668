"""People in Slack as visitors see them: looked up once a day, never guessed."""

import logging
from datetime import timedelta
from typing import Any

from django.utils import timezone

from config.prepared import Prepared
from livechat.segments import safe_url
from slackapp import actions, client
from slackapp.errors import SlackError
from slackapp.models import Installation, SlackIdentity

log = logging.getLogger(__name__)

FRESH = timedelta(hours=24)
_KNOWN = Prepared(
    lambda team_id, user_id: SlackIdentity.objects.filter(slack_team_id=team_id, slack_user_id=user_id)
)


class AskSlack(Exception):
    """Who this is must be asked of Slack first, which is done by one worker at a time."""


def identity(
    installation: Installation, team_id: str, user_id: str, *, may_ask: bool
) -> SlackIdentity | None:
    """From our rows, or from users.info when missing or stale. None if Slack does not tell.

    The company's name stands in then. Calls Slack, so never inside a transaction; raises AskSlack if it may not.
    """
    known = _KNOWN.first(team_id=team_id, user_id=user_id)
    if known is not None and known.fetched_at and timezone.now() - known.fetched_at < FRESH:
        return known
    if not may_ask:
        raise AskSlack
    try:
        answer = client.call("users.info", installation.bot_token.reveal(), user=user_id)
    except SlackError as error:
        log.info("a profile could not be read: %s", error)
        return known
    return actions.store_identity(team_id, user_id, profile(answer.get("user"), installation))


def profile(user: Any, installation: Installation) -> dict[str, Any]:
    """Our columns from a users.info answer; unknown shapes give an empty name, which shows the company's."""
    user = user if isinstance(user, dict) else {}
    found = user.get("profile") if isinstance(user.get("profile"), dict) else {}
    assert isinstance(found, dict)
    name = str(found.get("display_name") or found.get("real_name") or user.get("real_name") or "").strip()
    photo = str(found.get("image_192") or found.get("image_72") or "")
    guest = any(user.get(flag) for flag in ("is_restricted", "is_ultra_restricted", "is_stranger"))
    elsewhere = _is_of_another_company(user, installation)
    return {
        "name": name[:80],
        "title": str(found.get("title") or "")[:120],
        "avatar_url": photo if len(photo) <= 500 and safe_url(photo) else "",
        "is_outsider": bool(guest) or elsewhere,
    }


def _is_of_another_company(user: dict[str, Any], installation: Installation) -> bool:
    """An installation of a whole Enterprise Grid has many teams; there the organisation decides.

    Its own people carry `enterprise_user`; partners in shared channels, who need not be on any Grid, do not.
    """
    if installation.slack_team_id:
        return user.get("team_id") not in (None, installation.slack_team_id)
    of_grid = user.get("enterprise_user")
    of_grid = of_grid if isinstance(of_grid, dict) else {}
    return of_grid.get("enterprise_id") != installation.enterprise_id


def public_name(installation: Installation, user_id: str) -> str | None:
    """For mentions: only names we already hold, so that a mention never costs a call."""
    names = SlackIdentity.objects.filter(slack_team_id=installation.slack_team_id, slack_user_id=user_id)
    return names.values_list("name", flat=True).first() or None
