"""S24, S11, S14: what stays inside or is taken back is in no preview, whoever posts the link."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Member
from livechat.actions import messages
from livechat.models import ChatSession, Message
from slackapp.models import Connection, LeftCopy, LinkPreview
from tests.slackapp.links import calls, elsewhere, linked, message_at, posted, previews_of, to_chat
from tests.slackapp.peer import Slack, later, settle
from tests.slackapp.threads import answer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("console_here")]


@pytest.fixture
def sales(slack: Slack, connection: Connection) -> str:
    return elsewhere(slack)


def test_a_note_is_shown_only_in_the_channel_where_it_was_written(
    slack: Slack, chat: ChatSession, connection: Connection, sales: str, bob: Member
) -> None:
    linked(slack, bob, "bob")
    answer(slack, chat, ";; She still owes us 200 €")
    note = Message.unscoped.get(chat=chat, is_note=True)
    url = to_chat(chat, note)
    away = previews_of(slack, sales, posted(slack, sales, url))[url]
    assert "owes" not in away
    assert "Notes are read in the console." in away
    here = previews_of(slack, connection.channel_id, posted(slack, connection.channel_id, url))[url]
    assert "She still owes us 200 €" in here
    of_console = messages.post_note(chat.pk, bob.agent, "From the console: a bad payer")
    ts = posted(slack, connection.channel_id, to_chat(chat, of_console))
    assert "payer" not in str(previews_of(slack, connection.channel_id, ts))


def test_no_composer_shows_a_note(slack: Slack, chat: ChatSession, bob: Member) -> None:
    linked(slack, bob, "bob")
    answer(slack, chat, ";; She still owes us 200 €")
    url = to_chat(chat, Message.unscoped.get(chat=chat, is_note=True))
    slack.act("preview", user="bob", text=url, team="Acme")
    settle(slack)
    (call,) = calls(slack)
    assert "owes" not in str(call)


def test_words_that_are_withdrawn_leave_their_previews(
    slack: Slack, chat: ChatSession, connection: Connection, sales: str, bob: Member
) -> None:
    linked(slack, bob, "bob")
    line = answer(slack, chat, "We are closed on Sundays")
    url = to_chat(chat, Message.unscoped.get(chat=chat, body__startswith="We are"))
    ts = posted(slack, sales, url)
    assert "closed on Sundays" in previews_of(slack, sales, ts)[url]
    slack.act("edit", **line, text="We are open on Sundays")
    settle(slack)
    assert "open on Sundays" in previews_of(slack, sales, ts)[url]
    slack.act("delete", **line)
    settle(slack)
    words = previews_of(slack, sales, ts)[url]
    assert "Sundays" not in words
    assert words.startswith("Chat with ")
    assert "edited" not in message_at(slack, sales, ts)


def test_a_lock_takes_an_answer_out_of_its_preview(
    slack: Slack, chat: ChatSession, sales: str, bob: Member
) -> None:
    linked(slack, bob, "bob")
    line = answer(slack, chat, "She owes us 200 €")
    url = to_chat(chat, Message.unscoped.get(chat=chat, body__startswith="She"))
    ts = posted(slack, sales, url)
    assert "owes" in previews_of(slack, sales, ts)[url]
    slack.act("react", **line, name="lock")
    settle(slack)
    words = previews_of(slack, sales, ts)[url]
    assert "owes" not in words
    assert words.startswith("Chat with ")


def test_what_slack_goes_on_to_show_is_listed_for_people(
    slack: Slack, chat: ChatSession, sales: str, bob: Member
) -> None:
    linked(slack, bob, "bob")
    line = answer(slack, chat, "We are closed on Sundays")
    url = to_chat(chat, Message.unscoped.get(chat=chat, body__startswith="We are"))
    ts = posted(slack, sales, url)
    slack.fault("error", "chat.unfurl", None, error="cannot_find_service")
    slack.act("delete", **line)
    settle(slack)
    left = LeftCopy.objects.get()
    assert (left.channel_id, left.ts) == (sales, ts)
    assert "cannot_find_service" in left.reason


@pytest.mark.parametrize(("hours", "taken_back"), [(23, True), (25, False)])
def test_for_a_day_withdrawn_words_are_taken_back_and_then_a_person_is_asked(
    slack: Slack, chat: ChatSession, sales: str, bob: Member, hours: int, taken_back: bool
) -> None:
    linked(slack, bob, "bob")
    line = answer(slack, chat, "We are closed on Sundays")
    url = to_chat(chat, Message.unscoped.get(chat=chat, body__startswith="We are"))
    ts = posted(slack, sales, url)
    slack.fault("status", "chat.unfurl", 1, status=503)
    slack.act("delete", **line)
    settle(slack)
    LinkPreview.objects.update(heard_at=timezone.now() - timedelta(hours=hours), due_at=timezone.now())
    later()
    settle(slack)
    assert ("Sundays" not in previews_of(slack, sales, ts)[url]) is taken_back
    assert LeftCopy.objects.exists() is not taken_back
