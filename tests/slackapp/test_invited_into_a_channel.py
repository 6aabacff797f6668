"""S18: the app is invited into a channel: it says by whom and offers to use it; only who may choose it can press."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Member
from livechat.tokens import VisitorClaim
from slackapp import actions
from slackapp.actions import routes
from slackapp.models import Connection, SlackIdentity
from slackapp.routes import Conditions
from tests.cast import say, shop_of
from tests.slackapp.peer import Json, Slack, connected, fresh, install, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sales(slack: Slack, connection: Connection) -> str:
    """Another channel, which the app is not in."""
    return str(slack.act("channels", team="Acme", name="sales")["channel"])


def linked(slack: Slack, member: Member, name: str) -> None:
    """This person has linked their Slack account."""
    team, user = slack.team()["id"], slack.person(name)
    identity = actions.store_identity(team, user, {"name": name.title()})
    SlackIdentity.objects.filter(pk=identity.pk).update(user=member.user)


def invited(slack: Slack, channel: str) -> list[Json]:
    """What the app said when it was let in."""
    slack.act("invite", channel=channel, team="Acme")
    settle(slack)
    return said_in(slack, channel)


def said_in(slack: Slack, channel: str) -> list[Json]:
    found = slack.look("messages", channel=channel, team="Acme")["messages"]
    return [message for message in found if message.get("bot_id") and not message["seen_only_by"]]


def buttons(message: Json) -> list[Json]:
    return [
        element
        for block in message["blocks"]
        for element in block.get("elements", [])
        if "action_id" in element
    ]


def pressed(slack: Slack, user: str, message: Json, channel: str) -> list[str]:
    """Presses the first button; what only the presser is told."""
    asked: dict[str, Any] = {"user": user, "channel": channel, "ts": message["ts"], "team": "Acme"}
    slack.act("click", **asked, action_id="channel.use")
    settle(slack)
    found = slack.look("messages", channel=channel, team="Acme")["messages"]
    return [m["text"] for m in found if m["seen_only_by"] == slack.person(user)]


def test_it_says_who_invited_it_and_offers_the_channel(slack: Slack, sales: str) -> None:
    (offer,) = invited(slack, sales)
    assert f"<@{slack.person('alice')}> invited me here" in offer["text"]
    assert [button["text"]["text"] for button in buttons(offer)] == ["Use this channel for Acme Shop"]


def test_each_route_of_a_site_has_a_button_that_names_it(
    slack: Slack, connection: Connection, alice: Member, sales: str
) -> None:
    routes.add_route(alice, connection.site, "Pricing", "still", Conditions(pages="/pricing*"))
    (offer,) = invited(slack, sales)
    assert sorted(button["text"]["text"] for button in buttons(offer)) == [
        "Use this channel for Acme Shop",
        "Use this channel for Acme Shop: Pricing",
    ]


def test_an_owner_presses_and_chats_arrive_there(
    slack: Slack, connection: Connection, alice: Member, sales: str, claim: VisitorClaim
) -> None:
    linked(slack, alice, "alice")
    (offer,) = invited(slack, sales)
    told = pressed(slack, "alice", offer, sales)
    assert told == ["Chats of Acme Shop arrive here from now on. Chats that are open stay where they are."]
    assert (fresh(connection).channel_id, fresh(connection).channel_name) == (sales, "sales")
    say(claim, "Hello?")
    settle(slack)
    assert slack.lines(fresh(connection)) == ["Hello?"]


def test_pressing_twice_changes_nothing_more(
    slack: Slack, connection: Connection, alice: Member, sales: str
) -> None:
    linked(slack, alice, "alice")
    (offer,) = invited(slack, sales)
    pressed(slack, "alice", offer, sales)
    before = len(said_in(slack, sales))
    assert pressed(slack, "alice", offer, sales)[-1] == "Chats of Acme Shop arrive here."
    assert len(said_in(slack, sales)) == before


@pytest.mark.parametrize("who", ["unknown", "an agent", "somebody of another workspace"])
def test_who_may_not_choose_is_told_how_they_could(
    slack: Slack, connection: Connection, bob: Member, mallory: Member, sales: str, who: str
) -> None:
    if who == "an agent":
        linked(slack, bob, "bob")
    elif who != "unknown":
        linked(slack, mallory, "bob")
    (offer,) = invited(slack, sales)
    (told,) = pressed(slack, "bob", offer, sales)
    assert told.startswith("Only owners and admins")
    assert "/console/slack" in told
    assert fresh(connection).channel_name == "website-chat"


def test_a_private_channel_is_chosen_the_same_way(
    slack: Slack, connection: Connection, alice: Member, sales: str
) -> None:
    linked(slack, alice, "alice")
    slack.act("make_private", channel=sales, team="Acme")
    (offer,) = invited(slack, sales)
    pressed(slack, "alice", offer, sales)
    assert fresh(connection).channel_id == sales


def test_where_chats_go_already_it_says_nothing(slack: Slack, connection: Connection) -> None:
    slack.act("kick", channel=connection.channel_id)
    settle(slack)
    before = len(said_in(slack, connection.channel_id))
    slack.act("invite", channel=connection.channel_id)
    settle(slack)
    assert len(said_in(slack, connection.channel_id)) == before


def test_others_who_join_are_no_business_of_ours(slack: Slack, connection: Connection, sales: str) -> None:
    slack.act("join", user="carol", channel=sales, team="Acme")
    settle(slack)
    assert said_in(slack, sales) == []


def test_an_old_button_of_a_site_that_left_says_so(
    slack: Slack, connection: Connection, alice: Member, sales: str
) -> None:
    linked(slack, alice, "alice")
    connected(slack, alice, shop_of(alice, "Acme Outlet"), "outlet-chat")
    offer = invited(slack, sales)[0]
    assert len(buttons(offer)) == 2
    outlet = Connection.unscoped.get(site__name="Acme Outlet")
    Connection.unscoped.filter(pk=buttons(offer)[0]["value"]).update(
        state="disconnected", ended_at=timezone.now()
    )
    (told,) = pressed(slack, "alice", offer, sales)
    assert "not connected to Slack any more" in told
    assert outlet.state == "ready"


# --- several workspaces in one Slack team ----------------------------------------------------------------------------


@pytest.fixture
def neighbour(slack: Slack, connection: Connection, mallory: Member) -> Connection:
    """Mallory's own workspace, answered from the same Slack team."""
    theirs = actions.start_connection(mallory, shop_of(mallory, "Side business"), Connection.Mode.STILL)
    install(slack, mallory, theirs, "carol", "Acme")
    return fresh(theirs)


def test_shared_by_workspaces_it_names_no_site_to_people_it_does_not_know(
    slack: Slack, connection: Connection, neighbour: Connection, sales: str
) -> None:
    (offer,) = invited(slack, sales)
    assert buttons(offer) == []
    assert "Shop" not in str(offer)
    assert "Side business" not in str(offer)
    assert "/console/slack" in offer["text"]


def test_shared_by_workspaces_it_offers_what_the_inviter_manages(
    slack: Slack, connection: Connection, neighbour: Connection, alice: Member, sales: str
) -> None:
    linked(slack, alice, "alice")
    (offer,) = invited(slack, sales)
    assert [button["text"]["text"] for button in buttons(offer)] == ["Use this channel for Acme Shop"]


def test_mallory_cannot_take_the_place_of_acmes_site_with_its_id(
    slack: Slack, connection: Connection, neighbour: Connection, alice: Member, mallory: Member, sales: str
) -> None:
    linked(slack, alice, "alice")
    linked(slack, mallory, "carol")
    (offer,) = invited(slack, sales)
    slack.act("join", user="carol", channel=sales, team="Acme")
    (told,) = pressed(slack, "carol", offer, sales)
    assert told.startswith("Only owners and admins")
    assert fresh(connection).channel_name == "website-chat"
