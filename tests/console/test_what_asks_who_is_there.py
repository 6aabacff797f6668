"""B10: a borrowed session erases nobody, changes no retention, connects or parts no Slack and
leads no chat elsewhere; it is asked first."""

import json
import re

import pytest
from django.forms.models import model_to_dict
from django.urls import reverse

from accounts import typed
from accounts.models import Member
from livechat.models import ChatSession, Erasure
from slackapp.models import Connection, OAuthState
from tests.conftest import PASSWORD, ClientOf, prove

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("method", "name", "about", "data"),
    [
        ("get", "chat_erase", "chat", {}),
        ("post", "chat_erase", "chat", {"word": "erase"}),
        ("post", "settings_data_rule", "", {"days": "30"}),
        ("post", "slack_connect", "", {"mode": "still"}),
        ("post", "slack_reconnect", "connection", {}),
        ("post", "slack_disconnect", "connection", {"word": "disconnect"}),
        ("post", "slack_route_remove", "connection", {}),
        ("post", "slack_route_default", "connection", {}),
        ("post", "slack_undo", "connection", {}),
        ("post", "slack_choose_team", "connection", {"team": "T1"}),
        ("post", "slack_choose_channel", "connection", {"channel": "C1"}),
        ("post", "slack_create_channel", "connection", {"name": "elsewhere"}),
        ("post", "slack_mode", "connection", {"mode": "noisy"}),
        ("post", "slack_policy", "connection", {"policy": "prefix"}),
        ("post", "slack_let_answer", "connection", {"partners": "on"}),
        ("get", "slack_install", "?connection", {}),
    ],
)
def test_a_borrowed_session_is_asked_and_nothing_is_done(
    client_of: ClientOf,
    alice: Member,
    chat: ChatSession,
    connection: Connection,
    method: str,
    name: str,
    about: str,
    data: dict[str, str],
) -> None:
    ids = {"chat": [chat.pk], "connection": [connection.pk]}.get(about, [])
    query = {"connection": str(connection.pk)} if about == "?connection" else data
    borrowed = client_of(alice)
    prove(borrowed, alice.user, ago=3600)
    answer = getattr(borrowed, method)(reverse(name, args=ids), query)
    assert answer.headers["Location"].startswith("/accounts/reauthenticate/?next=")
    was = model_to_dict(connection)
    connection.refresh_from_db()
    assert model_to_dict(connection) == was
    before = alice.workspace.keep_days
    alice.workspace.refresh_from_db()
    assert (connection.state, alice.workspace.keep_days) == (Connection.State.READY, before)
    assert not Erasure.unscoped.exists()
    assert not OAuthState.objects.exists()


def test_what_was_typed_stands_in_the_form_again_once(
    client_of: ClientOf, alice: Member, connection: Connection
) -> None:
    borrowed, page = client_of(alice), reverse("slack_connection", args=[connection.pk])
    prove(borrowed, alice.user, ago=3600)
    form, sent = reverse("slack_create_channel", args=[connection.pk]), {"name": "my-shop", "password": "x"}
    answer = borrowed.post(form, sent, headers={"Referer": f"http://testserver{page}"})
    assert "my-shop" not in answer.headers["Location"]
    elsewhere = borrowed.get("/console/slack").content.decode()
    assert "typed-before" not in elsewhere
    assert "typed-before" not in borrowed.get(page).content.decode()  # nobody has shown anything yet
    borrowed.post(answer.headers["Location"], {"password": PASSWORD})
    back = borrowed.get(page).content.decode()
    (kept,) = re.findall(r'<script id="typed-before"[^>]*>(.*?)</script>', back)
    assert json.loads(kept) == {"action": form, "values": {"name": ["my-shop"]}}
    assert "press the button once more" in back
    assert "typed-before" not in borrowed.get(page).content.decode()


def test_what_was_typed_long_ago_or_is_very_much_does_not_come_back(
    client_of: ClientOf, alice: Member, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    borrowed, page = client_of(alice), reverse("slack_connection", args=[connection.pk])
    form, about = (
        reverse("slack_create_channel", args=[connection.pk]),
        {"Referer": f"http://testserver{page}"},
    )
    for words, lasts in (("x" * (typed.MOST + 1), typed.LASTS), ("shop", -1)):
        monkeypatch.setattr(typed, "LASTS", lasts)
        prove(borrowed, alice.user, ago=3600)
        borrowed.post(form, {"name": words}, headers=about)
        prove(borrowed, alice.user)
        assert "typed-before" not in borrowed.get(page).content.decode()
