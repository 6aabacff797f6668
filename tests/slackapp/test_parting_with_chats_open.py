"""S23: a site is disconnected while chats are open: nothing waits for ever, and a later line finds another way."""

import time

import pytest
from pytest_django import Settings

from accounts.errors import Refused
from accounts.models import Member
from livechat.models import ChatSession, Message, Site
from livechat.queries import slack_delayed
from livechat.tokens import VisitorClaim
from slackapp import actions, queries
from slackapp.doubts import DOUBT
from slackapp.models import ChatLink, Connection, Delivery
from slackapp.parting import IN_DOUBT, PARTED
from slackapp.pieces import ALONE
from tests.cast import chat_of, newcomer, say, say_with, shop_of, uploaded
from tests.slackapp.peer import Slack, at_rest, connected, fresh, later, link_of, settle, state_of, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def neighbour(slack: Slack, alice: Member) -> Connection:
    """Another site keeps the key alive."""
    return connected(slack, alice, shop_of(alice, "Acme Outlet"), "outlet-chat")


def waiting(slack: Slack, claim: VisitorClaim, text: str) -> Message:
    slack.fault("error", error="rate_limited", count=None)
    message = say(claim, text)
    work()
    return message


def test_what_waited_says_that_slack_was_disconnected(
    slack: Slack,
    connection: Connection,
    neighbour: Connection,
    alice: Member,
    claim: VisitorClaim,
    card: None,
) -> None:
    message = waiting(slack, claim, "second")
    actions.disconnect(alice, connection)
    work()
    message.refresh_from_db()
    assert (message.mirror_state, message.mirror_problem) == ("failed", PARTED)
    assert not Delivery.objects.filter(state__in=("pending", "sending")).exists()
    Message.unscoped.update(created_at=message.created_at.replace(year=2020))
    assert not slack_delayed(alice.workspace)


def test_what_may_have_arrived_says_so(
    slack: Slack,
    connection: Connection,
    neighbour: Connection,
    alice: Member,
    claim: VisitorClaim,
    card: None,
) -> None:
    slack.fault("no_echo", method="events", count=None)
    slack.fault("drop_after_commit")
    say(claim, "second")
    work()
    actions.disconnect(alice, connection)
    work()
    assert Message.unscoped.get(body="second").mirror_problem == IN_DOUBT


def test_a_later_line_stays_in_the_console_when_the_site_is_connected_nowhere(
    slack: Slack, connection: Connection, alice: Member, claim: VisitorClaim, card: None
) -> None:
    actions.disconnect(alice, connection)
    settle(slack)
    say(claim, "later")
    settle(slack)
    assert state_of("later") == "none"


def test_a_later_line_goes_to_the_sites_new_connection_in_a_new_thread(
    slack: Slack,
    connection: Connection,
    neighbour: Connection,
    alice: Member,
    site: Site,
    claim: VisitorClaim,
    card: None,
) -> None:
    actions.disconnect(alice, connection)
    settle(slack)
    new = connected(slack, alice, site, "website-chat-2")
    say(claim, "later")
    settle(slack)
    assert (slack.lines(new), state_of("later")) == (["later"], "sent")
    assert slack.lines(connection) == ["first"]
    assert "The first line of this chat is in the console." in str(slack.cards(new)[0]["blocks"])
    assert len(ChatLink.objects.filter(connection=new)) == 1


def test_connected_again_to_the_same_channel_the_old_thread_goes_on(
    slack: Slack,
    connection: Connection,
    neighbour: Connection,
    alice: Member,
    site: Site,
    claim: VisitorClaim,
    card: None,
) -> None:
    root = link_of(chat_of(claim)).root_ts
    actions.disconnect(alice, connection)
    settle(slack)
    again = actions.start_connection(alice, site, Connection.Mode.STILL)
    actions.attach_installation(again, neighbour.installation)  # type: ignore[arg-type]
    actions.choose_channel(alice, fresh(again), connection.channel_id, connection.channel_name)
    say(claim, "later")
    settle(slack)
    assert link_of(chat_of(claim)).root_ts == root
    assert (slack.lines(connection), len(slack.cards(connection))) == (["first", "later"], 1)


def test_what_did_not_arrive_can_be_sent_again_to_the_new_connection(
    slack: Slack,
    connection: Connection,
    neighbour: Connection,
    alice: Member,
    site: Site,
    claim: VisitorClaim,
    card: None,
) -> None:
    message = waiting(slack, claim, "second")
    actions.disconnect(alice, connection)
    work()
    slack.clear_faults()
    delivery = Delivery.objects.get(message=message)
    with pytest.raises(Refused, match="not connected"):
        actions.replay(alice, delivery.pk)
    new = connected(slack, alice, site, "website-chat-2")
    actions.replay(alice, delivery.pk)
    at_rest(slack)
    assert (slack.lines(new), state_of("second")) == (["second"], "sent")
    say(claim, "third")
    at_rest(slack)
    assert slack.lines(new) == ["second", "third"]
    assert len(slack.cards(new)) == 1


def test_who_answers_in_the_old_thread_hears_that_it_goes_nowhere(
    slack: Slack, connection: Connection, neighbour: Connection, alice: Member, chat: ChatSession
) -> None:
    link = link_of(chat)
    before = Message.unscoped.filter(chat=chat).count()
    actions.disconnect(alice, connection)
    settle(slack)
    time.sleep(0.01)
    slack.act(
        "say", user="bob", channel=link.channel_id, thread_ts=link.root_ts, text="Still there?", team="Acme"
    )
    settle(slack)
    assert Message.unscoped.filter(chat=chat).count() == before
    whispered = slack.calls("chat.postEphemeral")[-1]["args"]["text"]
    assert "no longer connected" in whispered


def test_a_line_from_before_the_end_still_counts_however_late_it_comes(
    slack: Slack, connection: Connection, neighbour: Connection, alice: Member, chat: ChatSession
) -> None:
    link = link_of(chat)
    slack.act(
        "say", user="bob", channel=link.channel_id, thread_ts=link.root_ts, text="On its way", team="Acme"
    )
    eventually_recorded(slack)
    actions.disconnect(alice, connection)
    settle(slack)
    assert Message.unscoped.filter(chat=chat, body="On its way").exists()


def eventually_recorded(slack: Slack) -> None:
    for _ in range(200):
        if slack.is_quiet():
            return
        time.sleep(0.01)
    raise AssertionError("the event never came")


def test_the_pages_show_no_connection_and_no_trouble(
    slack: Slack, connection: Connection, neighbour: Connection, alice: Member, claim: VisitorClaim
) -> None:
    waiting(slack, claim, "first")
    say(newcomer(fresh(connection).site), "somebody else")
    actions.disconnect(alice, connection)
    work()
    shown = {one.site.name: one.health for one in queries.site_connections(alice.workspace)}
    assert shown["Acme Shop"] is None
    assert state_of("first") == state_of("somebody else") == "failed"


def test_a_file_that_waited_says_so_too_and_begins_anew_when_it_is_sent_again(
    slack: Slack,
    connection: Connection,
    neighbour: Connection,
    alice: Member,
    claim: VisitorClaim,
    card: None,
    settings: Settings,
) -> None:
    settings.SLACK_ECHO_WAIT = 30
    slack.act("sharing", happens=False)
    message = say_with(claim, uploaded(claim))
    work()
    actions.disconnect(alice, connection)
    settings.SLACK_ECHO_WAIT = 0.05
    later()
    work()
    told = Message.unscoped.get(pk=message.pk)
    assert (told.mirror_state, told.mirror_problem) == ("failed", IN_DOUBT)
    kept = Delivery.objects.get(message=message)
    # nothing of what Slack took before counts; that it may stand there twice is remembered
    assert (kept.kind, kept.state, kept.args) == ("upload", "dead", {DOUBT: True, ALONE: True})
