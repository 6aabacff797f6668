"""S26: without a public address Slack is heard over Socket Mode, through the same door as its webhooks."""

import asyncio
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from django.db import DatabaseError
from django.utils import timezone
from pytest_django import Settings

from config import database, directly
from livechat.models import ChatSession, Message
from slackapp import client, commands, intake, socket_mode
from slackapp.actions import catching_up
from slackapp.hearing import Hearing, over_socket
from slackapp.models import Connection, Heartbeat, InboundEvent
from tests.serving import eventually
from tests.slackapp.peer import Slack, link_of, settle

TOKEN = "xapp-1-A0SANDBOX1-4000000004-sandboxapptoken0123456789abcdef"


class Listener:
    """`manage.py slack_socket` on a thread of the test, with the test's database and settings."""

    def __init__(self) -> None:
        self.ready = 0
        self.error: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> "Listener":
        self._thread.start()
        return self

    def _run(self) -> None:
        try:
            asyncio.run(self._listen())
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.error = error

    async def _listen(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        try:
            await socket_mode.run(self._stop, self._connected)
        finally:
            await directly.close()

    def _connected(self) -> None:
        self.ready += 1

    def stop(self) -> None:
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        assert not self._thread.is_alive()

    def has_ended(self) -> bool:
        self._thread.join(5)
        return not self._thread.is_alive()


@pytest.fixture
def listener(slack: Slack, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    settings.SLACK_APP_TOKEN = TOKEN
    monkeypatch.setattr(socket_mode, "PAUSES", (0.02,))
    slack.act("socket_mode", on=True)
    listening = Listener().start()
    eventually(lambda: listening.ready or listening.error)
    yield listening
    listening.stop()
    database.close()


def heard() -> Hearing:
    found = over_socket()
    assert found is not None
    return found


def answer(slack: Slack, chat: ChatSession, text: str) -> None:
    link = link_of(chat)
    slack.act("say", user="bob", channel=link.channel_id, thread_ts=link.root_ts, text=text, team="Acme")


def told(chat: ChatSession) -> list[str]:
    answers = Message.unscoped.filter(chat=chat, author_kind="agent").order_by("seq")
    return list(answers.values_list("body", flat=True))


def renewed(listener: Listener, times: int) -> bool:
    return listener.ready > times + 1


def attempts(slack: Slack) -> list[int]:
    return [row["attempt"] for row in slack.look("events")["events"]]


def test_an_answer_comes_over_the_socket_and_not_to_our_address(
    slack: Slack, chat: ChatSession, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MAX_BODY", 0)  # a webhook would be turned away
    answer(slack, chat, "over the wire")
    settle(slack)
    assert told(chat) == ["over the wire"]


def test_what_could_not_be_recorded_is_not_acknowledged_and_comes_again(
    slack: Slack, chat: ChatSession, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order of the two is what nothing is lost by."""
    tried: list[str] = []
    record = intake._record

    async def refuse_once(payload: dict[str, object], said: str | None = None) -> None:
        tried.append(str(payload["event_id"]))
        if len(tried) == 1:
            raise DatabaseError("not today")
        await record(payload, said)

    monkeypatch.setattr(intake, "_record", refuse_once)
    slack.act("clock", factor=100_000)
    answer(slack, chat, "said once")
    eventually(lambda: tried)
    eventually(lambda: tried.count(tried[0]) == 2, seconds=10)
    settle(slack)
    assert told(chat) == ["said once"]


def test_a_new_connection_is_there_before_the_old_one_goes(
    slack: Slack, chat: ChatSession, listener: Listener
) -> None:
    for number in range(3):
        slack.act("disconnect", reason="refresh_requested")
        eventually(partial(renewed, listener, number))
        answer(slack, chat, f"line {number}")
    settle(slack)
    assert told(chat) == ["line 0", "line 1", "line 2"]
    assert set(attempts(slack)) == {0}


def test_whoever_presses_while_the_next_connection_is_slow_to_open_is_answered(
    slack: Slack, chat: ChatSession, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack waits three seconds for the old connection, which nobody may stop listening to meanwhile."""
    address, opening = socket_mode._address, threading.Event()

    def slowly() -> str:
        opening.set()
        time.sleep(4)
        return address()

    monkeypatch.setattr(socket_mode, "_address", slowly)
    slack.act("disconnect", reason="warning")
    assert opening.wait(5)
    link = link_of(chat)
    where = {"channel": link.channel_id, "ts": link.root_ts, "team": "Acme"}
    assert slack.act("click", user="bob", action_id="chat.open", **where)["status"] == 200
    assert listener.ready == 1
    eventually(lambda: listener.ready == 2, seconds=10)


def test_while_no_next_connection_is_to_be_had_the_old_one_is_heard(
    slack: Slack, chat: ChatSession, listener: Listener
) -> None:
    slack.fault("error", method="apps.connections.open", error="internal_error", count=None)
    slack.act("disconnect", reason="refresh_requested", closes_in=30)
    eventually(lambda: len(slack.calls("apps.connections.open")) > 3)
    answer(slack, chat, "on the old one")
    settle(slack)
    assert told(chat) == ["on the old one"]
    assert listener.ready == 1
    slack.clear_faults()
    eventually(lambda: listener.ready == 2)
    answer(slack, chat, "on the next one")
    settle(slack)
    assert told(chat) == ["on the old one", "on the next one"]
    assert set(attempts(slack)) == {0}


def test_an_app_token_that_was_taken_back_ends_it_with_the_old_connection_and_not_before(
    slack: Slack, chat: ChatSession, listener: Listener, settings: Settings
) -> None:
    slack.fault("error", method="apps.connections.open", error="invalid_auth", count=None)
    slack.act("disconnect", reason="refresh_requested", closes_in=0.5)
    eventually(lambda: len(slack.calls("apps.connections.open")) > 1)
    answer(slack, chat, "still heard")
    settle(slack)
    assert told(chat) == ["still heard"]
    assert listener.has_ended()
    assert isinstance(listener.error, socket_mode.SwitchedOff)


def test_slack_that_is_busy_is_not_asked_before_its_time_while_the_old_one_is_heard(
    slack: Slack, chat: ChatSession, listener: Listener
) -> None:
    slack.fault("ratelimit", method="apps.connections.open", retry_after=1)
    begun = time.monotonic()
    slack.act("disconnect", reason="warning", closes_in=30)
    answer(slack, chat, "meanwhile")
    settle(slack)
    assert told(chat) == ["meanwhile"]
    eventually(lambda: listener.ready == 2)
    assert time.monotonic() - begun >= 1


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
def test_slack_closes_the_old_connection_and_nothing_is_missed(
    slack: Slack, chat: ChatSession, listener: Listener, reason: str
) -> None:
    slack.act("disconnect", reason=reason, closes_in=0.3)
    eventually(lambda: listener.ready == 2)
    for number in range(4):
        answer(slack, chat, f"line {number}")
        time.sleep(0.15)
    settle(slack)
    assert told(chat) == [f"line {number}" for number in range(4)]
    assert listener.ready == 2


def test_ten_listen_at_once_and_the_eleventh_waits_until_there_is_room(
    slack: Slack, chat: ChatSession, listener: Listener
) -> None:
    others = [Listener().start() for _ in range(9)]
    try:
        eventually(lambda: all(other.ready for other in others), seconds=10)
        late = Listener().start()
        for number in range(20):
            answer(slack, chat, f"line {number}")
        settle(slack)
        assert sorted(told(chat)) == sorted(f"line {number}" for number in range(20))
        assert (late.ready, late.error) == (0, None)
        others.pop().stop()
        eventually(lambda: late.ready, seconds=10)
        others.append(late)
    finally:
        for other in others:
            other.stop()


def test_the_console_knows_since_when_it_listens(slack: Slack, listener: Listener) -> None:
    eventually(lambda: heard().is_open)
    since = heard().since
    assert since is not None
    assert timezone.now() - since < timedelta(seconds=30)
    slack.act("disconnect", reason="refresh_requested")
    eventually(lambda: listener.ready == 2)
    assert catching_up.beat("socket") is False
    assert heard().since == since
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=5))
    catching_up.beat("socket")
    later = heard().since
    assert later is not None
    assert later > since


def test_of_several_listeners_each_payload_goes_to_one(
    slack: Slack, chat: ChatSession, listener: Listener
) -> None:
    """Up to ten may listen at once; one of them may die."""
    second = Listener().start()
    eventually(lambda: second.ready)
    for number in range(4):
        answer(slack, chat, f"line {number}")
    second.stop()
    answer(slack, chat, "after one has gone")
    # what went to the one that died is waited for three seconds, and then told again
    eventually(slack.is_quiet, 15)
    settle(slack)
    assert sorted(told(chat)) == sorted([*(f"line {number}" for number in range(4)), "after one has gone"])


def test_a_connection_that_breaks_is_made_again(slack: Slack, chat: ChatSession, listener: Listener) -> None:
    slack.act("clock", factor=100_000)
    slack.act("disconnect", reason="gone")
    answer(slack, chat, "after the break")
    eventually(lambda: listener.ready == 2)
    settle(slack)
    assert told(chat) == ["after the break"]


def test_slack_that_is_busy_is_asked_again_when_it_said(slack: Slack, listener: Listener) -> None:
    slack.fault("ratelimit", method="apps.connections.open", retry_after=1)
    begun = time.monotonic()
    slack.act("disconnect", reason="gone")
    eventually(lambda: listener.ready == 2)
    assert time.monotonic() - begun >= 1


def test_a_press_comes_the_same_way(slack: Slack, chat: ChatSession, listener: Listener) -> None:
    link = link_of(chat)
    pressed = slack.act(
        "click", user="bob", channel=link.channel_id, ts=link.root_ts, action_id="chat.open", team="Acme"
    )
    assert pressed["status"] == 200
    assert InboundEvent.objects.filter(kind="block_actions").count() == 1


def test_a_slash_command_is_answered_in_the_acknowledgement(
    slack: Slack, connection: Connection, listener: Listener
) -> None:
    where = {"channel": connection.channel_id, "team": "Acme"}
    ran = slack.act("command", user="bob", text="/threadbell", **where)
    assert (ran["status"], ran["problem"]) == (200, "")
    shown = slack.channel(connection)[-1]
    assert (shown["text"], shown["seen_only_by"]) == (commands.usage(), slack.person("bob"))


def test_whoever_waits_for_an_answer_keeps_no_event_waiting(
    slack: Slack, chat: ChatSession, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, ends = threading.Event(), threading.Event()

    def slow(fields: object) -> dict[str, str]:
        heard.set()
        assert ends.wait(10)
        return {"text": "late"}

    monkeypatch.setattr(commands, "answer", slow)
    link = link_of(chat)
    asking = threading.Thread(
        target=lambda: slack.act(
            "command", user="bob", channel=link.channel_id, text="/threadbell", team="Acme"
        )
    )
    asking.start()
    assert heard.wait(5)
    slack.act("say", user="bob", channel=link.channel_id, thread_ts=link.root_ts, text="Meanwhile")
    eventually(lambda: InboundEvent.objects.filter(kind="message").exists())
    ends.set()
    asking.join()


def test_switching_it_off_ends_the_command_with_what_to_do(slack: Slack, listener: Listener) -> None:
    slack.act("socket_mode", on=False)
    assert listener.has_ended()
    assert isinstance(listener.error, socket_mode.SwitchedOff)
    assert "Switch it on there" in str(listener.error)
    assert (heard().is_open, heard().problem) == (False, str(listener.error))
    catching_up.beat("socket")
    assert (heard().is_open, heard().problem) == (True, "")


def test_a_sign_of_life_that_was_under_way_does_not_hide_that_it_was_switched_off(
    slack: Slack, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several threads write to PostgreSQL: the beat came after the reason, and the console said that all is well."""
    beat, may, has = catching_up.beat, threading.Event(), threading.Event()

    def slow_beat(door: str) -> bool:
        may.wait(10)
        try:
            return beat(door)
        finally:
            has.set()

    monkeypatch.setattr(catching_up, "beat", slow_beat)
    settings.SLACK_APP_TOKEN = TOKEN
    slack.act("socket_mode", on=True)
    listening = Listener().start()
    eventually(lambda: listening.ready or listening.error)
    slack.act("socket_mode", on=False)
    time.sleep(0.5)  # in which the reason was written, when nobody waited for the beat
    may.set()
    assert listening.has_ended()
    assert has.wait(5)
    database.close()
    assert (heard().is_open, heard().problem) == (False, str(listening.error))


@pytest.mark.parametrize("token", ["", "xapp-1-of-somebody-else", "xoxb-1-2-3"])
def test_a_token_that_is_not_the_apps_ends_it_too(
    slack: Slack, settings: Settings, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    settings.SLACK_APP_TOKEN = token
    listening = Listener().start()
    assert listening.has_ended()
    assert isinstance(listening.error, socket_mode.SwitchedOff)
    assert "connections:write" in str(listening.error)
    assert not token or token not in str(listening.error)
    assert Heartbeat.objects.get().problem == str(listening.error)


@pytest.mark.parametrize(
    "url",
    ["wss://slack.com.evil.example/link", "ws://wss-primary.slack.com/", "http://x", "", "wss://a@slack.com"],
)
def test_only_slacks_own_hosts_are_connected_to(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    settings.SLACK_WEB_URL, settings.SLACK_API_URL = "https://slack.com", "https://slack.com/api/"
    monkeypatch.setattr(client, "call", lambda *asked: {"ok": True, "url": url})
    with pytest.raises(OSError, match="not Slack's"):
        socket_mode._address()
