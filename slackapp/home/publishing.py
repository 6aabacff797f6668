"""The lane of an installation's Home tabs: those that are due are written one after the other, at Slack's pace."""

import hashlib
import json
import logging
import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from config.engine import ring_in
from slackapp import budgets, keys, lanes, people
from slackapp.actions import homes, note_installation_problem
from slackapp.actions.homes import HOMES
from slackapp.errors import Answered, Limited, SlackError, sentence
from slackapp.home import pages, reading, viewers
from slackapp.models import HomeTab, Installation

log = logging.getLogger(__name__)

METHOD = "views.publish"
# Tier 4: more than 100 a minute
PACE, BURST = timedelta(seconds=0.6), 20
# so long is nothing published where Slack shows no Home tab of ours
OFF = timedelta(hours=1)


def work_homes(lane_id: int, key: str) -> None:
    installation_id = uuid.UUID(key.removeprefix(HOMES))
    while (token := lanes.claim(lane_id)) is not None:
        wait = _write_next(installation_id)
        if _rest(lane_id, key, token, wait):
            return


def _rest(lane_id: int, key: str, token: uuid.UUID, wait: datetime | None) -> bool:
    """Gives the lane back until the next is due; True if that lies ahead or never comes."""
    with transaction.atomic():
        lane = lanes.hold(lane_id, token)
        if lane is None:
            return True
        due = _due(uuid.UUID(key.removeprefix(HOMES)))
        moment = due.due_at if due is not None else None
        if moment is not None and wait is not None:
            moment = max(moment, wait)
        lanes.release(lane, moment)
    now = timezone.now()
    if moment is not None and moment > now:
        _ring_at(lane_id, key, moment)
    return moment is None or moment > now


def _ring_at(lane_id: int, key: str, moment: datetime) -> None:
    from slackapp import tasks

    if (wait := (moment - timezone.now()).total_seconds()) < 60:
        ring_in(wait, lambda: tasks.ring_homes(lane_id, key))


def _due(installation_id: uuid.UUID) -> HomeTab | None:
    """The next in turn; whoever looks just now is not kept waiting by those who looked before."""
    active = HomeTab.objects.filter(
        installation=installation_id, installation__state=Installation.State.ACTIVE, due_at__isnull=False
    )
    return active.select_related("installation").order_by("due_at", "pk").first()


def _write_next(installation_id: uuid.UUID) -> datetime | None:
    """At most one; the moment before which no other is to be tried."""
    home, now = _due(installation_id), timezone.now()
    if home is None or home.due_at is None or home.due_at > now:
        return None
    installation = home.installation
    waits = (installation.paused_until, budgets.asked_to_wait(installation, METHOD))
    if wait := max((moment for moment in waits if moment is not None and moment > now), default=None):
        return wait
    if not budgets.take_turn(installation, METHOD, PACE, BURST):
        return now + PACE
    try:
        return _write(installation, home, now)
    except Exception:
        log.exception("a Home tab could not be made")
        homes.note_failed(home)
        return None


def _write(installation: Installation, home: HomeTab, now: datetime) -> datetime | None:
    try:
        viewer = viewers.viewer_of(installation, home.slack_team_id, home.slack_user_id, may_ask=True)
        view = pages.view_of(reading.facts_of(viewer, home))
        digest = hashlib.sha256(json.dumps(view, sort_keys=True).encode()).hexdigest()
        if digest == home.shown:
            homes.note_written(home, now, digest, home.hash)
            return None
        answer = keys.call(
            installation, METHOD, user_id=home.slack_user_id, view=view, hash=home.hash or None
        )
    except (SlackError, people.SlackAway) as error:
        return _failed(installation, home, error)
    published = answer.get("view")
    homes.note_written(
        home, now, digest, str(published.get("hash") or "") if isinstance(published, dict) else ""
    )
    return None


def _failed(installation: Installation, home: HomeTab, error: Exception) -> datetime | None:
    if isinstance(error, Limited):
        return budgets.pause(installation, METHOD, error.seconds)
    if isinstance(error, Answered):
        return _refused(installation, home, error)
    log.info("a Home tab could not be written: %s", error)
    homes.note_failed(home)
    return None


def _refused(installation: Installation, home: HomeTab, error: Answered) -> datetime | None:
    if error.code == "hash_conflict":
        homes.note_conflict(home)
    elif error.code == "not_enabled":
        log.warning("Slack shows no Home tab of this app: it is switched off in the app's settings there")
        homes.give_up_all(installation)
        return budgets.pause(installation, METHOD, OFF.total_seconds())
    elif error.stops_team:
        note_installation_problem(installation, sentence(error.code), error.code)
    else:
        log.warning("slack refused a Home tab: %s", error)
        homes.give_up(home)
    return None
