"""S28, S24: of a visitor who is erased no preview says anything any more, whatever Slack does in that moment."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Member
from livechat.actions import changes
from livechat.actions.erasure import erase_visitor
from livechat.models import ChatSession, Message, Site
from livechat.tokens import VisitorClaim
from slackapp.actions import previews
from slackapp.erasures import progress_of
from slackapp.models import Connection, ErasedCopy, LinkPreview, PreviewedChat
from tests.cast import chat_of, newcomer, say
from tests.slackapp.links import elsewhere, linked, posted, previews_of, to_chat
from tests.slackapp.peer import Slack, later, settle
from tests.slackapp.threads import answer, shown

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("console_here")]
UNFURL = "chat.unfurl"


@pytest.fixture
def sales(slack: Slack, connection: Connection) -> str:
    return elsewhere(slack)


@pytest.fixture
def of_bob(slack: Slack, bob: Member) -> None:
    """Bob is linked."""
    linked(slack, bob, "bob")


def had_its_time() -> None:
    later()
    LinkPreview.objects.filter(due_at__gt=timezone.now()).update(due_at=timezone.now())


def message_of(chat: ChatSession) -> Message:
    return Message.unscoped.filter(chat=chat).earliest("created_at")


def test_an_erased_visitors_previews_are_taken_back(
    slack: Slack, chat: ChatSession, sales: str, of_bob: None, alice: Member
) -> None:
    url = to_chat(chat, message_of(chat))
    ts = posted(slack, sales, url)
    assert "Hello?" in previews_of(slack, sales, ts)[url]
    erasure = erase_visitor(alice, chat.visitor_id)
    settle(slack)
    assert previews_of(slack, sales, ts) == {url: "This is no longer shown."}
    assert (LinkPreview.objects.count(), PreviewedChat.objects.count()) == (0, 0)
    copy = ErasedCopy.objects.get(erasure=erasure, kind="preview")
    assert (copy.state, copy.channel_id, copy.ts) == ("done", sales, ts)


def test_a_preview_that_slack_does_not_let_go_is_listed_for_people(
    slack: Slack, chat: ChatSession, sales: str, of_bob: None, alice: Member
) -> None:
    posted(slack, sales, to_chat(chat))
    slack.fault("error", UNFURL, None, error="cannot_unfurl_url")
    erasure = erase_visitor(alice, chat.visitor_id)
    settle(slack)
    left = [one for one in progress_of(alice, erasure.pk).left if one.copy.kind == "preview"]
    assert [one.what for one in left] == ["A preview below a link to the chat"]


def test_who_deleted_the_message_leaves_nothing_to_take_back(
    slack: Slack, chat: ChatSession, sales: str, of_bob: None, alice: Member
) -> None:
    ts = posted(slack, sales, to_chat(chat))
    slack.act("delete", user="bob", channel=sales, ts=ts, team="Acme")
    settle(slack)
    erase_visitor(alice, chat.visitor_id)
    settle(slack)
    assert ErasedCopy.objects.get(kind="preview").state == "done"


def test_what_is_erased_while_its_preview_waits_is_never_shown(
    slack: Slack, chat: ChatSession, sales: str, of_bob: None, alice: Member
) -> None:
    slack.fault("ratelimit", UNFURL, 1, retry_after=1)
    ts = posted(slack, sales, to_chat(chat))
    erase_visitor(alice, chat.visitor_id)
    had_its_time()
    ErasedCopy.objects.filter(state="pending").update(due_at=timezone.now())
    settle(slack)
    assert "Chat with" not in str(previews_of(slack, sales, ts))
    assert ErasedCopy.objects.get(kind="preview").state == "done"


def test_a_line_of_another_chat_below_which_a_preview_stood_goes_on(
    slack: Slack, chat: ChatSession, site: Site, of_bob: None, alice: Member
) -> None:
    """Bob answers another visitor with a link to the chat that is erased later."""
    other = newcomer(site)
    say(other, "Is it like Ana's?")
    settle(slack)
    line = answer(slack, chat_of(other), f"As in {to_chat(chat)}")
    assert "Chat with" in str(previews_of(slack, line["channel"], line["ts"]))
    erase_visitor(alice, chat.visitor_id)
    settle(slack)
    assert "Chat with" not in str(previews_of(slack, line["channel"], line["ts"]))
    slack.act("edit", **line, text="It is another one")
    settle(slack)
    assert shown(chat_of(other))[-1][1:3] == ("It is another one", True)


def test_words_that_are_withdrawn_in_that_moment_are_neither_shown_nor_lost_sight_of(
    slack: Slack,
    chat: ChatSession,
    claim: VisitorClaim,
    sales: str,
    of_bob: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between the look at the message and the note of where it will be shown."""
    url, message = to_chat(chat, message_of(chat)), message_of(chat)
    note, withdrawn = previews.note_about_to_show, list[Message]()

    def later_than_the_visitor(*given: Any) -> bool:
        if not withdrawn:
            withdrawn.append(changes.withdraw_by_visitor(claim, message.pk))
        return note(*given)

    monkeypatch.setattr(previews, "note_about_to_show", later_than_the_visitor)
    ts = posted(slack, sales, url)
    words = previews_of(slack, sales, ts)[url]
    assert words.startswith("Chat with ")
    assert "Hello?" not in words
    assert [row.message_id for row in PreviewedChat.objects.all()] == [None]
