"""S29: every answer that Slack publishes for a method is taken by whoever asks for it, however little it says.

Two sources: the examples of Slack's pages, and the shapes of its Java SDK, where every key is there and says nothing.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Member
from livechat.actions import changes, chats
from livechat.models import ChatSession, Site
from livechat.tokens import VisitorClaim
from slackapp import availability, catch_up, client, custom_emoji, healing, lanes, oauth, people, setup, teams
from slackapp.errors import SlackError
from slackapp.models import Connection, Delivery, Installation
from tests.cast import newcomer, say, say_with, uploaded
from tests.payloads.slack import SAMPLES
from tests.slackapp.peer import Json, Slack, fresh, later, work_lane

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = SAMPLES / "slack-api-ref" / "docs.slack.dev" / "methods"
SHAPES = SAMPLES / "java-slack-sdk" / "json-logs" / "samples" / "api"


def of_pages(method: str) -> Json:
    page = PAGES / f"{method}.json"
    examples = json.loads(page.read_text()).get("examples") or {} if page.exists() else {}
    found = (one.get("example") for one in examples.values() if isinstance(one, dict))
    return next((dict(one) for one in found if isinstance(one, dict) and one.get("ok")), {})


def of_shapes(method: str) -> Json:
    shape = SHAPES / f"{method}.json"
    return json.loads(shape.read_text()) if shape.exists() else {}


def of_nothing(method: str) -> Json:
    return {}


@pytest.fixture(params=[of_pages, of_shapes, of_nothing], ids=["pages", "shapes", "nothing but ok"])
def published(request: Any, connection: Connection, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """From here on Slack answers with what it publishes. Gives the methods that were asked for."""
    if not SHAPES.exists():
        pytest.skip("Slack's published samples are not here")
    asked: set[str] = set()

    def call(method: str, token: str, **arguments: Any) -> Json:
        asked.add(method)
        return {**request.param(method), "ok": True}

    monkeypatch.setattr(client, "call", call)
    return asked


@pytest.fixture(autouse=True)
def no_traceback(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert not [record.getMessage() for record in caplog.get_records("call") if record.exc_info]


def test_whoever_looks_something_up_takes_any_answer(
    slack: Slack, alice: Member, connection: Connection, chat: ChatSession, published: set[str]
) -> None:
    installation = Installation.objects.get()
    installation.gaps_since = timezone.now()
    installation.save()
    connection = fresh(connection)
    Connection.unscoped.filter(pk=connection.pk).update(state="broken", heal_at=timezone.now())
    asks: list[Callable[[], object]] = [
        lambda: setup.channels(connection),
        lambda: setup.colleagues(connection),
        lambda: setup.use_channel(alice, connection, "C0123456789"),
        lambda: setup.create_channel(alice, connection, "another"),
        lambda: setup.send_test_message(alice, connection),
        lambda: teams.teams_of(installation),
        lambda: people.identity(installation, installation.slack_team_id, "U00000000", may_ask=True),
        lambda: custom_emoji.picture_of(installation, "parrot", may_ask=True),
        lambda: healing.heal(installation),
        lambda: availability._fetch_roster(installation, connection),
        lambda: availability._look_at(installation, installation.slack_team_id, "U00000000"),
        lambda: catch_up.step(installation),
        lambda: oauth.exchange("code"),
    ]
    for ask in asks:
        with suppress(Refused, SlackError, people.SlackAway):
            ask()
    assert {"conversations.list", "users.list", "users.info", "emoji.list", "oauth.v2.access"} <= published


def carry() -> None:
    """Works for a while; what Slack's answers say too little of may stay in doubt."""
    for _ in range(3):
        for lane_id, key in lanes.due():
            work_lane(lane_id, key)
        later()


@pytest.mark.parametrize("mode", ["still", "noisy"])
def test_a_chat_is_carried_whatever_the_answers_say(
    slack: Slack, site: Site, connection: Connection, published: set[str], mode: str
) -> None:
    Connection.unscoped.update(mode=mode)
    claim: VisitorClaim = newcomer(site)
    message = say(claim, "Hello?")
    carry()
    say_with(claim, uploaded(claim), text="a picture")
    carry()
    changes.edit_by_visitor(claim, message.pk, "Hello!")
    carry()
    chats.close_chat(message.chat_id)
    carry()
    assert "chat.postMessage" in published or mode == "noisy"
    assert not Delivery.objects.filter(problem__contains="Traceback").exists()


def test_every_published_refusal_is_told_by_its_code() -> None:
    pages = [json.loads(path.read_text()) for path in sorted(PAGES.glob("*.json"))]
    examples = [one.get("example") for page in pages for one in (page.get("examples") or {}).values()]
    refusals = [one for one in examples if isinstance(one, dict) and one.get("ok") is False]
    if not pages:
        pytest.skip("Slack's published samples are not here")
    assert refusals
    for told in refusals:
        with pytest.raises(SlackError, match=str(told.get("error", "unknown_error"))):
            client._answer("x", _Said(), json.dumps(told).encode())  # type: ignore[arg-type]


class _Said:
    status_code = 200
    headers: dict[str, str] = {}
