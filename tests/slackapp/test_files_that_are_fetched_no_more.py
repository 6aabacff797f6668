"""S12, S23: a file that was on its way when Slack was disconnected is said to be missing at once."""

from typing import Any

import pytest

from accounts.models import Member
from livechat import access
from livechat.models import Attachment, ChatSession
from livechat.tokens import VisitorClaim
from livechat.visitor_reads import update
from slackapp import actions
from slackapp.models import Connection, Delivery
from slackapp.parting import NOT_FETCHED
from tests.cast import shop_of
from tests.slackapp.peer import Slack, connected, link_of, settle

pytestmark = pytest.mark.django_db(transaction=True)
Json = dict[str, Any]


def state_of_file(chat: ChatSession, claim: VisitorClaim) -> str:
    """As the visitor's panel gets it."""
    arrival = access.arrive(chat.site.public_token, claim.visitor_token, None)
    (file,) = update(arrival, None, 0).synced()["messages"][-1]["attachments"]
    return str(file["state"])


@pytest.fixture
def on_its_way(slack: Slack, chat: ChatSession, claim: VisitorClaim) -> None:
    slack.fault("status", "download", count=None)
    link = link_of(chat)
    where = {"channel": link.channel_id, "thread_ts": link.root_ts, "team": "Acme"}
    slack.act("say", user="bob", **where, text="Here", files=[{"name": "offer.txt", "content": "89.50"}])
    settle(slack)
    assert state_of_file(chat, claim) == "fetching"


def assert_given_up(chat: ChatSession, claim: VisitorClaim) -> None:
    assert state_of_file(chat, claim) == "failed"
    assert Attachment.unscoped.get().problem == NOT_FETCHED
    assert not Delivery.objects.filter(kind="fetch", state__in=("pending", "sending")).exists()


@pytest.mark.parametrize("key_is_kept", [True, False])
def test_a_site_that_disconnects_waits_for_no_file(
    slack: Slack,
    connection: Connection,
    alice: Member,
    chat: ChatSession,
    claim: VisitorClaim,
    on_its_way: None,
    key_is_kept: bool,
) -> None:
    if key_is_kept:
        connected(slack, alice, shop_of(alice, "Acme Outlet"), "outlet-chat")
    actions.disconnect(alice, connection)
    settle(slack)
    assert_given_up(chat, claim)


@pytest.mark.parametrize("act", ["uninstall", "revoke"])
def test_with_the_key_goes_the_hope_of_a_file(
    slack: Slack, chat: ChatSession, claim: VisitorClaim, on_its_way: None, act: str
) -> None:
    slack.act(act, team="Acme")
    settle(slack)
    assert_given_up(chat, claim)


def test_the_file_of_a_line_that_is_heard_after_the_end_is_missing_from_the_start(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    link = link_of(chat)
    where = {"channel": link.channel_id, "thread_ts": link.root_ts, "team": "Acme"}
    slack.act("say", user="bob", **where, text="One moment")
    settle(slack)
    slack.fault("delay", "events", seconds=0.3, match={"type": "message"})
    slack.act("say", user="bob", **where, text="Here", files=[{"name": "offer.txt", "content": "89.50"}])
    slack.act("uninstall", team="Acme")
    settle(slack)
    assert_given_up(chat, claim)


def test_while_a_key_may_be_mended_the_file_is_waited_for(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim, on_its_way: None
) -> None:
    assert connection.installation is not None
    actions.note_installation_problem(connection.installation, "Connect Slack again.")
    settle(slack)
    assert state_of_file(chat, claim) == "fetching"
