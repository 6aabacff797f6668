"""Sends events and interactions to the app: signed, in order per channel, retried as Slack retries."""

import asyncio
import hashlib
import hmac
import json
import time
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Any

from slack_sandbox.clock import Clock
from slack_sandbox.faults import Fault, Faults
from slack_sandbox.journal import Journal
from slack_sandbox.model import Json
from slack_sandbox.options import Options
from slack_sandbox.sockets import Sockets
from slack_sandbox.wire import Answer, Pool

TIMEOUT = 3.0
RETRIES = (0.0, 60.0, 300.0)
DELAYED_RETRIES = (3600.0,) * 24
LANE_PATIENCE = 0.5
AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"


@dataclass(frozen=True)
class Event:
    id: str
    lane: str
    body: Json
    own: bool = False
    """Tells of a post by the app itself."""

    @property
    def type(self) -> str:
        return str(self.body["event"]["type"])

    @property
    def facts(self) -> Json:
        """What a fault's `match` may ask for."""
        inner = self.body["event"]
        return {**inner, "team": self.body["team_id"], "own": str(self.own).lower()}


def signed_headers(secret: str, body: bytes, content_type: str, at: int | None = None) -> dict[str, str]:
    stamp = str(int(time.time()) if at is None else at)
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": content_type,
        "User-Agent": AGENT,
        "Accept": "*/*",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
    }


class Postman:
    def __init__(self, options: Options, clock: Clock, faults: Faults) -> None:
        self.options, self.clock, self.faults = options, clock, faults
        self.journal = Journal()
        self.delayed_events = True
        self.pool = Pool()
        self.sockets = Sockets(options)
        self.open_events = 0
        self._lanes: dict[str, deque[Event]] = {}
        self._arrived = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def post(self, event: Event) -> None:
        self.open_events += 1
        lane = self._lanes.get(event.lane)
        if lane is not None:
            lane.append(event)
            self._arrived.set()
            return
        self._lanes[event.lane] = deque([event])
        self._start(self._run_lane(event.lane))

    async def call(self, path: str, body: bytes, content_type: str) -> Answer:
        """One signed request that is not retried: interactions, commands."""
        headers = signed_headers(self.options.signing_secret, body, content_type)
        return await self.pool.post(self.options.app_url.rstrip("/") + path, headers, body, TIMEOUT)

    def forget(self) -> None:
        """Drops everything undelivered."""
        for task in self._tasks:
            task.cancel()
        self._lanes.clear()
        self.open_events = 0

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _run_lane(self, name: str) -> None:
        lane = self._lanes[name]
        while lane:
            event = lane.popleft()
            fault = self.faults.draw("events", event.facts)
            if fault and fault.kind == "reorder" and (later := await self._next(lane, fault.seconds)):
                await self._begin(later, None)
            await self._begin(event, fault)
        del self._lanes[name]

    async def _next(self, lane: deque[Event], seconds: float) -> Event | None:
        try:
            async with asyncio.timeout(seconds):
                while not lane:
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            return None
        return lane.popleft()

    async def _begin(self, event: Event, fault: Fault | None) -> None:
        """Starts a delivery; the next of the lane waits for the first attempt, but not for a slow app."""
        tried = asyncio.Event()
        self._start(self._carry(event, fault, tried))
        try:
            await asyncio.wait_for(tried.wait(), LANE_PATIENCE)
        except TimeoutError:
            return

    async def _carry(self, event: Event, fault: Fault | None, tried: asyncio.Event) -> None:
        kind = fault.kind if fault else ""
        try:
            if fault and kind == "delay":
                tried.set()
                await asyncio.sleep(fault.seconds)
            if kind == "no_echo" and event.own:
                return
            if fault and kind == "duplicate":
                await self._send_copies(event, fault)
            await self._send_until_taken(event, kind, tried)
        finally:
            tried.set()
            self.open_events = max(0, self.open_events - 1)

    async def _send_copies(self, event: Event, fault: Fault) -> None:
        copies = [self._copy(event, number, fault.fresh_ids) for number in range(1, fault.copies)]
        sending = [self._attempt(copy, 0, "", "") for copy in copies]
        if fault.parallel:
            self._start(_all(sending))
            return
        for one in sending:
            await one

    @staticmethod
    def _copy(event: Event, number: int, fresh: bool) -> Event:
        if not fresh:
            return event
        new_id = f"{event.id}{number}"
        return replace(event, id=new_id, body={**event.body, "event_id": new_id})

    async def _send_until_taken(self, event: Event, kind: str, tried: asyncio.Event) -> None:
        reason = await self._attempt(event, 0, "", kind)
        tried.set()
        schedule = RETRIES + (DELAYED_RETRIES if self.delayed_events else ())
        for number, wait in enumerate(schedule, start=1):
            if reason is None:
                return
            await self.clock.sleep(wait)
            reason = await self._attempt(event, number, reason, "")

    async def _attempt(self, event: Event, retry: int, reason: str, fault: str) -> str | None:
        """Returns why Slack would try again, or None when it would not."""
        body = json.dumps(event.body, separators=(",", ":")).encode()
        headers = self._headers(body, fault)
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": reason}
        began, status = time.monotonic(), None
        if fault == "drop":
            outcome: str | None = "http_timeout"
        else:
            status, outcome = await self._outcome(event, retry, reason, headers, body)
        self.journal.add(
            event_id=event.id,
            type=event.type,
            channel=event.lane,
            attempt=retry,
            status=status,
            reason=outcome,
            fault=fault or None,
            ms=round((time.monotonic() - began) * 1000, 3),
        )
        return outcome

    def _headers(self, body: bytes, fault: str) -> dict[str, str]:
        secret = (
            "not-" + self.options.signing_secret if fault == "bad_signature" else self.options.signing_secret
        )
        at = int(time.time()) - 600 if fault == "old_timestamp" else None
        return signed_headers(secret, body, "application/json", at)

    async def _outcome(
        self, event: Event, retry: int, reason: str, headers: dict[str, str], body: bytes
    ) -> tuple[int | None, str | None]:
        try:
            if self.sockets.on:
                await self.sockets.send("events_api", event.body, attempt=retry, reason=reason)
                return 200, None
            answer = await self.pool.post(
                self.options.app_url.rstrip("/") + "/slack/events", headers, body, TIMEOUT
            )
        except TimeoutError:
            return None, "http_timeout"
        except OSError:
            return None, "connection_failed"
        taken = 200 <= answer.status < 300 or answer.headers.get("x-slack-no-retry") == "1"
        return answer.status, None if taken else "http_error"


async def _all(sending: list[Coroutine[Any, Any, str | None]]) -> None:
    await asyncio.gather(*sending)
