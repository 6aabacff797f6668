"""S15: a visitor is blocked by a form in Slack that says what it means, and unblocked by a button."""

import pytest

from accounts.access import agent_of
from accounts.errors import Refused
from accounts.models import AuditEntry, Member
from livechat.actions import blocking
from livechat.models import ChatSession, Site
from livechat.tokens import VisitorClaim
from slackapp.models import Connection
from slackapp.presses.chats import NOT_ALLOWED, UNKNOWN
from tests.cast import newcomer, say, shop_of
from tests.slackapp.peer import Slack, settle
from tests.slackapp.snoozing import button, modal, now_of, press, whispers, words

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def blocked(slack: Slack, chat: ChatSession) -> ChatSession:
    press(slack, button(chat, "chat.block"))
    assert slack.act("submit", user="bob", values={})["view"] is None
    return now_of(chat)


def test_the_form_says_what_it_means_and_cancelling_changes_nothing(slack: Slack, chat: ChatSession) -> None:
    press(slack, button(chat, "chat.block"))
    view = modal(slack)
    assert (view["title"]["text"], view["submit"]["text"]) == ("Block this visitor?", "Block")
    assert f"Nothing more that {chat.visitor.display_name} writes reaches you" in words(view)
    slack.act("close_modal", user="bob")
    assert not now_of(chat).visitor.is_blocked


def test_from_then_on_nothing_of_theirs_reaches_slack(
    slack: Slack, blocked: ChatSession, claim: VisitorClaim, connection: Connection
) -> None:
    before = slack.lines(connection)
    with pytest.raises(Refused, match="You cannot write here at the moment"):
        say(claim, "Are you there?")
    settle(slack)
    assert slack.lines(connection) == before
    assert str(blocked.visitor.blocked_by) == "Bob"
    assert AuditEntry.unscoped.filter(verb="visitor.blocked").count() == 1


def test_another_visitor_of_the_site_is_not_concerned(
    slack: Slack, blocked: ChatSession, site: Site, connection: Connection
) -> None:
    say(newcomer(site), "Good morning")
    settle(slack)
    assert slack.lines(connection)[-1] == "Good morning"


def test_an_answer_in_the_thread_still_arrives(slack: Slack, blocked: ChatSession) -> None:
    where = {"channel": blocked.slack_link.channel_id, "thread_ts": blocked.slack_link.root_ts}
    slack.act("say", user="bob", text="We end this here.", **where)
    settle(slack)
    assert blocked.messages.filter(body="We end this here.", is_note=False).exists()


def test_of_two_who_block_the_second_is_told_who_was_first(slack: Slack, chat: ChatSession) -> None:
    where = button(chat, "chat.block")
    press(slack, where, "carol")
    press(slack, where, "bob")
    slack.act("submit", user="bob", values={})
    slack.act("submit", user="carol", values={})
    assert words(modal(slack, "carol")) == "Bob has blocked this visitor already. Nothing was changed."
    slack.act("close_modal", user="carol")
    press(slack, where, "carol")
    assert words(modal(slack, "carol")).startswith("Bob has blocked this visitor already")


def test_a_button_unblocks_and_a_second_press_is_told(
    slack: Slack, blocked: ChatSession, claim: VisitorClaim
) -> None:
    where = button(blocked, "chat.unblock")
    press(slack, where)
    press(slack, where, "carol")
    assert [text for _, text in whispers(slack, str(where["channel"]))] == [
        "The visitor can write again.",
        "This visitor is not blocked any more.",
    ]
    assert say(claim, "Thank you").chat_id == blocked.pk


def test_a_snooze_waits_until_the_visitor_is_unblocked(slack: Slack, blocked: ChatSession) -> None:
    press(slack, button(blocked, "chat.snooze"))
    assert words(modal(slack)).startswith("This visitor is blocked")


@pytest.mark.parametrize("action_id", ["chat.block", "chat.snooze", "chat.unblock", "chat.wake"])
def test_guests_may_not(slack: Slack, chat: ChatSession, action_id: str) -> None:
    slack.act("people", team="Acme", name="gus", is_restricted=True)
    where = button(chat, action_id)
    press(slack, where, "gus")
    told = modal(slack, "gus")
    assert (words(told) if told else whispers(slack, str(where["channel"]))[-1][1]) == NOT_ALLOWED
    assert (now_of(chat).is_snoozed, now_of(chat).visitor.is_blocked) == (False, False)


@pytest.mark.parametrize("action_id", ["chat.block", "chat.snooze", "chat.unblock", "chat.wake"])
def test_a_chat_that_is_not_of_this_place_is_unknown(
    slack: Slack, chat: ChatSession, mallory: Member, action_id: str
) -> None:
    """An id that somebody has learned opens nothing."""
    claim = newcomer(shop_of(mallory, "Globex Shop"))
    say(claim, "Hello")
    foreign = str(ChatSession.unscoped.get(visitor_id=claim.visitor_id).pk)
    for value in (foreign, "not an id"):
        where = button(chat, action_id, value=value)
        press(slack, where)
        told = modal(slack)
        assert (words(told) if told else whispers(slack, str(where["channel"]))[-1][1]) == UNKNOWN
        slack.act("close_modal", user="bob", all=True) if told else None


def test_somebody_who_blocked_in_the_console_is_named(slack: Slack, chat: ChatSession, alice: Member) -> None:
    blocking.block(chat.pk, agent_of(alice))
    press(slack, button(chat, "chat.block"))
    assert words(modal(slack)) == "Alice has blocked this visitor already. Nothing was changed."


def test_the_card_says_by_whom_and_manage_this_chat_unblocks(
    slack: Slack, blocked: ChatSession, connection: Connection
) -> None:
    settle(slack)
    (card,) = slack.cards(connection)
    assert "The visitor is blocked by Bob" in str(card["blocks"])
    assert "chat.unblock" in str(card["blocks"][-1])
    where = {"channel": connection.channel_id, "ts": card["ts"]}
    slack.act("shortcut", user="carol", callback_id="chat.manage", **where)
    slack.act("modal_action", user="carol", action_id="chat.unblock")
    assert words(modal(slack, "carol")) == "The visitor can write again."
