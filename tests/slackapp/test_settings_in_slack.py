"""S17: owners and admins change policy, receipts, reminders and responders in a form; others are told who can."""

from typing import Any

import pytest

from accounts.models import AuditEntry, Member, Role
from slackapp import client
from slackapp.modals import settings
from slackapp.modals.modal import plain
from slackapp.models import Connection, ReminderPlan, SlackIdentity
from slackapp.reminders import plan_of
from tests.cast import shop_of
from tests.slackapp.forms import Json, form, words
from tests.slackapp.peer import Slack, connected, fresh

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owner(slack: Slack, alice: Member) -> Member:
    """Alice of the console is Alice in Slack."""
    return linked(slack, alice, "alice")


def linked(slack: Slack, member: Member, name: str) -> Member:
    who = {"slack_team_id": slack.team()["id"], "slack_user_id": slack.person(name)}
    SlackIdentity.objects.update_or_create(**who, defaults={"user": member.user, "name": member.user.name})
    return member


def open_settings(slack: Slack, connection: Connection, user: str = "alice", value: str = "any") -> Json:
    assert connection.installation is not None
    button = {"type": "button", "action_id": "settings.edit", "text": plain("Settings"), "value": value}
    said = {"text": "x", "blocks": [{"type": "actions", "elements": [button]}]}
    token = connection.installation.bot_token.reveal()
    posted = client.call("chat.postMessage", token, channel=connection.channel_id, **said)
    slack.act("click", user=user, channel=connection.channel_id, ts=posted["ts"], action_id="settings.edit")
    return form(slack, user)


def save(slack: Slack, connection: Connection, **values: Any) -> Json:
    """By the names of the fields."""
    named = {f"{name}.{connection.pk}": value for name, value in values.items()}
    return slack.act("submit", user="alice", values=named)


def blocks(view: Json) -> list[str]:
    return [str(block["block_id"]).partition(".")[0] for block in view["blocks"] if block["type"] == "input"]


def test_an_owner_changes_them_and_it_holds(slack: Slack, connection: Connection, owner: Member) -> None:
    view = open_settings(slack, connection)
    assert "Acme Shop → #website-chat" in words(view)
    assert blocks(view) == ["policy", "receipts", "thread", "channel", "mail"]
    saved = save(slack, connection, policy="silent", receipts=[], thread="3", channel="", mail="30")
    assert saved["view"] is None
    now = fresh(connection)
    assert (now.policy, now.receipts) == ("silent", False)
    plan = plan_of(now.site)
    assert (plan.thread_minutes, plan.channel_minutes, plan.mail_minutes) == (3, None, 30)
    verbs = set(AuditEntry.objects.in_workspace(owner.workspace).values_list("verb", flat=True))
    assert {"slack.policy_chosen", "slack.receipts_off", "site.reminders_changed"} <= verbs


def test_what_is_left_as_it_was_is_not_written(slack: Slack, connection: Connection, owner: Member) -> None:
    open_settings(slack, connection)
    before = AuditEntry.objects.in_workspace(owner.workspace).count()
    assert save(slack, connection)["view"] is None
    assert AuditEntry.objects.in_workspace(owner.workspace).count() == before
    assert not ReminderPlan.unscoped.exists()


@pytest.mark.parametrize(
    ("values", "block", "sentence"),
    [
        ({"thread": "soon"}, "thread", settings.MINUTES),
        ({"thread": "0"}, "thread", settings.MINUTES),
        ({"mail": "99999"}, "mail", settings.MINUTES),
        ({"thread": "20", "channel": "10"}, "channel", settings.ORDER),
    ],
)
def test_minutes_that_cannot_be_are_said_beside_their_field(
    slack: Slack, connection: Connection, owner: Member, values: dict[str, str], block: str, sentence: str
) -> None:
    open_settings(slack, connection)
    told = save(slack, connection, policy="alerts", **values)
    assert told["errors"] == {f"{block}.{connection.pk}": sentence}
    assert fresh(connection).policy == "replies"


def test_whoever_may_not_is_told_who_can(
    slack: Slack, connection: Connection, alice: Member, bob: Member
) -> None:
    assert "Link your Slack account to yours first: http" in words(open_settings(slack, connection, "bob"))
    slack.act("close_modal", user="bob")
    linked(slack, bob, "bob")
    told = words(open_settings(slack, connection, "bob"))
    assert told == "Only owners and admins change settings. Ask one of them: Alice."


def test_whoever_may_not_any_more_changes_nothing(
    slack: Slack, connection: Connection, owner: Member
) -> None:
    view = open_settings(slack, connection)
    Member.unscoped.filter(pk=owner.pk).update(role=Role.AGENT)
    first = next(block["block_id"] for block in view["blocks"] if block["type"] == "input")
    assert "Only owners and admins" in save(slack, connection, policy="silent")["errors"][first]
    assert fresh(connection).policy == "replies"


def test_a_connection_that_has_ended_meanwhile_is_gone(
    slack: Slack, connection: Connection, owner: Member
) -> None:
    connected(slack, owner, shop_of(owner, "Second"), "second-chat")
    open_settings(slack, connection)
    Connection.unscoped.filter(pk=connection.pk).update(state=Connection.State.DISCONNECTED)
    assert settings.GONE in save(slack, connection, policy="silent")["errors"].values()
    assert fresh(connection).policy == "replies"


def test_of_several_connections_the_one_of_this_channel_comes_first_and_another_can_be_chosen(
    slack: Slack, connection: Connection, owner: Member, mallory: Member
) -> None:
    second = connected(slack, owner, shop_of(owner, "Second"), "second-chat")
    connected(slack, mallory, shop_of(mallory, "Globex"), "globex-chat")
    Connection.unscoped.filter(pk=second.pk).update(mode="noisy")
    view = open_settings(slack, second)
    assert [one["text"]["text"] for one in view["blocks"][0]["element"]["options"]] == [
        "Second → #second-chat",
        "Acme Shop → #website-chat",
    ]
    assert "people" in blocks(view)
    slack.act("modal_action", user="alice", action_id="where", value=str(connection.pk))
    assert "people" not in blocks(form(slack, "alice"))
    slack.act("modal_action", user="alice", action_id="where", value=str(second.pk))
    save(slack, second, people=["bob", "carol"])
    assert fresh(second).responders == [slack.person("bob"), slack.person("carol")]
