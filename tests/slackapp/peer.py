"""Slack on the wire for these tests: the sandbox as a process, and what a test asks of it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Member
from config import directly
from house.children import free_port
from livechat.models import ChatSession, Message, Site
from slackapp import actions, lanes, oauth, setup, spool
from slackapp.actions import recording
from slackapp.actions.homes import HOMES
from slackapp.actions.waking import CHORES
from slackapp.chores import work_chores
from slackapp.home.publishing import work_homes
from slackapp.inbound import work_inbound
from slackapp.mirror import deliver
from slackapp.models import ChannelBudget, ChatLink, Connection, Delivery, Installation, Lane

ROOT = Path(__file__).resolve().parents[2]
Json = dict[str, Any]


class Slack:
    """The sandbox; `app_url` is where it sends its events."""

    def __init__(self, app_url: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = httpx.Client(base_url=self.url, timeout=5)
        command = [sys.executable, "-m", "slack_sandbox", "--port", str(self.port), "--app-url", app_url]
        command += ["--public-url", self.url, "--clock", "1000", "--limits", "1000", "--quiet"]
        self.process = subprocess.Popen(command, cwd=ROOT, env={**os.environ})

    def start(self) -> "Slack":
        for _ in range(500):
            try:
                if self.http.get("/healthz").status_code == 200:
                    return self
            except httpx.TransportError:
                time.sleep(0.02)
        raise AssertionError("the sandbox did not start")

    def stop(self) -> None:
        self.http.close()
        self.process.terminate()
        self.process.wait(10)

    def act(self, act: str, **asked: Any) -> Json:
        answer = self.http.post(f"/_control/{act}", json=asked).json()
        assert answer["ok"], answer
        return dict(answer)

    def look(self, what: str, **asked: Any) -> Json:
        return dict(self.http.get(f"/_control/{what}", params=asked).json())

    def fault(self, kind: str, method: str = "chat.postMessage", count: int | None = 1, **more: Any) -> None:
        self.act("faults", method=method, kind=kind, count=count, **more)

    def clear_faults(self) -> None:
        self.http.delete("/_control/faults")

    def team(self, name: str = "Acme") -> Json:
        return dict(self.look("state", team=name)["teams"][0])

    def person(self, name: str, team: str = "Acme") -> str:
        return next(str(person["id"]) for person in self.team(team)["people"] if person["name"] == name)

    def channel(self, connection: Connection) -> list[Json]:
        """The messages of a connection's channel, the oldest first."""
        return list(self.look("messages", channel=connection.channel_id)["messages"])

    def lines(self, connection: Connection) -> list[str]:
        """What visitors' chats show in the channel: lines in threads, in Slack's order."""
        shown = [m for m in self.channel(connection) if m.get("thread_ts") not in (None, m["ts"])]
        return [text_of(message) for message in shown if message.get("bot_id")]

    def cards(self, connection: Connection) -> list[Json]:
        kinds = [(m, (m.get("metadata") or {}).get("event_type")) for m in self.channel(connection)]
        return [message for message, kind in kinds if kind == "chat_card"]

    def calls(self, method: str) -> list[Json]:
        return [row for row in self.look("requests")["requests"] if row["method"] == method]

    def authorise(self, address: str, user: str, decision: str = "allow", **changed: str) -> dict[str, str]:
        """Presses the button on Slack's page; gives what Slack sends the browser back with."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        given = {**query, "user": user, "decision": decision, **changed}
        answer = self.http.post("/oauth/v2/authorize", data=given)
        assert answer.status_code == 302, answer.text
        back = parse_qs(urlsplit(answer.headers["location"]).query)
        return {name: values[0] for name, values in back.items()}

    def is_quiet(self) -> bool:
        return not self.look("pending")["events"]


def text_of(message: Json) -> str:
    """The words of a rich_text message as they were typed; what we say of them ourselves is in italics."""
    words = []
    for block in message.get("blocks") or []:
        for section in block.get("elements", []) if block["type"] == "rich_text" else []:
            leaves = [leaf for leaf in section["elements"] if not leaf.get("style")]
            words += [leaf.get("text") or leaf.get("url") or "" for leaf in leaves]
    return "".join(words) or str(message.get("text"))


# --- our side ---------------------------------------------------------------------------------------------------------


def install(
    slack: Slack, member: Member, connection: Connection, person: str = "alice", team: str = "Acme"
) -> None:
    """OAuth as a browser does it, through our own code."""
    address = oauth.begin(member.user, connection, "this browser")
    back = slack.authorise(address, slack.person(person, team))
    oauth.finish(oauth.take_state(back["state"], "this browser", member.user), back["code"])


def connected(slack: Slack, member: Member, site: Site, channel: str = "website-chat") -> Connection:
    connection = actions.start_connection(member, site, Connection.Mode.STILL)
    install(slack, member, connection)
    setup.create_channel(member, fresh(connection), channel)
    return fresh(connection)


def fresh(connection: Connection) -> Connection:
    return Connection.unscoped.select_related("site", "installation", "workspace").get(pk=connection.pk)


def link_of(chat: ChatSession) -> ChatLink:
    return ChatLink.objects.select_related("lane", "connection", "installation").get(pk=chat.pk)


def work_lane(lane_id: int, key: str) -> None:
    if key.startswith("in:"):
        work_inbound(key)
    elif key.startswith(CHORES):
        work_chores(lane_id, key)
    elif key.startswith(HOMES):
        work_homes(lane_id, key)
    else:
        deliver(lane_id)


def work(rounds: int = 50) -> int:
    """Works every lane that is due, as the engine would; how many were worked."""
    done = 0
    for _ in range(rounds):
        due = lanes.due()
        if not due:
            return done
        for lane_id, key in due:
            work_lane(lane_id, key)
            done += 1
    raise AssertionError("a lane is due for ever")


def settle(slack: Slack) -> None:
    """Works until neither Slack nor we have anything left to say."""
    for _ in range(500):
        # events that found the database busy are kept in a file for a moment
        if work() == 0 and slack.is_quiet() and not lanes.due() and not spool.kept_here.is_holding:
            return
        time.sleep(0.01)
    raise AssertionError("it did not come to rest")


def later() -> None:
    """The waits are over: whatever was parked may go on, as if the clock had moved."""
    time.sleep(settings.SLACK_ECHO_WAIT)
    Lane.objects.filter(due_at__gt=timezone.now()).update(due_at=Now())
    Delivery.objects.filter(kind__in=("upload", "fetch")).update(slot_at=None)
    ChannelBudget.objects.update(paused_until=None)
    Installation.objects.update(paused_until=None)


def records_by(patch: pytest.MonkeyPatch, how: Callable[..., str]) -> None:
    """Events that come in are written down by `how`, whichever database it is."""
    patch.setattr(recording, "write_down", how)
    patch.setattr(directly, "is_possible", lambda: False)


def state_of(text: str) -> str:
    return Message.unscoped.get(body=text).mirror_state


def at_rest(slack: Slack) -> None:
    """Whatever was parked has had its time, again and again."""
    for _ in range(5):
        settle(slack)
        if not Delivery.objects.filter(state__in=("pending", "sending")).exists():
            return
        later()
    settle(slack)
