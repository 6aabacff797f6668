"""The Slack sandbox inside this process: the same strict methods behind `requests`' shape, with a clock one can turn.

A socket per call would cost a hundred times the steps; what is called and what is answered is exactly the sandbox's.
"""

import io
import json
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
import urllib3

from slack_sandbox import installing, people, workspace
from slack_sandbox.api import chat, conversations, history, oauth  # noqa: F401  (registers the methods)
from slack_sandbox.api import people as people_methods  # noqa: F401
from slack_sandbox.api.endpoint import Asked, WebApi
from slack_sandbox.api.registry import METHODS
from slack_sandbox.delivery import Event
from slack_sandbox.model import Channel, Json, Message, Team
from slack_sandbox.options import Options
from slack_sandbox.sandbox import OAuthCode, Sandbox
from slackapp.oauth import SCOPES


class Killed(BaseException):
    """The process ends here: nothing after this line is run, no `except Exception` sees it."""


class Clock:
    """Every look moves it a little, so that no two rows are made in the same moment."""

    def __init__(self) -> None:
        self.moment = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment

    def pass_by(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class Mail:
    """Takes the place of Slack's postman: events lie here until somebody carries them, in whatever order."""

    def __init__(self) -> None:
        self.waiting: list[Event] = []
        self.carried: list[Event] = []

    def post(self, event: Event) -> None:
        self.waiting.append(event)


class SlackInProcess:
    """A team with one connected app. `faults` is taken from call by call; without one a call succeeds."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.box = Sandbox(Options(limits=1_000_000, quiet=True))
        self.mail = Mail()
        self.box.postman = self.mail  # type: ignore[assignment]
        self.box.world.new_ts = self._new_ts  # type: ignore[method-assign]
        self._last_ts = 0
        self.api = WebApi(self.box)
        self.faults: deque[str] = deque()
        self.meanwhile: Callable[[], None] = lambda: None
        self.overtake: Callable[[], None] = lambda: None
        self.team: Team = next(iter(self.box.world.teams.values()))
        scopes = list(SCOPES)
        grant = OAuthCode(self.team.id, next(iter(self.team.people)), scopes, "", self.box.now() + 600)
        self.app = installing.install(self.box, grant)
        self.channel = self.team.channel_named("random") or self._missing()
        workspace.join(self.box, self.channel, self.team.people[self.app.bot_user])
        self.mail.waiting.clear()

    @staticmethod
    def _missing() -> Channel:
        raise AssertionError("the sandbox has no #random")

    def _new_ts(self) -> str:
        self._last_ts = max(self._last_ts + 1, int(self.clock.now().timestamp() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    # --- what a person does there ---------------------------------------------------------------------------------

    def say(self, root: str, text: str) -> str:
        asked = {"team": self.team.id, "channel": self.channel.id, "user": "bob", "text": text}
        return str(people.say(self.box, {**asked, "thread_ts": root})["ts"])

    def edit(self, ts: str, text: str) -> None:
        where = {"team": self.team.id, "channel": self.channel.id, "user": "bob"}
        people.edit(self.box, {**where, "ts": ts, "text": text})

    def roots(self) -> list[Message]:
        return [m for m in self.channel.messages.values() if _event_type(m) == "chat_card"]

    def thread(self, root: str) -> list[Message]:
        return self.channel.replies(root)

    def whispers(self) -> list[Message]:
        return [m for m in self.channel.messages.values() if m.seen_only_by]

    # --- what the product calls -----------------------------------------------------------------------------------

    def post(self, url: str, **request: Any) -> requests.Response:
        """In place of a session's `post`. The fault says what happens to the call and what the caller learns."""
        name = url.rsplit("/", 1)[1]
        fault = self.faults.popleft() if self.faults else ""
        if fault == "not_sent":
            raise requests.exceptions.ConnectTimeout("nobody listens")
        if fault == "limited":
            return response(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "2"})
        if fault == "refused":
            return response(200, {"ok": False, "error": "internal_error"})
        if fault in ("lost_before", "500_before"):
            return self._spoiled(fault)
        if fault == "killed_before":
            raise Killed
        answer = self._answer(name, request)
        if fault.startswith("overtaken"):
            self.overtake()
        if fault.startswith("echo_first"):
            self.meanwhile()
        if fault.endswith(("lost_after", "500_after")):
            return self._spoiled(fault)
        if fault.endswith("killed_after"):
            raise Killed
        return answer

    @staticmethod
    def _spoiled(fault: str) -> requests.Response:
        if "500" in fault:
            return response(503, {})
        raise requests.exceptions.ReadTimeout("no answer")

    def _answer(self, name: str, request: dict[str, Any]) -> requests.Response:
        token = request["headers"]["Authorization"].removeprefix("Bearer ")
        data, as_json = request["data"], "Content-Type" in request["headers"]
        args = json.loads(data) if as_json else dict(data)
        asked = Asked(args=args, token=token, as_json=as_json)
        known = self.box.world.installation_by_token(token)
        _, answer = self.api._answer(METHODS.get(name), asked, known)
        return response(200, answer)


def response(status: int, body: Json, headers: dict[str, str] | None = None) -> requests.Response:
    made = requests.Response()
    made.status_code = status
    made.raw = urllib3.HTTPResponse(io.BytesIO(json.dumps(body).encode()), preload_content=False)
    made.headers.update(headers or {})
    return made


def _event_type(message: Message) -> str:
    return str((message.metadata or {}).get("event_type", ""))
