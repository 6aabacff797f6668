"""S24: a link to the console that is posted in Slack shows what it leads to, if its poster may see that."""

import pytest

from accounts.models import Member
from livechat.actions import chats, rating
from livechat.models import ChatSession
from livechat.tokens import VisitorClaim
from slackapp import actions
from slackapp.models import Connection, LinkPreview, PreviewedChat
from tests.cast import chat_of, newcomer, say, shop_of
from tests.slackapp.links import (
    asked_in,
    calls,
    elsewhere,
    linked,
    posted,
    previews_of,
    to_chat,
)
from tests.slackapp.peer import Slack, fresh, install, settle
from tests.slackapp.threads import answer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("console_here")]


@pytest.fixture
def sales(slack: Slack, connection: Connection) -> str:
    return elsewhere(slack)


@pytest.fixture
def theirs(slack: Slack, connection: Connection, mallory: Member) -> ChatSession:
    """A chat of Mallory's own workspace, answered from the same Slack team."""
    site = shop_of(mallory, "Side business")
    other = actions.start_connection(mallory, site, Connection.Mode.STILL)
    install(slack, mallory, other, "carol", "Acme")
    assert fresh(other).installation_id == connection.installation_id
    claim = newcomer(site)
    say(claim, "Secret question")
    return chat_of(claim)


def test_a_chat_shows_who_how_it_goes_and_who_has_it(
    slack: Slack, chat: ChatSession, sales: str, bob: Member
) -> None:
    linked(slack, bob, "bob")
    answer(slack, chat, "At nine")
    ts = posted(slack, sales, f"Look: {to_chat(chat)}")
    (words,) = previews_of(slack, sales, ts).values()
    assert words.startswith(f"Chat with {chat.visitor.display_name}\nOpen, answered\n")
    assert "1 message, 1 answer\nSite: Acme Shop\nBegan <!date^" in words
    assert "first answer after less than a minute" in words
    assert "Hello?" not in words
    assert "At nine" not in words
    chats.close_chat(chat.pk)
    rating.rate(chat.pk, 2, "Slow, says Ana")
    again = previews_of(slack, sales, posted(slack, sales, to_chat(chat)))[to_chat(chat)]
    assert "\nClosed\n" in again
    assert "Rated ★★☆☆☆" in again
    assert "Slow" not in again


def test_a_message_that_is_linked_to_is_shown_itself(
    slack: Slack, chat: ChatSession, claim: VisitorClaim, sales: str, bob: Member
) -> None:
    linked(slack, bob, "bob")
    message = say(claim, "Is *this* <!here> free? Write to ana@shop.example")
    url = to_chat(chat, message)
    words = previews_of(slack, sales, posted(slack, sales, url))[url]
    assert "Is *this* <!here> free? Write to (e-mail address)\n" in words
    assert "(visitor)" in words
    assert "ana@" not in words
    (called,) = calls(slack)
    (unfurl,) = called["args"]["unfurls"].values()
    said = [
        block["text"]["type"] for block in unfurl["blocks"] if block["type"] == "section" and "text" in block
    ]
    assert said == ["plain_text"]


def test_several_links_are_shown_each_by_its_own_right(
    slack: Slack, chat: ChatSession, theirs: ChatSession, sales: str, bob: Member
) -> None:
    linked(slack, bob, "bob")
    site = f"{to_chat(chat).partition('/console/')[0]}/console/sites/{chat.site_id}"
    reports = f"{site.partition('/console/')[0]}/console/reports"
    ts = posted(slack, sales, f"{to_chat(chat)} {to_chat(theirs)} {site} {reports}")
    shown = previews_of(slack, sales, ts)
    assert set(shown) == {to_chat(chat), site, reports}
    assert shown[site].startswith("Acme Shop\n1 open chat now, 1 waiting for an answer\n1 chat\n")
    assert shown[reports].startswith("Reports of Acme\n1 chat\n0 answered, 1 not\n")


def test_a_link_of_another_workspace_is_met_with_silence(
    slack: Slack, chat: ChatSession, theirs: ChatSession, sales: str, bob: Member, mallory: Member
) -> None:
    linked(slack, bob, "bob")
    linked(slack, mallory, "carol")
    posted(slack, sales, to_chat(theirs))
    posted(slack, sales, to_chat(theirs).replace(str(theirs.pk), "00000000-0000-4000-8000-000000000000"))
    assert calls(slack) == []
    assert LinkPreview.objects.count() == 0
    ts = posted(slack, sales, to_chat(theirs), "carol")
    assert list(previews_of(slack, sales, ts)) == [to_chat(theirs)]
    posted(slack, sales, to_chat(chat), "carol")
    assert len(calls(slack)) == 1


def test_who_is_not_linked_is_asked_and_nothing_is_shown(
    slack: Slack, chat: ChatSession, theirs: ChatSession, sales: str
) -> None:
    """Whether the link leads anywhere is not told either."""
    nothing = to_chat(chat).replace(str(chat.pk), "00000000-0000-4000-8000-000000000000")
    asked = [
        asked_in(slack, sales, posted(slack, sales, url)) for url in (to_chat(chat), to_chat(theirs), nothing)
    ]
    assert [len(one) for one in asked] == [1, 1, 1]
    for (one,) in asked:
        assert one["user"] == slack.person("bob")
        assert "/slack/link?t=" in one["url"]
        assert str(chat.pk) not in one["url"]
    assert all("unfurls" not in call["args"] for call in calls(slack))


def test_the_composer_shows_it_before_it_is_sent(slack: Slack, chat: ChatSession, bob: Member) -> None:
    linked(slack, bob, "bob")
    slack.act("preview", user="bob", text=to_chat(chat), team="Acme")
    settle(slack)
    (shown,) = slack.act("previews", user="bob", team="Acme")["previews"]
    assert shown["title"]["text"] == f"Chat with {chat.visitor.display_name}"
    (call,) = calls(slack)
    assert call["args"]["source"] == "composer"
    assert LinkPreview.objects.count() == 0


def test_a_repeat_and_a_refresh_change_nothing_but_the_numbers(
    slack: Slack, chat: ChatSession, claim: VisitorClaim, sales: str, bob: Member
) -> None:
    linked(slack, bob, "bob")
    url = to_chat(chat)
    ts = posted(slack, sales, url)
    say(claim, "And on Sundays?")
    again = {"match": {"type": "link_shared"}, "copies": 2, "fresh_ids": True}
    slack.fault("duplicate", "events", 1, **again)
    posted(slack, sales, f"{url} once more")
    assert PreviewedChat.objects.count() == 2
    assert "\n1 message," in previews_of(slack, sales, ts)[url]
    assert [list(call["args"]["unfurls"]) for call in calls(slack)] == [[url]] * len(calls(slack))
