"""The real sandbox as a process, an app that listens to it, and the hand of a person."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

ROOT = Path(__file__).parents[2]
Json = dict[str, Any]
CLIENT_ID, CLIENT_SECRET = "1000000001.2000000002", "sandbox-client-secret-0123456789ab"
SIGNING_SECRET = "sandbox-signing-secret-0123456789a"
SCOPES = (
    "app_mentions:read,channels:history,channels:join,channels:manage,channels:read,chat:write,chat:write.customize,"
    "commands,emoji:read,groups:history,groups:read,groups:write,im:history,im:write,links:read,links:write,"
    "metadata.message:read,pins:write,reactions:read,reactions:write,team:read,users:read,users:read.email"
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(true: Callable[[], object], seconds: float = 4.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)


@dataclass
class Heard:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> Json:
        return dict(json.loads(self.body)["event"])

    @property
    def form(self) -> dict[str, str]:
        return {key: value for key, (value,) in parse_qs(self.body.decode(), keep_blank_values=True).items()}

    @property
    def payload(self) -> Json:
        return dict(json.loads(self.form["payload"]))


@dataclass
class App:
    """Stands where the product stands; answers 200 unless told otherwise."""

    port: int
    heard: list[Heard] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    fails: dict[str, int] = field(default_factory=dict)
    """With which status the next request to an address is answered; an event that comes late does not take it."""
    pause: float = 0.0
    says: dict[str, Callable[[Heard], object]] = field(default_factory=dict)
    """What is done and answered inside the request to an address: a text, or something to send as JSON."""

    def payloads(self, kind: str, path: str = "/slack/interactivity") -> list[Json]:
        heard = [one.payload for one in list(self.heard) if one.path == path]
        return [payload for payload in heard if payload["type"] == kind]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def events(self, kind: str = "message") -> list[Json]:
        heard = [one.event for one in list(self.heard) if one.path == "/slack/events"]
        return [event for event in heard if event["type"] == kind]

    def bodies(self, kind: str) -> list[Json]:
        """Whole envelopes."""
        heard = [json.loads(one.body) for one in list(self.heard) if one.path == "/slack/events"]
        return [body for body in heard if body["event"]["type"] == kind]

    def texts(self) -> list[str]:
        return [event["text"] for event in self.events() if "subtype" not in event]


@dataclass
class Slack:
    url: str
    app: App
    http: httpx.Client

    def control(self, act: str, **asked: object) -> Json:
        answer: Json = self.http.post(f"{self.url}/_control/{act}", json=asked).json()
        assert answer["ok"], answer
        return answer

    def refused(self, act: str, **asked: object) -> str:
        """Why the sandbox itself does not do it."""
        answer = self.http.post(f"{self.url}/_control/{act}", json=asked).json()
        assert not answer["ok"], answer
        return str(answer["error"])

    def look(self, what: str, **query: Any) -> Json:
        return dict(self.http.get(f"{self.url}/_control/{what}", params=query).json())

    def team(self, name: str = "Acme") -> Json:
        return next(team for team in self.look("state")["teams"] if team["name"] == name)

    def person(self, name: str, team: str = "Acme") -> str:
        return next(str(one["id"]) for one in self.team(team)["people"] if one["name"] == name)

    def channel(self, name: str, team: str = "Acme") -> Json:
        return next(one for one in self.team(team)["channels"] if one["name"] == name)

    def authorize(
        self, user: str = "alice", scope: str = SCOPES, decision: str = "allow", **more: str
    ) -> httpx.Response:
        fields = {
            "client_id": CLIENT_ID,
            "scope": scope,
            "state": "s-1",
            "redirect_uri": self.redirect_uri,
            **more,
        }
        who = self.person(user, "Globex" if user == "mallory" else "Acme")
        return self.http.post(
            f"{self.url}/oauth/v2/authorize", data={**fields, "user": who, "decision": decision}
        )

    @property
    def redirect_uri(self) -> str:
        return f"{self.app.url}/slack/oauth/callback"

    def exchange(self, code: str, **more: str) -> Json:
        asked = {"code": code, "redirect_uri": self.redirect_uri, **more}
        auth = (CLIENT_ID, CLIENT_SECRET)
        return dict(self.http.post(f"{self.url}/api/oauth.v2.access", data=asked, auth=auth).json())

    def install(self, user: str = "alice", scope: str = SCOPES) -> "Bot":
        where = self.authorize(user, scope).headers["location"]
        return Bot(self, self.exchange(code_in(where)))


@dataclass
class Bot:
    slack: Slack
    grant: Json

    @property
    def token(self) -> str:
        return str(self.grant["access_token"])

    def send(self, method: str, **args: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json; charset=utf-8"}
        return self.slack.http.post(
            f"{self.slack.url}/api/{method}", content=json.dumps(args), headers=headers
        )

    def ask(self, method: str, **args: str) -> Json:
        """As a form, which every method takes."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return dict(self.slack.http.post(f"{self.slack.url}/api/{method}", data=args, headers=headers).json())

    def call(self, method: str, **args: object) -> Json:
        return dict(self.send(method, **args).json())

    def create(self, name: str = "website-chat") -> str:
        return str(self.call("conversations.create", name=name)["channel"]["id"])

    def post(self, channel: str, text: str = "Hello", **more: object) -> Json:
        return self.call("chat.postMessage", channel=channel, text=text, **more)


def code_in(location: str) -> str:
    return parse_qs(urlsplit(location).query)["code"][0]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    app: App

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        status, headers = self.next_answer()
        heard = Heard(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
        self.app.heard.append(heard)
        time.sleep(self.app.pause)
        kind, content = self.answer(heard) if status == 200 else ("text/plain", b"")
        self.send_response(status)
        for name, value in {"content-length": str(len(content)), "content-type": kind, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def next_answer(self) -> tuple[int, dict[str, str]]:
        if self.path in self.app.fails:
            return self.app.fails.pop(self.path), {}
        return self.app.answers.pop(0) if self.app.answers else (200, {})

    def answer(self, heard: Heard) -> tuple[str, bytes]:
        said = self.app.says[heard.path](heard) if heard.path in self.app.says else None
        if said is None or isinstance(said, str):
            return "text/plain", (said or "").encode()
        return "application/json", json.dumps(said).encode()

    def log_message(self, *args: object) -> None:
        """Silent: pytest shows what matters."""


class Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A sandbox that stops hangs up on us: nothing to report."""


@pytest.fixture(scope="session")
def listening_app() -> Iterator[App]:
    app = App(0)
    server = Server(("127.0.0.1", 0), type("Hearing", (Handler,), {"app": app}))
    app.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield app
    server.shutdown()


def start(app_url: str, *more: str) -> tuple[subprocess.Popen[bytes], str]:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "slack_sandbox",
        "--port",
        str(port),
        "--app-url",
        app_url,
        "--quiet",
        *more,
    ]
    env = {name: value for name, value in os.environ.items() if not name.startswith("SANDBOX_")}
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    url = f"http://127.0.0.1:{port}"
    wait_until(lambda: is_up(url), 10)
    return process, url


def is_up(url: str) -> bool:
    host, port = url.removeprefix("http://").split(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(5)


@pytest.fixture(scope="session")
def sandbox_url(listening_app: App) -> Iterator[str]:
    process, url = start(listening_app.url, "--limits", "1000")
    yield url
    stop(process)


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    """One for all tests: making a client costs more than most of them."""
    with httpx.Client(timeout=10) as client:
        yield client


@pytest.fixture
def slack(sandbox_url: str, listening_app: App, http: httpx.Client) -> Slack:
    listening_app.answers.clear()
    listening_app.fails.clear()
    listening_app.says.clear()
    listening_app.pause = 0.0
    slack = Slack(sandbox_url, listening_app, http)
    slack.control("reset")
    listening_app.heard.clear()
    return slack


@pytest.fixture
def app(listening_app: App) -> App:
    return listening_app


@pytest.fixture
def bot(slack: Slack) -> Bot:
    return slack.install()
