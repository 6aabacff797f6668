"""S2: the channel that *Add to Slack* makes, what happens when it cannot, and the way back out."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Member
from livechat.models import ChatSession, Site
from slackapp.models import Connection
from tests.cast import newcomer, say
from tests.conftest import ClientOf
from tests.slackapp.peer import Json, Slack, connected, settle, state_of
from tests.slackapp.ways import add, channels, only

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "error": "restricted_action"},
        {"kind": "error", "error": "no_permission"},
        {"kind": "ratelimit", "retry_after": 30},
        {"kind": "status"},
        {"kind": "drop_after_commit"},
    ],
    ids=lambda fault: fault.get("error", fault["kind"]),
)
def test_without_a_channel_the_page_says_what_to_do_and_nothing_is_lost(slack: Slack, fault: Json) -> None:
    slack.fault(method="conversations.create", **fault)
    browser = Client()
    page = browser.get(add(slack, browser).headers["Location"]).content.decode()
    connection = only()
    assert (connection.state, connection.channel_id) == ("pending", "")
    assert connection.problem
    for word in (
        "The channel could not be made",
        "Try again",
        "Choose a channel",
        connection.site.public_token,
    ):
        assert word in page
    browser.post(f"/console/slack/{connection.pk}/channel/open")
    again = only()
    assert (again.state, again.channel_name, again.problem) == ("ready", "website-chat", "")


def test_a_channel_whose_making_was_in_doubt_is_its_makers_and_no_colleagues(slack: Slack) -> None:
    first, second = Client(), Client()
    slack.fault("drop_after_commit", method="conversations.create")
    add(slack, first)
    pending = only()
    add(slack, second, "bob")
    first.post(f"/console/slack/{pending.pk}/channel/open")
    names = dict(Connection.unscoped.values_list("pk", "channel_name"))
    assert names.pop(pending.pk) == "website-chat"
    assert list(names.values()) == ["website-chat-2"]


def test_what_waited_meanwhile_goes_out(slack: Slack) -> None:
    slack.fault("error", method="conversations.create", error="restricted_action")
    browser = Client()
    add(slack, browser)
    visitor = newcomer(only().site)
    say(visitor, "Anybody there?")
    say(visitor, "I am in Vilnius")
    settle(slack)
    browser.post(f"/console/slack/{only().pk}/channel/open")
    settle(slack)
    say(visitor, "And now?")
    settle(slack)
    assert "\n".join(slack.lines(only())).split() == "Anybody there? I am in Vilnius And now?".split()
    assert len(slack.cards(only())) == 1
    assert {state_of(text) for text in ("Anybody there?", "I am in Vilnius", "And now?")} == {"sent"}


def test_a_chat_of_last_week_is_not_brought_to_slack(slack: Slack) -> None:
    slack.fault("error", method="conversations.create", error="restricted_action")
    browser = Client()
    add(slack, browser)
    say(newcomer(only().site), "Long ago")
    ChatSession.unscoped.update(last_message_at=timezone.now() - timedelta(days=7))
    browser.post(f"/console/slack/{only().pk}/channel/open")
    settle(slack)
    assert slack.lines(only()) == []


def test_a_channel_that_is_there_can_be_chosen_instead(slack: Slack) -> None:
    slack.fault("error", method="conversations.create", error="restricted_action")
    slack.act("channels", team="Acme", name="shop-chat")
    browser = Client()
    add(slack, browser)
    where = channels(slack)["shop-chat"]["id"]
    browser.post(f"/console/slack/{only().pk}/channel", {"channel": where})
    assert (only().state, only().channel_name) == ("ready", "shop-chat")


@pytest.mark.parametrize("method", ["conversations.invite", "chat.postMessage", "users.info"])
def test_what_is_only_polite_may_fail(slack: Slack, method: str) -> None:
    slack.fault("status", method=method)
    browser = Client()
    assert browser.get(add(slack, browser).headers["Location"]).status_code == 200
    assert only().state == "ready"


def test_somebody_whose_name_slack_did_not_tell_is_shown_all_the_same(slack: Slack) -> None:
    slack.fault("status", method="users.info")
    browser = Client()
    add(slack, browser)
    assert "None" not in browser.get("/console/slack").content.decode()
    assert "Somebody" in browser.get("/console/slack").content.decode()


# --- undo ----------------------------------------------------------------------------------------------------


def test_undo_parts_from_the_wrong_slack_and_another_can_be_added(slack: Slack) -> None:
    browser = Client()
    add(slack, browser)
    connection = only()
    answer = browser.post(f"/console/slack/{connection.pk}/undo", follow=True)
    assert "Undone" in answer.content.decode()
    assert only().state == "disconnected"
    assert channels(slack)["website-chat"]["is_archived"]
    add(slack, browser, "mallory", "Globex")
    other = only("Globex")
    assert (other.site_id, other.workspace_id, other.state) == (
        connection.site_id,
        connection.workspace_id,
        "ready",
    )


def test_with_chats_there_is_no_undo(slack: Slack) -> None:
    browser = Client()
    add(slack, browser)
    connection = only()
    say(newcomer(connection.site))
    settle(slack)
    assert (
        "Was it the wrong Slack"
        not in browser.get(f"/console/slack/{connection.pk}/welcome").content.decode()
    )
    browser.post(f"/console/slack/{connection.pk}/undo")
    assert only().state == "ready"


def test_nobody_else_undoes_or_sees_it(
    slack: Slack, alice: Member, bob: Member, mallory: Member, site: Site, client_of: ClientOf
) -> None:
    connection = connected(slack, alice, site)
    for path in ("undo", "channel/open"):
        assert client_of(mallory).post(f"/console/slack/{connection.pk}/{path}").status_code == 404
        assert client_of(bob).post(f"/console/slack/{connection.pk}/{path}").status_code == 403
        assert client_of(alice).get(f"/console/slack/{connection.pk}/{path}").status_code == 405
    assert client_of(mallory).get(f"/console/slack/{connection.pk}/welcome").status_code == 404
    assert only().state == "ready"


def test_undo_puts_no_channel_away_that_holds_anothers_chats(slack: Slack, alice: Member, site: Site) -> None:
    first, browser = connected(slack, alice, site), Client()
    add(slack, browser, "bob")
    second = Connection.unscoped.exclude(pk=first.pk)
    # nobody can choose it; a row of an older day might say so
    second.update(channel_id=first.channel_id, channel_name="website-chat")
    browser.post(f"/console/slack/{second.get().pk}/undo")
    assert second.get().state == "disconnected"
    assert not channels(slack)["website-chat"]["is_archived"]
