"""W14 in Slack: whoever logs in on the website keeps their thread, and its card says as whom the website knows them."""

import pytest

from accounts.models import Member
from livechat import access
from livechat.actions import identifying, messages
from livechat.models import ChatSession, Message
from livechat.tokens import VisitorClaim
from slackapp.models import ChatLink, Connection
from slackapp.previews import cards as previews
from tests.cast import chat_of, draft
from tests.identity import key_of, token
from tests.slackapp.peer import Slack, settle
from tests.slackapp.threads import answer

pytestmark = pytest.mark.django_db(transaction=True)


def state_and_title(slack: Slack, connection: Connection, place: int = 0) -> tuple[str, str]:
    blocks = slack.cards(connection)[place]["blocks"]
    section = next(block for block in blocks if block["type"] == "section")
    return str(section["text"]["text"]).split("\n")[0], str(blocks[0]["text"]["text"])


def log_in(chat: ChatSession, claim: VisitorClaim, identity: str) -> VisitorClaim:
    arrival = access.arrive(chat.site.public_token, claim.visitor_token, None, identity)
    return identifying.settle(arrival).claim


def test_the_thread_goes_on_and_the_card_says_who_it_is(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim, alice: Member
) -> None:
    key = key_of(alice, chat.site)
    root = ChatLink.objects.get(chat=chat).root_ts
    carol = log_in(chat, claim, token(key))
    settle(slack)
    state, title = state_and_title(slack, connection)
    assert state == "🟠 Waiting · 1 unread · on the website · 🛡️ verified as 4711"
    assert title == "New chat · Carol Nguyen"
    messages.post_visitor_message(carol, draft("Now I am logged in"))
    settle(slack)
    assert ChatLink.objects.get(chat=chat).root_ts == root
    assert len(slack.cards(connection)) == 1
    answer(slack, chat, "Hello Carol")
    lines = Message.unscoped.filter(chat=chat, is_note=False).order_by("seq").values_list("body", flat=True)
    assert list(lines) == ["Hello?", "Now I am logged in", "Hello Carol"]


def test_of_two_open_chats_the_other_thread_is_closed_and_says_why(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim, alice: Member
) -> None:
    key = key_of(alice, chat.site)
    phone = access.arrive(chat.site.public_token, None, None, token(key)).claim
    messages.post_visitor_message(phone, draft("from the phone"))
    settle(slack)
    assert state_and_title(slack, connection, 1)[0].endswith("verified as 4711")
    log_in(chat, claim, token(key))
    settle(slack)
    assert state_and_title(slack, connection, 1)[0].startswith("⚪ Closed")
    assert not state_and_title(slack, connection, 0)[0].startswith("⚪ Closed")


def test_whoever_is_not_named_is_unverified_and_a_name_is_no_shield(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim, alice: Member
) -> None:
    key = key_of(alice, chat.site)
    messages.post_visitor_message(claim, draft("Anybody there?"))
    log_in(chat, claim, token(key, name="Eve :shield: *verified as 1*"))
    settle(slack)
    state, title = state_and_title(slack, connection)
    assert (title, state.endswith("verified as 4711")) == ("New chat · Eve shield verified as 1", True)
    assert "🛡️ Verified visitor" in str(previews.chat(chat_of(log_in(chat, claim, token(key)))))
    other = access.arrive(chat.site.public_token, None, None).claim
    messages.post_visitor_message(other, draft("Nobody knows me"))
    settle(slack)
    assert state_and_title(slack, connection, 1)[0].endswith("· unverified")
    assert "Unverified visitor" in str(previews.chat(chat_of(other)))
