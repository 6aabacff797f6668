"""A key that Slack has just given and that is not taken: it is given back, unless somebody here is answered with it."""

import logging
from typing import Any

from accounts.errors import Refused
from slackapp import departure
from slackapp.errors import SlackError
from slackapp.models import Installation

log = logging.getLogger(__name__)

UNCHANGED = " Nothing was changed."
GIVEN_BACK = "The key that Slack gave for it was given back, and nothing was changed here."
IN_USE = "The app stays in Slack, where it is in use. Nothing was changed."
LEFT_THERE = (
    "Nothing was changed here. Slack may list the app all the same: start again, or remove the app there."
)


def refused(found: dict[str, Any], refusal: Refused) -> Refused:
    """The same refusal, with what has become of the key. `found`: the columns of an Installation that is not stored.

    Calls Slack: never inside a transaction.
    """
    return Refused(refusal.code, f"{refusal.sentence.removesuffix(UNCHANGED)} {_give_back(found)}")


def _give_back(found: dict[str, Any]) -> str:
    if _used(found):
        return IN_USE
    try:
        departure.end_in_slack(Installation(**found))
    except SlackError as error:
        log.info("a key that is not taken could not be given back: %s", error)
        return LEFT_THERE
    for installation in _used(found):
        departure.look_after(installation)  # somebody else of the team arrived in this moment
    return GIVEN_BACK


def _used(found: dict[str, Any]) -> list[Installation]:
    """Slack gives the same key to whoever allows the app once more."""
    key = {name: found[name] for name in ("enterprise_id", "slack_team_id", "app_id")}
    return list(Installation.objects.filter(**key).exclude(state=Installation.State.REVOKED))
