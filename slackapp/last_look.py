"""A key that Slack called dead, of which nothing else was heard, is asked once more; then it is forgotten (S23).

`app_uninstalled` and `tokens_revoked` may never reach us. Without this the key would be kept for ever, and what is
held of the Slack team would have no day on which it goes.
"""

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from slackapp import client, rotation
from slackapp.actions.keys import DEAD, DOUBTED_FOR, note_alive, put_off_last_look
from slackapp.actions.leaving import revoke
from slackapp.errors import Answered, Do, SlackError, sentence
from slackapp.models import Installation

log = logging.getLogger(__name__)

AFTER_TROUBLE = timedelta(minutes=10)


def due_at(installation: Installation) -> datetime | None:
    waits = installation.state == Installation.State.NEEDS_REAUTH
    return installation.doubted_until if waits else None


def take(installation: Installation) -> None:
    """Calls Slack: never inside a transaction. Where Slack gives no answer about the key, it is asked again later.

    The caller holds the lane of the installation's chores, so nobody else renews the key meanwhile.
    """
    try:
        _ask(installation)
    except Answered as error:
        _refused(installation, error)
    except (SlackError, KeyError) as error:
        log.info("a key could not be asked a last time: %s", error)
        put_off_last_look(installation, timezone.now() + AFTER_TROUBLE)
    else:
        note_alive(installation)


def _ask(installation: Installation) -> None:
    """A key that has had its time is alive if it can be renewed."""
    try:
        client.call("auth.test", installation.bot_token.reveal())
    except Answered as error:
        if error.todo is not Do.REFRESH or not installation.refresh_token:
            raise
        rotation.replace(installation)
        installation.refresh_from_db()


def _refused(installation: Installation, error: Answered) -> None:
    """Whatever else Slack has against the app, or the server's own settings, is no reason to delete anything."""
    if error.code in DEAD:
        revoke(installation, sentence(error.code))
    else:
        put_off_last_look(installation, timezone.now() + DOUBTED_FOR)
