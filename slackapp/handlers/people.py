"""People change their names and photos, leave, and a company its emoji."""

from typing import Any

from slackapp import people
from slackapp.actions.people import forget_emoji, store_identity
from slackapp.handlers.heard import Act, Heard
from slackapp.models import SlackIdentity


def on_user_change(heard: Heard) -> Act | None:
    """Only of people whom this team asked for; it comes for every change of anybody's status, too. Carries the whole

    user object. What one company is told of another's people does not change what these are at home.
    """
    user = heard.event.get("user")
    if not isinstance(user, dict):
        return None
    team_id, user_id = str(user.get("team_id") or heard.installation.slack_team_id), str(user.get("id") or "")
    known = people.known(team_id, user_id)
    told = people.profile(user, heard.installation)
    if known is None or known.seen_from != told["seen_from"] or _is_same(known, told):
        return None
    if told["avatar_url"] != known.avatar_url:
        if not heard.may_ask:
            raise people.AskSlack
        told = people.with_picture(told)

    def act() -> None:
        store_identity(team_id, user_id, told)

    return act


def _is_same(known: SlackIdentity, told: dict[str, Any]) -> bool:
    return all(getattr(known, name) == value for name, value in told.items())


def on_emoji_changed(heard: Heard) -> Act:
    return lambda: forget_emoji(heard.installation)
