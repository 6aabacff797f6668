"""Without Redis, another process of this machine tells the web process at once what happened there (S26).

That process, such as the listener of Socket Mode, has no workers and no visitors: those live beside the sockets. The
number of a lane with work (the key of an inbound one), or the rings for sockets whose rows changed, go as a datagram to
a socket in VAR_DIR. They are hints like any other: a lane is found by the next sweep, and a socket that missed a ring
reads more with the next.
"""

import asyncio
import contextlib
import json
import logging
import socket
from collections.abc import Iterator

from channels.layers import get_channel_layer
from django.conf import settings

from livechat.doorbell import Ring

log = logging.getLogger(__name__)

MOST_BYTES = 65_536
MOST_DIGITS = 18


def _address() -> str:
    return str(settings.VAR_DIR / "wake.sock")


def send(lane_id: int) -> None:
    """Never waits, and is harmless where nobody listens."""
    _say(str(lane_id).encode())


def send_inbound(lane_key: str) -> None:
    """As `send`, for a lane of what Slack tells."""
    _say(lane_key.encode())


def pass_on(rings: list[Ring]) -> None:
    """As `send`, what sockets of the web process are to be told."""
    _say(json.dumps(rings).encode())


def _say(said: bytes) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as mouth:
        try:
            mouth.sendto(said, _address())
        except OSError as error:
            log.debug("the web process was not woken: %s", error)


async def watch() -> None:
    """The web process's side; only the one that may be alone on its VAR_DIR listens (config/lifespan.py)."""
    with contextlib.ExitStack() as stack:
        try:
            ear = stack.enter_context(_listening())
        except OSError:
            log.exception(
                "other processes cannot wake this one; the sweep finds their work within two seconds"
            )
            return
        while True:
            _hear(await asyncio.get_running_loop().sock_recv(ear, MOST_BYTES))


def _hear(said: bytes) -> None:
    from slackapp import tasks

    if said.isdigit() and len(said) <= MOST_DIGITS:
        tasks.ring_lane(int(said))
    elif said.startswith(b"in:"):
        tasks.ring_inbound(said.decode("utf-8", "replace"))
    elif said.startswith(b"["):
        try:
            get_channel_layer().ring([(str(group), dict(message)) for group, message in json.loads(said)])
        except (ValueError, TypeError):
            log.warning("what another process rang was not understood")


@contextlib.contextmanager
def _listening() -> Iterator[socket.socket]:
    path = settings.VAR_DIR / "wake.sock"
    # of a process that was killed
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as ear:
        ear.bind(_address())
        path.chmod(0o600)
        try:
            yield ear
        finally:
            path.unlink(missing_ok=True)
