"""S6, S15: a press is recorded once, answered at once, and whoever pressed is told what it did, alone."""

from typing import Any

import pytest

from slackapp import actions, client
from slackapp.client import is_slacks
from slackapp.interactivity import envelope
from slackapp.models import Connection, InboundEvent, Installation
from slackapp.presses import OUT_OF_USE
from tests.payloads.slack import post, sample
from tests.serving import Served
from tests.slackapp.peer import Slack, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def installation(connection: Connection) -> Installation:
    assert connection.installation is not None
    return connection.installation


def old_card(connection: Connection, installation: Installation, action_id: str, **more: Any) -> str:
    """A message of ours that carries a button; its ts."""
    button = {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": "Press"}}
    blocks = [{"type": "actions", "block_id": "b", "elements": [{**button, "value": "v"}]}]
    answer = client.call(
        "chat.postMessage",
        installation.bot_token.reveal(),
        channel=connection.channel_id,
        text="old",
        blocks=blocks,
        **more,
    )
    return str(answer["ts"])


def press(slack: Slack, connection: Connection, ts: str, action_id: str) -> None:
    pressed = slack.act("click", user="bob", channel=connection.channel_id, ts=ts, action_id=action_id)
    assert pressed["status"] == 200
    settle(slack)


def whispers(slack: Slack, connection: Connection) -> list[tuple[str, str]]:
    """Who alone sees what."""
    return [(m["seen_only_by"], m["text"]) for m in slack.channel(connection) if m["seen_only_by"]]


def test_a_button_of_earlier_days_says_so_to_whoever_pressed(
    slack: Slack, connection: Connection, installation: Installation
) -> None:
    ts = old_card(connection, installation, "chat.forgotten")
    press(slack, connection, ts, "chat.forgotten")
    assert whispers(slack, connection) == [(slack.person("bob"), OUT_OF_USE)]


def test_an_answer_to_a_press_in_a_thread_stands_in_the_thread(
    slack: Slack, connection: Connection, installation: Installation
) -> None:
    root = old_card(connection, installation, "chat.open")
    slack.act("join", user="bob", channel=connection.channel_id)
    reply = old_card(connection, installation, "chat.forgotten", thread_ts=root)
    press(slack, connection, reply, "chat.forgotten")
    told = slack.calls("chat.postEphemeral")[0]["args"]
    assert (told["user"], told["thread_ts"]) == (slack.person("bob"), root)


def test_a_link_button_opens_its_page_and_says_nothing(
    slack: Slack, connection: Connection, installation: Installation
) -> None:
    press(slack, connection, old_card(connection, installation, "chat.open"), "chat.open")
    assert whispers(slack, connection) == []
    assert InboundEvent.objects.get(kind="block_actions").state == "done"


def pressed(installation: Installation, **more: Any) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "api_app_id": installation.app_id,
        "team": {"id": installation.slack_team_id, "domain": "acme"},
        "user": {"id": "U1", "team_id": installation.slack_team_id},
        "channel": {"id": "C1"},
        "container": {"type": "message", "message_ts": "1.1", "channel_id": "C1"},
        "trigger_id": "1.2.3",
        "response_url": "https://hooks.slack.com/actions/T1/1/x",
        "actions": [{"type": "button", "action_id": "chat.open", "block_id": "b", "value": "v"}],
        **more,
    }


def test_a_repeated_press_is_one(server: Served, installation: Installation) -> None:
    for _ in range(3):
        assert post(server.url, "/slack/interactivity", pressed(installation)).status_code == 200
    assert InboundEvent.objects.filter(kind="block_actions").count() == 1


def test_the_words_of_the_message_are_not_kept(server: Served, installation: Installation) -> None:
    said = pressed(installation, message={"ts": "1.1", "text": "a visitor's secret", "blocks": []})
    assert post(server.url, "/slack/interactivity", said).status_code == 200
    assert "secret" not in str(InboundEvent.objects.get(kind="block_actions").payload)


def test_a_press_for_another_app_leaves_nothing(server: Served, installation: Installation) -> None:
    said = pressed(installation, api_app_id="A0OTHERAPP")
    assert post(server.url, "/slack/interactivity", said).status_code == 200
    assert not InboundEvent.objects.filter(kind="block_actions").exists()


@pytest.mark.parametrize(
    "odd",
    [
        {"team": {"id": "T0NOBODY"}},
        {"team": None},
        {"user": None},
        {"channel": None, "container": None},
        {"actions": ["x"]},
        {"actions": [{"type": "button"}]},
        {"response_url": 7, "trigger_id": 7},
    ],
)
def test_odd_presses_are_answered_and_do_nothing(
    server: Served, slack: Slack, installation: Installation, odd: dict[str, Any]
) -> None:
    assert post(server.url, "/slack/interactivity", pressed(installation, **odd)).status_code == 200
    settle(slack)
    assert not InboundEvent.objects.exclude(state="done").exists()


@pytest.mark.parametrize("kind", ["view_submission", "view_closed", "shortcut", "message_action", "new"])
def test_what_nobody_waits_for_is_answered_and_left(
    server: Served, slack: Slack, installation: Installation, kind: str
) -> None:
    settle(slack)
    said = pressed(installation, type=kind)
    before = InboundEvent.objects.count()
    assert post(server.url, "/slack/interactivity", said).status_code == 200
    assert InboundEvent.objects.count() == before


def test_slacks_published_press_is_understood(db: None) -> None:
    said = envelope(sample("docs-slack-dev/interactivity/block_actions_app_unfurl.json"))
    assert said is not None
    actions.record_event(said)
    assert InboundEvent.objects.get().kind == "block_actions"


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("https://hooks.slack.com/actions/T1/1/x", True),
        ("http://hooks.slack.com/actions/T1/1/x", False),
        ("https://hooks.slack.com.evil.example/x", False),
        ("https://evilslack.com/x", False),
        ("https://hooks.slack.com@evil.example/x", False),
        ("https://hooks.slack.com:8443/x", False),
        ("https://169.254.169.254/x", False),
        ("file:///etc/passwd", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_a_response_goes_to_slack_alone(url: str, fine: bool) -> None:
    assert is_slacks(url) is fine
