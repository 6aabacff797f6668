"""Webhooks: signed, sent in the background, tried again as Stripe tries, and spoiled on demand."""

import asyncio
import hashlib
import hmac
import json
import time
from collections import deque
from collections.abc import Coroutine
from typing import Any

from stripe_sandbox.clock import Clock
from stripe_sandbox.faults import Fault, Faults
from stripe_sandbox.journal import Journal
from stripe_sandbox.model import Json, World
from stripe_sandbox.wire import post

TIMEOUT = 20.0
PATIENCE = 0.5
"""How long the next event waits for the answer to the one before; a slow app is sent several at once."""
MINUTE, HOUR = 60.0, 3600.0
RETRIES = (5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 12 * HOUR, 12 * HOUR, 12 * HOUR, 12 * HOUR)
AGENT = "Stripe/1.0 (+https://stripe.com/docs/webhooks)"


def signature(secrets: list[str], body: bytes, at: int) -> str:
    """One `v1` for each secret that is good now."""
    signed = [
        hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest() for secret in secrets
    ]
    return ",".join([f"t={at}", *(f"v1={one}" for one in signed)])


class Postman:
    def __init__(self, world: World, clock: Clock, faults: Faults) -> None:
        self.world, self.clock, self.faults = world, clock, faults
        self.journal = Journal()
        self.open = 0
        self._lanes: dict[str, deque[Json]] = {}
        self._arrived = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def announce(self, event: Json) -> None:
        """To every endpoint that is enabled and asked for this type."""
        told = self.wanting(event["type"])
        event["pending_webhooks"] = len(told)
        for endpoint in told:
            self.send(endpoint["id"], event)

    def wanting(self, kind: str) -> list[Json]:
        return [one for one in self.world.table("webhook_endpoint").values() if _wants(one, kind)]

    def send(self, endpoint: str, event: Json) -> None:
        self.open += 1
        lane = self._lanes.get(endpoint)
        if lane is not None:
            lane.append(event)
            self._arrived.set()
            return
        self._lanes[endpoint] = deque([event])
        self._start(self._run_lane(endpoint))

    def forget(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._lanes.clear()
        self.open = 0

    def secrets(self, endpoint: str) -> list[str]:
        """The newest first; a rolled one is good until its overlap is over."""
        kept = self.world.beside(endpoint)["secrets"]
        return [one["secret"] for one in kept if one["until"] is None or one["until"] > self.clock.there]

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run_lane(self, endpoint: str) -> None:
        lane = self._lanes[endpoint]
        while lane:
            event = lane.popleft()
            fault = self.faults.draw("webhooks", _facts(event))
            if fault and fault.kind == "reorder" and (later := await self._next(lane, fault.seconds)):
                await self._begin(endpoint, later, None)
            await self._begin(endpoint, event, fault)
        del self._lanes[endpoint]

    async def _next(self, lane: deque[Json], seconds: float) -> Json | None:
        try:
            async with asyncio.timeout(seconds):
                while not lane:
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            return None
        return lane.popleft()

    async def _begin(self, endpoint: str, event: Json, fault: Fault | None) -> None:
        tried = asyncio.Event()
        self._start(self._carry(endpoint, event, fault, tried))
        try:
            await asyncio.wait_for(tried.wait(), PATIENCE)
        except TimeoutError:
            return

    async def _carry(self, endpoint: str, event: Json, fault: Fault | None, tried: asyncio.Event) -> None:
        kind = fault.kind if fault else ""
        try:
            if kind == "drop":
                self._note(endpoint, event, 0, None, fault, 0.0)
                return
            if fault and kind == "delay":
                tried.set()
                await asyncio.sleep(fault.seconds)
            if fault and kind == "duplicate":
                for _ in range(fault.copies - 1):
                    await self._attempt(endpoint, event, 0, fault)
            await self._until_taken(endpoint, event, fault, tried)
        finally:
            tried.set()
            self.open = max(0, self.open - 1)

    async def _until_taken(
        self, endpoint: str, event: Json, fault: Fault | None, tried: asyncio.Event
    ) -> None:
        taken = await self._attempt(endpoint, event, 0, fault)
        tried.set()
        for number, wait in enumerate(RETRIES, start=1):
            if taken:
                event["pending_webhooks"] = max(0, event["pending_webhooks"] - 1)
                return
            await self.clock.sleep(wait)
            if self.world.table("webhook_endpoint").get(endpoint, {}).get("status") != "enabled":
                return
            taken = await self._attempt(endpoint, event, number, None)

    async def _attempt(self, endpoint: str, event: Json, number: int, fault: Fault | None) -> bool:
        """True when the app took it; a redirect is a failure."""
        known = self.world.table("webhook_endpoint").get(endpoint)
        if known is None:
            return True
        body = _body(event, fault)
        began, status = time.monotonic(), None
        try:
            status = await post(known["url"], self._headers(endpoint, body, fault), body, TIMEOUT)
        except (TimeoutError, OSError):
            status = None
        self._note(endpoint, event, number, status, fault, time.monotonic() - began)
        return status is not None and 200 <= status < 300

    def _headers(self, endpoint: str, body: bytes, fault: Fault | None) -> dict[str, str]:
        kind = fault.kind if fault else ""
        secrets = self.secrets(endpoint)
        if kind == "bad_signature":
            secrets = ["whsec_of_somebody_else"]
        # signed with real time: the app's own clock knows nothing of the test clock
        away = {"old_timestamp": -600, "future_timestamp": 86400}.get(kind, 0)
        signed = signature(secrets, body, int(time.time()) + away)
        return {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": AGENT,
            "Accept": "*/*; q=0.5, application/xml",
            "Cache-Control": "no-cache",
            "Stripe-Signature": signed,
        }

    def _note(
        self, endpoint: str, event: Json, number: int, status: int | None, fault: Fault | None, took: float
    ) -> None:
        self.journal.add(
            event=event["id"],
            type=event["type"],
            endpoint=endpoint,
            attempt=number,
            status=status,
            fault=fault.kind if fault else None,
            ms=round(took * 1000, 3),
        )
        marks = self.world.beside(event["id"])
        taken = status is not None and 200 <= status < 300
        marks["taken"] = bool(marks.get("taken")) or taken


def _wants(endpoint: Json, kind: str) -> bool:
    wanted = endpoint["enabled_events"]
    return bool(endpoint["status"] == "enabled" and ("*" in wanted or kind in wanted))


def _facts(event: Json) -> Json:
    """What a fault's `match` may ask for: the type, and fields of the object."""
    return {**event["data"]["object"], "type": event["type"]}


def _body(event: Json, fault: Fault | None) -> bytes:
    told = {**event, "api_version": fault.api_version} if fault and fault.kind == "api_version" else event
    return json.dumps(told, indent=2).encode()
