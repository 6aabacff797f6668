"""S29: what nobody could look for is repeated by a person alone, and the console says that it may stand twice."""

import pytest
from django.test import Client

from accounts.models import Member
from livechat.models import ChatSession, Message
from livechat.tokens import VisitorClaim
from slackapp import actions, doubts
from slackapp.models import Connection, Delivery
from tests.cast import say
from tests.conftest import ClientOf
from tests.slackapp.peer import Slack, at_rest, settle

pytestmark = pytest.mark.django_db(transaction=True)


def transcript(browser: Client, chat: ChatSession) -> str:
    return browser.get(f"/console/chats/{chat.pk}").content.decode()


def test_what_was_sent_again_in_doubt_says_that_it_may_stand_twice(
    slack: Slack,
    connection: Connection,
    claim: VisitorClaim,
    chat: ChatSession,
    alice: Member,
    client_of: ClientOf,
) -> None:
    """The connection has left the channel meanwhile, and its history cannot be read any more."""
    slack.fault("no_echo", method="events", count=None)
    slack.fault("drop_after_commit")
    slack.fault("error", method="conversations.replies", error="channel_not_found", count=None)
    Connection.unscoped.filter(pk=connection.pk).update(channel_id="C0ELSEWHERE")
    line = say(claim, "Anybody?")
    at_rest(slack)
    delivery = Delivery.objects.get(message=line, kind="line")
    assert (delivery.state, "cannot be checked" in delivery.problem) == ("dead", True)
    slack.clear_faults()
    actions.replay(alice, delivery.pk)
    settle(slack)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.problem) == ("sent", doubts.MAY_STAND_TWICE)
    assert Message.unscoped.get(pk=line.pk).mirror_state == Message.Mirror.SENT
    assert slack.lines(connection).count("Anybody?") == 2
    assert doubts.MAY_STAND_TWICE in transcript(client_of(alice), chat)
    say(claim, "Hello again")
    settle(slack)
    assert transcript(client_of(alice), chat).count(doubts.MAY_STAND_TWICE) == 1
