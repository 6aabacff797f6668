"""Keys that end: renewed ahead of time by one worker at a time, or when Slack says that one has ended (S23).

A refresh token is good once, and forgiven for a moment more; the row keeps the old pair until the new one is stored.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from slackapp import client, lanes, promises
from slackapp.actions import note_installation_problem
from slackapp.actions.keys import Pair, put_off_renewal, store_pair
from slackapp.actions.waking import CHORES
from slackapp.errors import Answered, Do, Limited, NotSent, SlackError, sentence
from slackapp.models import Installation

log = logging.getLogger(__name__)


def renew(installation: Installation) -> bool:
    """Asks Slack for the next pair and stores it; True if there is one. Calls Slack: never inside a transaction.

    The caller holds the lane of the installation's chores, so that nobody else asks at the same time.
    """
    try:
        return replace(installation)
    except Answered as error:
        _refused(installation, error)
    except Limited as error:
        put_off_renewal(installation, timezone.now() + timedelta(seconds=error.seconds))
    except (SlackError, KeyError) as error:
        log.warning("a key could not be renewed: %s", error)
        put_off_renewal(installation, timezone.now() + promises.backoff(installation.tries + 1))
    return False


def replace(installation: Installation) -> bool:
    """As `renew`; raises what Slack says instead, and KeyError for an answer without a key."""
    return store_pair(installation, pair_of(_asked(installation)))


def renew_now(installation: Installation) -> None:
    """The key has had its time and somebody waits for another. NotSent while another worker is at it."""
    lane_id = lanes.make_due(f"{CHORES}{installation.pk}")
    token = lanes.claim(lane_id)
    if token is None:
        raise NotSent("the key is being renewed")
    try:
        renew(installation)
    finally:
        with transaction.atomic():
            # due still: whoever works the chores next parks the lane until the right moment
            if (lane := lanes.hold(lane_id, token)) is not None:
                lanes.release(lane, timezone.now())


def _asked(installation: Installation) -> dict[str, object]:
    ours = {"client_id": settings.SLACK_CLIENT_ID, "client_secret": settings.SLACK_CLIENT_SECRET}
    if not installation.refresh_token:
        return client.call("oauth.v2.exchange", installation.bot_token.reveal(), **ours)
    refresh_token = installation.refresh_token.reveal()
    return client.call("oauth.v2.access", "", grant_type="refresh_token", refresh_token=refresh_token, **ours)


def _refused(installation: Installation, error: Answered) -> None:
    """A key that still works is not given up because it cannot be exchanged: the server's app may not rotate yet."""
    put_off_renewal(installation, None)
    log.error("slack did not renew a key: %s", error)
    if error.todo is Do.REAUTHORISE:
        note_installation_problem(installation, sentence(error.code), error.code)


def pair_of(answer: dict[str, object]) -> Pair:
    """The keys of an answer of oauth.v2.access or oauth.v2.exchange. KeyError if there is none."""
    seconds = answer.get("expires_in")
    return Pair(
        access_token=str(answer["access_token"]),
        refresh_token=str(answer.get("refresh_token") or ""),
        seconds=seconds if isinstance(seconds, int) and not isinstance(seconds, bool) else 0,
    )
