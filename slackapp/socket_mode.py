"""Socket Mode: what Slack tells comes over a WebSocket that we open, for servers without a public address.

Every envelope goes through the same functions as a webhook (intake.py) and is acknowledged once it is recorded, so
that a process that dies in between is told again. Before Slack ends a connection it asks for a new one, which is
opened while the old one still speaks (docs.slack.dev/apis/events-api/using-socket-mode).
"""

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from config.database import write
from slackapp import catch_up, client, intake
from slackapp.actions import catching_up
from slackapp.errors import Answered, Do, Limited, SlackError

log = logging.getLogger(__name__)

HELLO_SECONDS = 10
# how long an old connection may still speak once Slack has asked for a new one
FAREWELL_SECONDS = 15
PAUSES = (1, 2, 5, 15, 30, 60)
TROUBLES = (OSError, TimeoutError, ConnectionClosed, InvalidHandshake, SlackError)
MAX_FRAME = intake.MAX_BODY + 65_536
TAKEN_BY: dict[str, Callable[[dict[str, Any]], Awaitable[dict[str, Any] | None]]] = {
    "events_api": intake.take_event,
    "interactive": intake.take_interaction,
    "slash_commands": intake.take_command,
}


class SwitchedOff(Exception):
    """Socket Mode is off in the app's settings, or the app's token is not good: knocking again would not help."""


async def run(stop: asyncio.Event, connected: Callable[[], None] = lambda: None) -> None:
    """Keeps a connection until `stop` is set; `connected` is called whenever one is ready.

    Raises SwitchedOff with a sentence for the operator, which the console shows as well.
    """
    stopping = asyncio.ensure_future(stop.wait())
    failures = 0
    while not stop.is_set():
        line = _Line(connected)
        try:
            await _first_of(line.run(), stopping)
            failures = 0
        except SwitchedOff as reason:
            await _note_shut(str(reason))
            raise
        except TROUBLES as error:
            log.warning("socket mode: %s: %s", type(error).__name__, str(error)[:200])
            pause = _pause(error, failures := 0 if line.was_ready else failures + 1)
            await _first_of(asyncio.sleep(pause), stopping)
    stopping.cancel()


async def _note_shut(reason: str) -> None:
    try:
        await write(catching_up.note_shut, "socket", reason)
    except DatabaseError:
        log.exception("socket mode: the console could not be told why nobody listens")


async def _first_of(work: Any, stopping: "asyncio.Future[Any]") -> None:
    task = asyncio.ensure_future(work)
    await asyncio.wait([task, stopping], return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    elif error := task.exception():
        raise error


def _pause(error: Exception, failures: int) -> float:
    if isinstance(error, Limited):
        return error.seconds
    return PAUSES[min(failures, len(PAUSES) - 1)] * random.uniform(0.5, 1.0)


class _Line:
    """One connection and, when Slack asks for it, the one after it."""

    def __init__(self, connected: Callable[[], None]) -> None:
        self._connected = connected
        self._farewells: set[asyncio.Task[None]] = set()
        self._answers: set[asyncio.Task[None]] = set()
        self.was_ready = False

    async def run(self) -> None:
        """Until the connection breaks; a renewed one takes over without a gap."""
        socket = await self._open()
        beating = asyncio.ensure_future(catch_up.keep_beating("socket"))
        try:
            while True:
                await self._listen(socket)
                socket = await self._follow(socket)
        except SwitchedOff:
            # a beat under way would hide the reason, which is noted next
            beating.cancel()
            await asyncio.wait([beating])
            raise
        finally:
            beating.cancel()
            await socket.close()
            for farewell in self._farewells:
                farewell.cancel()

    async def _open(self) -> ClientConnection:
        url = await asyncio.to_thread(_address)
        socket = await connect(
            url, max_size=MAX_FRAME, compression=None, proxy=None, open_timeout=HELLO_SECONDS
        )
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                first = _read(await socket.recv())
        except BaseException:
            await socket.close()
            raise
        if first.get("type") != "hello":
            await socket.close()
            _check_disabled(first)
            raise OSError("Slack did not say hello")
        self.was_ready = True
        self._connected()
        return socket

    async def _follow(self, old: ClientConnection) -> ClientConnection:
        """The next connection. The old one is heard meanwhile, and to its own end while no other can be had."""
        farewell = asyncio.ensure_future(self._hear_out(old))
        self._farewells.add(farewell)
        farewell.add_done_callback(self._farewells.discard)
        failures = 0
        while True:
            try:
                socket = await self._open()
            except (*TROUBLES, SwitchedOff) as error:
                log.warning(
                    "socket mode: no next connection yet: %s: %s", type(error).__name__, str(error)[:200]
                )
                await asyncio.wait([farewell], timeout=_pause(error, failures))
                if farewell.done():
                    raise
                failures += 1
            else:
                asyncio.get_running_loop().call_later(FAREWELL_SECONDS, farewell.cancel)
                return socket

    async def _hear_out(self, socket: ClientConnection) -> None:
        try:
            while True:
                await self._listen(socket)
        except (ConnectionClosed, SwitchedOff):
            log.info("socket mode: an old connection has ended")
        finally:
            await socket.close()

    async def _listen(self, socket: ClientConnection) -> None:
        """Takes envelopes until Slack asks for a new connection."""
        while True:
            frame = _read(await socket.recv())
            if frame.get("type") == "disconnect":
                _check_disabled(frame)
                log.info("socket mode: Slack asks for a new connection (%s)", frame.get("reason"))
                return
            if "envelope_id" in frame:
                await self._hear(socket, frame)

    async def _hear(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        """Events in their order. Whoever waits for an answer keeps nobody else waiting."""
        if frame.get("type") == "events_api":
            await _take(socket, frame)
            return
        answering = asyncio.ensure_future(_answer(socket, frame))
        self._answers.add(answering)
        answering.add_done_callback(self._answers.discard)


def _read(text: str | bytes) -> dict[str, Any]:
    """Empty for what is no frame of Slack's, which stops nothing."""
    try:
        return intake.parsed(text)
    except intake.Turned:
        log.warning("socket mode: a frame that is not Slack's was passed over")
        return {}


def _check_disabled(frame: dict[str, Any]) -> None:
    if frame.get("reason") == "link_disabled":
        raise SwitchedOff(
            "Socket Mode is switched off in the Slack app's settings. Switch it on there, or give the app "
            "public addresses and let SLACK_APP_TOKEN go."
        )


async def _answer(socket: ClientConnection, frame: dict[str, Any]) -> None:
    try:
        await _take(socket, frame)
    except ConnectionClosed:
        log.info("socket mode: the connection ended before somebody was answered")


async def _take(socket: ClientConnection, frame: dict[str, Any]) -> None:
    """Recorded, then acknowledged; what could not be recorded is not, so that Slack sends it again."""
    take, payload = TAKEN_BY.get(str(frame.get("type"))), frame.get("payload")
    answer = None
    if take is not None and isinstance(payload, dict):
        try:
            answer = await take(payload)
        except (DatabaseError, OSError):
            log.exception("socket mode: an envelope could not be recorded")
            return
    acknowledged: dict[str, Any] = {"envelope_id": frame["envelope_id"]}
    if answer is not None and frame.get("accepts_response_payload"):
        acknowledged["payload"] = answer
    await socket.send(json.dumps(acknowledged))


def _address() -> str:
    """Where to connect, for one connection. Only Slack's own hosts, or the one that is configured as Slack, are."""
    try:
        answer = client.call("apps.connections.open", settings.SLACK_APP_TOKEN)
    except Answered as error:
        if error.todo is Do.REAUTHORISE or error.code == "forbidden_team":
            raise SwitchedOff(
                f"Slack does not accept SLACK_APP_TOKEN ({error.code}). Make an app-level token with the scope "
                "connections:write under Basic Information of the Slack app."
            ) from error
        raise
    url = str(answer.get("url") or "")
    if not url.startswith(("ws://", "wss://")) or not client.is_slacks("http" + url.removeprefix("ws")):
        raise OSError("Slack named an address that is not Slack's")
    return url
