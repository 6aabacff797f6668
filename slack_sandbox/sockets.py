"""Socket Mode: payloads go over the app's own WebSockets, each to one of them, and wait there for their envelope's id.

Switched on, nothing goes to the app's addresses any more, for any team
(docs.slack.dev/apis/events-api/using-socket-mode).
"""

import asyncio
import secrets
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode

from starlette.websockets import WebSocket, WebSocketDisconnect

from slack_sandbox.given import read_json
from slack_sandbox.model import Json
from slack_sandbox.options import Options

PATIENCE = 3.0
MOST_CONNECTIONS = 10
# how long a connection that is to be renewed still stands
FAREWELL = 10.0
DISCONNECTS = ("warning", "refresh_requested", "link_disabled")


@dataclass
class Sockets:
    options: Options
    on: bool = False
    tickets: set[str] = field(default_factory=set)
    open: list[WebSocket] = field(default_factory=list)
    waiting: dict[str, asyncio.Future[Json]] = field(default_factory=dict)
    _closing: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.on = self.options.socket_mode

    def ticket(self) -> str:
        """An address that is good for one connection."""
        ticket = secrets.token_urlsafe(16)
        self.tickets.add(ticket)
        origin = self.options.origin.replace("http", "ws", 1)
        return f"{origin}/link/?{urlencode({'ticket': ticket, 'app_id': self.options.app_id})}"

    async def __call__(self, socket: WebSocket) -> None:
        asked = parse_qs(socket.url.query).get("ticket", [""])[0]
        if asked not in self.tickets or len(self.open) >= MOST_CONNECTIONS:
            await socket.close(4403)
            return
        self.tickets.discard(asked)
        await socket.accept()
        if not self.on:
            await self._say_goodbye(socket, "link_disabled")
            return
        await self._serve(socket)

    async def _serve(self, socket: WebSocket) -> None:
        self.open.append(socket)
        try:
            await socket.send_json(self._hello())
            while True:
                self._take(read_json(await socket.receive_text()))
        except (WebSocketDisconnect, ValueError):
            return
        finally:
            if socket in self.open:
                self.open.remove(socket)

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "connection_info": {"app_id": self.options.app_id},
            "num_connections": len(self.open),
            "debug_info": {"host": "applink-sandbox", "approximate_connection_time": 3600},
        }

    def _take(self, said: Json) -> None:
        """An acknowledgement; of an envelope nobody waits for any more, it changes nothing."""
        waiting = self.waiting.get(str(said.get("envelope_id")))
        if waiting is not None and not waiting.done():
            waiting.set_result(said.get("payload") or {})

    async def send(
        self, kind: str, payload: Json, *, attempt: int = 0, reason: str = "", answers: bool = False
    ) -> Json:
        """What the app answered. Raises TimeoutError, or OSError where no connection is open."""
        if not self.open:
            raise ConnectionError("no connection of the app is open")
        envelope: Json = {"envelope_id": str(uuid.uuid4()), "type": kind, "payload": payload}
        envelope["accepts_response_payload"] = answers
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        self.open.append(socket := self.open.pop(0))
        self.waiting[envelope["envelope_id"]] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(PATIENCE):
                await socket.send_json(envelope)
                return await self.waiting[envelope["envelope_id"]]
        except (RuntimeError, WebSocketDisconnect):
            raise ConnectionError("the connection closed") from None
        finally:
            del self.waiting[envelope["envelope_id"]]

    async def disconnect(self, reason: str, closes_in: float = FAREWELL) -> int:
        """Slack asks every connection to be renewed, or (`gone`) drops it without a word; how many there were."""
        leaving = list(self.open)
        for socket in leaving:
            if reason == "gone":
                await socket.close(1011)
            else:
                await self._say_goodbye(socket, reason, closes_in)
        return len(leaving)

    async def _say_goodbye(self, socket: WebSocket, reason: str, closes_in: float = 0) -> None:
        """One that is to be renewed still takes payloads until it is closed, `closes_in` seconds later."""
        frame = {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-sandbox"}}
        await socket.send_json(frame)
        if reason == "link_disabled":
            await socket.close(1000)
            return
        task = asyncio.create_task(self._close_later(socket, closes_in))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _close_later(self, socket: WebSocket, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if socket in self.open:
            self.open.remove(socket)
            with suppress(RuntimeError, WebSocketDisconnect):
                await socket.close(1000)

    def reset(self) -> None:
        self.on = self.options.socket_mode
        self.tickets.clear()
