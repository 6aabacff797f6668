"""Visitors and agents without hands. The visitor is written from the protocol alone: pending lines, one in flight, the
same id after every reconnect, `sync` on gaps.
"""

import asyncio
import contextlib
import itertools
import json
import random
import uuid
from collections import deque
from typing import Any

import httpx
import websockets
from websockets.asyncio.client import ClientConnection, connect

from tests.faults.store import Frame, Store

ACK_SECONDS = 5.0
SILENCE_SECONDS = 40.0


class Visitor:
    def __init__(self, name: str, site: str, addresses: list[str], chance: random.Random) -> None:
        self.name, self.site, self.addresses, self.chance = name, site, addresses, chance
        self.store = Store()
        self.bodies: dict[str, str] = {}
        self.pending: deque[str] = deque()
        self.reconnects = 0
        self.errors: list[Frame] = []
        self._acked = asyncio.Event()
        self._wanted = asyncio.Event()
        self._welcomed = asyncio.Event()

    # --- what a person does ---------------------------------------------------------------------------------------

    async def talk(self, lines: int, seconds: float) -> None:
        """Types `lines` lines somewhere in the given time, whether the connection stands or not."""
        for number in range(lines):
            await asyncio.sleep(self.chance.uniform(0, 2 * seconds / lines))
            cid = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
            self.bodies[cid] = self._words(number)
            self.pending.append(cid)
            self._wanted.set()

    def _words(self, number: int) -> str:
        text = f"{self.name} line {number} <&> *ž*"
        return text + " long" * 800 if self.chance.random() < 0.03 else text

    @property
    def has_said_all(self) -> bool:
        return not self.pending

    # --- the connection -------------------------------------------------------------------------------------------

    async def live(self) -> None:
        """Reconnects until it is cancelled; whatever was not acknowledged is sent again under its id."""
        for attempt in itertools.count():
            try:
                async with connect(
                    self.chance.choice(self.addresses), open_timeout=5, max_size=None
                ) as socket:
                    await self._meet(socket)
            except (OSError, TimeoutError, websockets.WebSocketException):
                await asyncio.sleep(self.chance.uniform(0.1, 0.6))
            self.reconnects = attempt

    async def _meet(self, socket: ClientConnection) -> None:
        self._welcomed.clear()
        await socket.send(json.dumps(self._hello()))
        sender = asyncio.create_task(self._send_pending(socket))
        try:
            while True:
                text = await asyncio.wait_for(socket.recv(), SILENCE_SECONDS + ACK_SECONDS)
                await self._hear(socket, json.loads(text))
        finally:
            sender.cancel()
            with contextlib.suppress(asyncio.CancelledError, websockets.WebSocketException):
                await sender

    def _hello(self) -> Frame:
        where = {"url": "http://shop.example/", "title": "Shop", "referrer": ""}
        known = {"visitor_token": self.store.token, "chat": self.store.chat, "last_rev": self.store.rev}
        more = {"page": where, "locale": "en", "timezone": "Europe/Vilnius", "identity": None}
        return {"type": "hello", "protocol": 1, "site": self.site, **known, **more}

    async def _hear(self, socket: ClientConnection, frame: Frame) -> None:
        if frame["type"] == "error":
            self.errors.append(frame)
        if frame["type"] == "welcome":
            self._welcomed.set()
        question = self.store.apply(frame, self.bodies)
        if question is not None:
            await socket.send(json.dumps(question))
        if frame["type"] == "ack" and self.pending and self.pending[0] == frame["client_message_id"]:
            self.pending.popleft()
            self._acked.set()

    async def _send_pending(self, socket: ClientConnection) -> None:
        """One in flight; without an ack the same line again."""
        await self._welcomed.wait()
        while True:
            self._wanted.clear()
            while self.pending:
                cid = self.pending[0]
                self._acked.clear()
                line = {"type": "message", "client_message_id": cid, "body": self.bodies[cid]}
                await socket.send(json.dumps(line))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._acked.wait(), ACK_SECONDS)
            await self._wanted.wait()

    # --- afterwards -----------------------------------------------------------------------------------------------

    async def fetched_fresh(self) -> Store:
        """The same transcript as a browser sees it that kept nothing but the token."""
        store = Store(token=self.store.token)
        async with connect(self.addresses[0], open_timeout=10, max_size=None) as socket:
            hello = {**self._hello(), "chat": None, "last_rev": 0}
            await socket.send(json.dumps(hello))
            while True:
                frame = json.loads(await asyncio.wait_for(socket.recv(), 10))
                question = store.apply(frame, {})
                if question is None and frame["type"] in ("welcome", "synced"):
                    return store
                if question is not None:
                    await socket.send(json.dumps(question))


class Agent:
    """Answers every visitor's line in a channel, once, in the thread of its card."""

    def __init__(self, slack: str, channel: str) -> None:
        self.slack, self.channel = slack, channel
        self.said: dict[str, str] = {}
        self._answered: set[str] = set()

    async def live(self) -> None:
        async with httpx.AsyncClient(base_url=self.slack, timeout=20) as client:
            while True:
                await self.look(client)
                await asyncio.sleep(0.5)

    async def look(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/_control/messages", params={"channel": self.channel})
        for post in answer.json()["messages"]:
            for mid in _mids(post):
                if mid not in self._answered:
                    self._answered.add(mid)
                    await self._answer(client, post["thread_ts"], mid)

    async def _answer(self, client: httpx.AsyncClient, thread: str, mid: str) -> None:
        text = f"answer to {mid}"
        where = {"channel": self.channel, "thread_ts": thread, "team": "Acme"}
        said = await client.post("/_control/say", json={**where, "user": "bob", "text": text})
        said.raise_for_status()
        self.said[text] = str(said.json()["ts"])


def _mids(post: dict[str, Any]) -> list[str]:
    metadata = post.get("metadata") or {}
    return list(metadata["event_payload"]["mids"]) if metadata.get("event_type") == "chat_message" else []
