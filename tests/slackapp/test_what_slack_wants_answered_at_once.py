"""S16, S17: forms, shortcuts and selects that nobody knows, and those whose Slack has left, end in a sentence."""

import time
from typing import Any

import pytest

from accounts.errors import Refused
from slackapp import client, modals, prompt, shortcuts, suggestions
from slackapp.asked import Asked
from slackapp.modals.modal import Act, Modal, Response, Sent, errors, plain, sentence
from slackapp.models import Connection, Installation
from tests.payloads.slack import post
from tests.serving import Served
from tests.slackapp.peer import Slack

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def installation(connection: Connection) -> Installation:
    assert connection.installation is not None
    return connection.installation


def form(asked: Asked) -> dict[str, Any]:
    field = {"type": "plain_text_input", "action_id": "words"}
    block = {"type": "input", "block_id": "said", "label": plain("Words"), "element": field}
    return {
        "title": plain("A form"),
        "submit": plain("Send"),
        "blocks": [block],
        "private_metadata": asked.value,
    }


def with_form(patch: pytest.MonkeyPatch, **more: Any) -> None:
    patch.setitem(modals.MODALS, "test.form", Modal(**{"open": form, **more}))


def button(slack: Slack, connection: Connection, installation: Installation, action_id: str) -> str:
    """A message of ours that carries it; its ts."""
    element = {"type": "button", "action_id": action_id, "text": plain("Press"), "value": "v1"}
    said = {"text": "x", "blocks": [{"type": "actions", "elements": [element]}]}
    token = installation.bot_token.reveal()
    answer = client.call("chat.postMessage", token, channel=connection.channel_id, **said)
    return str(answer["ts"])


def opened(slack: Slack, connection: Connection, installation: Installation) -> dict[str, Any]:
    ts = button(slack, connection, installation, "test.form")
    slack.act("click", user="bob", channel=connection.channel_id, ts=ts, action_id="test.form")
    return modal(slack)


def modal(slack: Slack) -> dict[str, Any]:
    return dict(slack.act("modal", user="bob")["view"] or {})


def words(view: dict[str, Any]) -> str:
    return str(view["blocks"][0]["text"]["text"])


def test_a_button_opens_the_form_of_its_name(
    slack: Slack, connection: Connection, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_form(monkeypatch)
    view = opened(slack, connection, installation)
    assert (view["callback_id"], view["private_metadata"], view["title"]["text"]) == (
        "test.form",
        "v1",
        "A form",
    )


def test_what_takes_its_time_begins_with_a_word(
    slack: Slack, connection: Connection, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(asked: Asked) -> dict[str, Any]:
        time.sleep(0.3)
        return form(asked)

    monkeypatch.setattr(prompt, "WAIT_SECONDS", 0.05)
    with_form(monkeypatch, open=slow)
    assert opened(slack, connection, installation)["title"]["text"] == "A form"
    assert [len(slack.calls(f"views.{method}")) for method in ("open", "update")] == [1, 1]


def test_what_somebody_may_not_is_said_in_the_place_of_the_form(
    slack: Slack, connection: Connection, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(asked: Asked) -> dict[str, Any]:
        raise Refused("no", "Only owners may do this.")

    with_form(monkeypatch, open=refuse)
    assert words(opened(slack, connection, installation)) == "Only owners may do this."


def test_a_form_sent_twice_is_done_once(
    slack: Slack,
    connection: Connection,
    installation: Installation,
    server: Served,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []

    def send(sent: Sent) -> Act:
        return lambda: done.append(f"{sent.note} {sent.text('said')}")

    with_form(monkeypatch, send=send)
    view = opened(slack, connection, installation)
    assert slack.act("submit", user="bob", values={"said": "hello"})["view"] is None
    again = submission(installation, view, "hello")
    assert post(server.url, "/slack/interactivity", again).text == ""
    assert done == ["v1 hello"]


def submission(installation: Installation, view: dict[str, Any], said: str) -> dict[str, Any]:
    state = {"values": {"said": {"words": {"type": "plain_text_input", "value": said}}}}
    return {
        "type": "view_submission",
        "api_app_id": installation.app_id,
        "team": {"id": installation.slack_team_id},
        "user": {"id": "U1", "team_id": installation.slack_team_id},
        "view": {**view, "state": state},
    }


def test_a_refusal_stands_beside_the_field_and_undoes_all(
    slack: Slack, connection: Connection, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def act() -> Response:
        if not said:
            said.append("refused")
            raise Refused("no", "This chat is closed.")
        said.append("done")
        return None

    with_form(monkeypatch, send=lambda sent: act)
    opened(slack, connection, installation)
    assert slack.act("submit", user="bob", values={"said": "x"})["errors"] == {"said": "This chat is closed."}
    assert slack.act("submit", user="bob", values={"said": "x"})["view"] is None
    assert said == ["refused", "done"]


def test_errors_are_shown_and_a_failure_keeps_what_was_typed(
    slack: Slack, connection: Connection, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_form(monkeypatch, send=lambda sent: errors(said="Too short."))
    opened(slack, connection, installation)
    assert slack.act("submit", user="bob", values={"said": "x"})["errors"] == {"said": "Too short."}
    with_form(monkeypatch, send=lambda sent: 1 / 0)
    assert slack.act("submit", user="bob", values={"said": "x"})["errors"] == {"said": modals.FAILED}


def test_a_form_of_earlier_days_says_so(
    slack: Slack, connection: Connection, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        with_form(earlier)
        opened(slack, connection, installation)
    slack.act("submit", user="bob", values={"said": "x"})
    assert words(modal(slack)) == modals.OUT_OF_USE


def test_a_form_whose_slack_has_left_says_so(
    slack: Slack, connection: Connection, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_form(monkeypatch, send=lambda sent: None)
    opened(slack, connection, installation)
    Installation.objects.update(state=Installation.State.REVOKED)
    slack.act("submit", user="bob", values={"said": "x"})
    assert "not connected" in words(modal(slack))


def test_what_is_sent_slowly_ends_in_the_form_that_waits(
    slack: Slack, connection: Connection, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(sent: Sent) -> Response:
        time.sleep(0.4)
        return {"response_action": "update", "view": sentence("It is done now.")}

    with_form(monkeypatch, send=slow)
    opened(slack, connection, installation)
    monkeypatch.setattr(prompt, "DEADLINE_SECONDS", 0.1)
    slack.act("submit", user="bob", values={"said": "x"})
    assert words(modal(slack)) == "One moment…"
    for _ in range(100):
        if words(modal(slack)) != "One moment…":
            break
        time.sleep(0.05)
    assert words(modal(slack)) == "It is done now."


def test_a_shortcut_that_nobody_knows_says_so(
    slack: Slack, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(shortcuts.SHORTCUTS, "chats.open", raising=False)
    slack.act("shortcut", user="bob", callback_id="chats.open", team="Acme")
    assert words(modal(slack)) == shortcuts.OUT_OF_USE


def asked_for_options(installation: Installation, action_id: str) -> dict[str, Any]:
    return {
        "type": "block_suggestion",
        "api_app_id": installation.app_id,
        "team": {"id": installation.slack_team_id},
        "user": {"id": "U1"},
        "action_id": action_id,
        "value": "he",
    }


def test_options_are_offered_as_slack_wants_them(
    server: Served, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [(f"{number} {'x' * 100}", str(number)) for number in range(150)]
    monkeypatch.setitem(
        suggestions.SUGGESTIONS, "test.pick", lambda asked: many if asked.value == "he" else []
    )
    offered = post(server.url, "/slack/options", asked_for_options(installation, "test.pick")).json()[
        "options"
    ]
    assert (len(offered), len(offered[0]["text"]["text"]), offered[1]["value"]) == (100, 75, "1")


def test_nothing_is_offered_to_strangers_nor_for_what_nobody_knows(
    server: Served, installation: Installation
) -> None:
    unknown = asked_for_options(installation, "no.such")
    stranger = {**unknown, "team": {"id": "T0NOBODY"}}
    for asked in (unknown, stranger):
        assert post(server.url, "/slack/options", asked).json() == {"options": []}


def test_an_option_of_a_menu_is_a_button_of_its_own(
    slack: Slack, connection: Connection, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_form(monkeypatch)
    options = [{"text": plain("Form…"), "value": "test.form:v7"}, {"text": plain("Other"), "value": "x.y:v7"}]
    menu = {"type": "overflow", "action_id": "chat.more", "options": options}
    token = installation.bot_token.reveal()
    blocks = [{"type": "actions", "elements": [menu]}]
    posted = client.call("chat.postMessage", token, channel=connection.channel_id, text="x", blocks=blocks)
    where = {"channel": connection.channel_id, "ts": posted["ts"], "action_id": "chat.more"}
    slack.act("click", user="bob", value="test.form:v7", **where)
    assert modal(slack)["private_metadata"] == "v7"
