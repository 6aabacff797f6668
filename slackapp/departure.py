"""Slack is told that a key is no longer wanted; thirty days later nothing of that Slack team is left (S23)."""

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from slackapp import client, promises, rotation
from slackapp.actions import note_installation_problem
from slackapp.actions.leaving import note_farewell
from slackapp.errors import Answered, Do, Limited, NotSent, SlackError, sentence
from slackapp.models import Installation

log = logging.getLogger(__name__)


def say_farewell(installation: Installation) -> None:
    """Where tokens rotate, auth.revoke ends only one of them: there the app is uninstalled instead.

    A key that has had its time is renewed once, to say farewell with the next; whatever Slack answers to that is its
    last word. While Slack cannot be reached the key is kept and it is told again, for a day.
    """
    try:
        _end_with_a_key_that_opens(installation)
    except Answered as error:
        log.info("slack did not revoke a key, which is forgotten here all the same: %s", error)
    except SlackError as error:
        seconds = error.seconds if isinstance(error, Limited) else 0.0
        wait = promises.backoff(installation.tries + 1).total_seconds()
        note_farewell(installation, timezone.now() + timedelta(seconds=max(seconds, wait)))
        return
    if not note_farewell(installation, None):
        look_after(installation)


def _end_with_a_key_that_opens(installation: Installation) -> None:
    """Raises NotSent where Slack was away in the moment of renewing: nothing is known of the key then."""
    try:
        end_in_slack(installation)
    except Answered as error:
        if error.todo is not Do.REFRESH or not installation.refresh_token:
            raise
        is_renewed = rotation.renew(installation)
        tries = installation.tries
        installation.refresh_from_db()
        if is_renewed:
            end_in_slack(installation)
        elif installation.renew_at is not None:
            installation.tries = tries
            raise NotSent("the key could not be renewed yet") from error
        else:
            raise


def end_in_slack(installation: Installation) -> None:
    token = installation.bot_token.reveal()
    if not installation.refresh_token:
        client.call("auth.revoke", token)
        return
    ours = {"client_id": settings.SLACK_CLIENT_ID, "client_secret": settings.SLACK_CLIENT_SECRET}
    client.call("apps.uninstall", token, **ours)


def look_after(seen: Installation) -> None:
    """Somebody connected again while the old key was being revoked; Slack often gives the same key a second time."""
    now = Installation.objects.filter(pk=seen.pk, state=Installation.State.ACTIVE).first()
    if now is None:
        return
    try:
        client.call("auth.test", now.bot_token.reveal())
    except Answered as error:
        if error.stops_team:
            note_installation_problem(now, sentence(error.code), error.code)
    except SlackError as error:
        log.info("a new key could not be looked at: %s", error)
