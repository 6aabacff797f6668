"""Three-line wrappers that carry hints; the functions behind them are what is tested, and Huey stays replaceable."""

from django.db import close_old_connections
from huey.contrib.djhuey import HUEY

from config import engine
from slackapp import lanes
from slackapp.handlers import work_inbound
from slackapp.mirror import deliver


@HUEY.task()  # type: ignore[untyped-decorator]
def _deliver(lane_id: int) -> None:
    close_old_connections()
    deliver(lane_id)


@HUEY.task()  # type: ignore[untyped-decorator]
def _inbound(lane_id: int, lane_key: str) -> None:
    close_old_connections()
    work_inbound(lane_id, lane_key)


def ring_deliver(lane_id: int) -> None:
    if engine.carries():
        _deliver(lane_id)


def ring_inbound(lane_id: int, lane_key: str) -> None:
    if engine.carries():
        _inbound(lane_id, lane_key)


def sweep() -> None:
    """Rings every lane that is due and held by nobody: heals lost rings, killed workers and restarts."""
    close_old_connections()
    for lane_id, key in lanes.due():
        if key.startswith("in:"):
            ring_inbound(lane_id, key)
        else:
            ring_deliver(lane_id)
