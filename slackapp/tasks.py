"""Three-line wrappers that carry hints; the functions behind them are what is tested, and Huey stays replaceable."""

from django.db import close_old_connections, connection
from huey.contrib.djhuey import HUEY

from config import engine, hints
from slackapp import lanes, notices
from slackapp.handlers import work_inbound
from slackapp.mirror import deliver


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
def _inbound(lane_id: int, lane_key: str) -> None:
    _care_for_connection()
    work_inbound(lane_id, lane_key)


@HUEY.on_startup()  # type: ignore[untyped-decorator]
def _worker_started() -> None:
    """In a worker process the alarm rings parked lanes and runs the sweeps; embedded it runs already."""
    engine.start_alarm()


@HUEY.task()  # type: ignore[untyped-decorator]
def _tell_owners(connection_id: str, problem: str) -> None:
    close_old_connections()
    notices.tell_owners(connection_id, problem)


def tell_owners(connection_id: object, problem: str) -> None:
    if engine.carries():
        _tell_owners(str(connection_id), problem)


def ring_deliver(lane_id: int) -> None:
    if engine.carries():
        hints.give(lambda: _deliver(lane_id))


def ring_inbound(lane_id: int, lane_key: str) -> None:
    if engine.carries():
        hints.give(lambda: _inbound(lane_id, lane_key))


def sweep() -> None:
    """Rings every lane that is due and held by nobody: heals lost rings, killed workers and restarts.

    Lanes stay due while their hints wait, so that ringing again while many wait would only make the queue longer.
    """
    if HUEY.pending_count() > engine.THREADS:
        return
    close_old_connections()
    for lane_id, key in lanes.due():
        if key.startswith("in:"):
            ring_inbound(lane_id, key)
        else:
            ring_deliver(lane_id)
