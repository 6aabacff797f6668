"""Three-line wrappers that carry hints; the functions behind them are what is tested, and Huey stays replaceable."""

import uuid

from django.db import close_old_connections, connection
from huey.contrib.djhuey import HUEY

from config import engine, hints
from livechat.events import SiteAsked
from slackapp import availability, card_looks, installers, lanes, notices, nudge, reminder_mails, reminding
from slackapp.actions.forgetting import purge_events
from slackapp.actions.homes import HOMES, note_moved
from slackapp.actions.waking import CHORES
from slackapp.chores import work_chores
from slackapp.home.publishing import work_homes
from slackapp.home.sweeping import find_moved
from slackapp.inbound import work_inbound
from slackapp.mirror import deliver
from slackapp.receipts import find_absent


def _care_for_connection() -> None:
    """After an error only: looking whether the connection is alive is a way to the server and back for every hint.

    A hint that meets a dead connection, or plans that a migration made stale, is lost; the next sweep repeats it.
    """
    if connection.errors_occurred:
        connection.close()


@HUEY.task()  # type: ignore[untyped-decorator]
def _deliver(lane_id: int) -> None:
    _care_for_connection()
    deliver(lane_id)


@HUEY.task()  # type: ignore[untyped-decorator]
def _inbound(*lane: int | str) -> None:
    """By its key; web processes of the version before give its number first."""
    _care_for_connection()
    work_inbound(str(lane[-1]))


@HUEY.task()  # type: ignore[untyped-decorator]
def _chores(lane_id: int, key: str) -> None:
    _care_for_connection()
    work_chores(lane_id, key)


@HUEY.task()  # type: ignore[untyped-decorator]
def _homes(lane_id: int, key: str) -> None:
    _care_for_connection()
    work_homes(lane_id, key)


@HUEY.task()  # type: ignore[untyped-decorator]
def _chat_moved(chat_id: str) -> None:
    _care_for_connection()
    note_moved(uuid.UUID(chat_id))


@HUEY.task()  # type: ignore[untyped-decorator]
def _lane(lane_id: int) -> None:
    _care_for_connection()
    key = lanes.key_of(lane_id)
    if key is not None and key.startswith("in:"):
        work_inbound(key)
    elif key is not None and key.startswith(CHORES):
        work_chores(lane_id, key)
    elif key is not None and key.startswith(HOMES):
        work_homes(lane_id, key)
    elif key is not None:
        deliver(lane_id)


@HUEY.on_startup()  # type: ignore[untyped-decorator]
def _worker_started() -> None:
    """In a worker process the alarm rings parked lanes and runs the sweeps; embedded it runs already."""
    engine.start_alarm()


@HUEY.task()  # type: ignore[untyped-decorator]
def _tell_owners(connection_id: str, problem: str) -> None:
    close_old_connections()
    notices.tell_owners(connection_id, problem)
    installers.tell(connection_id, problem)


def tell_owners(connection_id: object, problem: str) -> None:
    if engine.carries():
        _tell_owners(str(connection_id), problem)


@HUEY.task()  # type: ignore[untyped-decorator]
def _tell_of_newcomer(connection_id: str, name: str) -> None:
    close_old_connections()
    notices.tell_of_newcomer(connection_id, name)


def tell_of_newcomer(connection_id: object, name: str) -> None:
    if engine.carries():
        _tell_of_newcomer(str(connection_id), name)


def ring_deliver(lane_id: int) -> None:
    if engine.carries():
        hints.give(lambda: _deliver(lane_id))
    else:
        hints.give(lambda: nudge.send(lane_id))


def ring_inbound(lane_key: str) -> None:
    if engine.carries():
        hints.give(lambda: _inbound(lane_key))
    else:
        hints.give(lambda: nudge.send_inbound(lane_key))


def ring_chores(lane_id: int, key: str) -> None:
    if engine.carries():
        hints.give(lambda: _chores(lane_id, key))
    else:
        hints.give(lambda: nudge.send(lane_id))


def ring_homes(lane_id: int, key: str) -> None:
    if engine.carries():
        hints.give(lambda: _homes(lane_id, key))
    else:
        hints.give(lambda: nudge.send(lane_id))


def look_at_homes(chat_id: object) -> None:
    """Whoever is shown this chat in Slack sees it change; a lost ring costs some minutes."""
    if engine.carries():
        hints.give(lambda: _chat_moved(str(chat_id)))


def ring_lane(lane_id: int) -> None:
    """For another process, which names nothing but the lane."""
    if engine.carries():
        hints.give(lambda: _lane(lane_id))


@HUEY.task()  # type: ignore[untyped-decorator]
def _look(installation_id: str) -> None:
    _care_for_connection()
    availability.look(installation_id)


def look_after(fact: SiteAsked) -> None:
    """A widget was opened after a while: who is there is asked at once, not with the next sweep."""
    look_for_people()


def look_for_people() -> None:
    """For every team with an open widget; whoever is looked at is marked, so that ringing twice asks nothing twice."""
    if engine.carries():
        for installation_id in availability.asked_installations():
            _look(str(installation_id))


@HUEY.task()  # type: ignore[untyped-decorator]
def _remind() -> None:
    close_old_connections()
    reminding.remind_due()
    reminder_mails.send_due()


@HUEY.task()  # type: ignore[untyped-decorator]
def _purge() -> None:
    close_old_connections()
    while purge_events():
        pass


# --- sweeps: each in every process that works, as config.engine.SWEEPS says ------------------------------------------


def _is_busy() -> bool:
    """More hints wait than are worked: what is looked for now would only make the queue longer."""
    return bool(HUEY.pending_count() > engine.THREADS)


def sweep() -> None:
    """Rings every lane that is due and held by nobody: heals lost rings, killed workers and restarts."""
    if _is_busy():
        return
    close_old_connections()
    _ring_all(lanes.marked())
    _ring_all(lanes.at_rest_with_events())
    _ring_all(lanes.told_since_parked())


def _ring_all(found: list[tuple[int, str]]) -> None:
    for lane_id, key in found:
        if key.startswith("in:"):
            ring_inbound(key)
        elif key.startswith(CHORES):
            ring_chores(lane_id, key)
        elif key.startswith(HOMES):
            ring_homes(lane_id, key)
        else:
            ring_deliver(lane_id)


def find_absent_visitors() -> None:
    if not _is_busy():
        close_old_connections()
        find_absent()


def remind() -> None:
    close_old_connections()
    if not _is_busy() and (reminding.is_any_due() or reminder_mails.is_any_due()):
        _remind()


def watch_people() -> None:
    if not _is_busy():
        close_old_connections()
        look_for_people()


def look_after_cards() -> None:
    if not _is_busy():
        close_old_connections()
        card_looks.look_after_cards()


def compare_homes() -> None:
    if not _is_busy():
        close_old_connections()
        find_moved()


def purge() -> None:
    """Two processes that do it at once undo nothing."""
    _purge()
