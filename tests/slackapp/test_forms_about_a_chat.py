"""S17, M3: from the menu of a message a chat is taken and closed, a note kept, a saved reply found and sent."""

import pytest

from accounts.models import Member
from livechat.actions.saved import Draft, create_saved_reply
from livechat.models import ChatSession, Message, SavedReply
from slackapp.modals import saved
from slackapp.models import Connection
from tests.cast import lines_of
from tests.slackapp.forms import form, open_form, press, remarks, submit, typed, words
from tests.slackapp.peer import Slack

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_done_shows_at_once_and_closing_ends_it(slack: Slack, chat: ChatSession) -> None:
    open_form(slack, chat)
    view = press(slack, "chat.take")
    assert "You have this chat now." in words(view)
    assert "🟡 Bob has it" in words(view)
    assert "Take" not in words(view)
    view = press(slack, "chat.close")
    assert "The chat is closed." in words(view)
    chat.refresh_from_db()
    assert not chat.is_open
    slack.act("close_modal", user="bob")
    assert form(slack) == {}


def test_a_note_is_kept_and_shown_in_the_thread(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    view = open_form(slack, chat, "chat.note")
    assert f"{chat.visitor.display_name} never sees it" in words(view)
    assert submit(slack, note="He pays <late> & *often*")["view"] is None
    note = Message.unscoped.get(chat=chat, is_note=True)
    assert note.agent is not None
    assert (note.agent.name, note.body) == ("Bob", "He pays <late> & *often*")
    assert lines_of(chat) == ["Hello?"]
    (shown,) = remarks(slack, connection)
    assert shown.startswith("\N{LOCK} Note by Bob, for your team only He pays <late> & *often*")


def test_a_saved_reply_is_searched_read_changed_and_sent(
    slack: Slack, connection: Connection, chat: ChatSession, hours: SavedReply, alice: Member
) -> None:
    create_saved_reply(alice, Draft("Refund", "refund", "14 days"))
    open_form(slack, chat)
    view = press(slack, "chat.saved")
    assert (view["title"]["text"], view["submit"]["text"]) == ("Saved reply", "Next")
    told = slack.act("suggest", user="bob", action_id=saved.PICK, query="open //h")
    assert [one["text"]["text"] for one in told["options"]] == ["Opening hours · //hours"]
    view = press(slack, saved.PICK, value=str(hours.pk))
    block = next(one for one in view["blocks"] if one["block_id"] == typed(view))
    assert block["element"]["initial_value"] == "Hello there, 9 to 5. Bob"
    assert view["submit"]["text"] == "Send"
    assert submit(slack, **{typed(view): "Hello Ana, 9 to 5."})["view"] is None
    assert lines_of(chat) == ["Hello?", "Hello Ana, 9 to 5."]
    assert slack.lines(connection)[-1] == "Hello Ana, 9 to 5."
