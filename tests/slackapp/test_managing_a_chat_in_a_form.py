"""S17, M3: *Manage this chat*, *Reply as note* and *Saved reply…* from the menu of a message, through Slack's forms."""

import uuid
from typing import Any

import pytest

from accounts.models import Member
from livechat.actions import chats
from livechat.actions.saved import Draft, create_saved_reply, delete_saved_reply
from livechat.models import ChatSession, Message, SavedReply
from slackapp import modals
from slackapp.modals import deeds, saved
from slackapp.models import ChatLink, Connection, Installation
from slackapp.presses.chats import NOT_ALLOWED, PARTED, UNKNOWN
from slackapp.which import NO_CHAT
from tests.cast import chat_of, lines_of, newcomer, say, shop_of
from tests.payloads.slack import post
from tests.serving import Served
from tests.slackapp.forms import Json, choose, form, open_form, press, remarks, submit, typed, words
from tests.slackapp.peer import Slack, connected, link_of, settle

pytestmark = pytest.mark.django_db(transaction=True)

# --- manage ---------------------------------------------------------------------------------------------------------


def test_a_message_of_a_thread_opens_its_chat(slack: Slack, chat: ChatSession) -> None:
    view = open_form(slack, chat)
    assert view["title"]["text"] == "Manage this chat"
    assert f"{chat.visitor.display_name}\n🟠 Waiting" in words(view)
    assert "Take" in words(view)


def test_the_card_of_a_chat_is_a_message_of_it_too(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    root = link_of(chat).root_ts
    slack.act("shortcut", user="bob", callback_id="chat.manage", channel=connection.channel_id, ts=root)
    assert "🟠 Waiting" in words(form(slack))


def test_who_takes_a_chat_that_somebody_has_is_told_who(slack: Slack, chat: ChatSession) -> None:
    open_form(slack, chat)
    open_form(slack, chat, user="carol")
    press(slack, "chat.take")
    slack.act("modal_action", user="carol", action_id="chat.take")
    assert "Bob has this chat already." in words(form(slack, "carol"))


def test_a_form_that_stood_open_too_long_says_so(slack: Slack, chat: ChatSession) -> None:
    open_form(slack, chat)
    chats.close_chat(chat.pk)
    assert "This chat is closed." in words(press(slack, "chat.take"))


def test_a_deed_that_fails_says_so(slack: Slack, chat: ChatSession, monkeypatch: pytest.MonkeyPatch) -> None:
    open_form(slack, chat)
    monkeypatch.setitem(deeds.DEEDS, "chat.take", lambda found: 1 / 0)
    assert words(press(slack, "chat.take")) == modals.FAILED


def test_a_message_that_is_no_chats_says_where_to_look(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    said = slack.act("say", user="bob", channel=connection.channel_id, text="lunch?")
    slack.act("shortcut", user="bob", callback_id="chat.manage", channel=connection.channel_id, ts=said["ts"])
    assert words(form(slack)) == NO_CHAT


def test_guests_may_not(slack: Slack, chat: ChatSession) -> None:
    slack.act("people", team="Acme", name="bob", is_restricted=True)
    for callback in ("chat.manage", "chat.note"):
        assert words(open_form(slack, chat, callback)) == NOT_ALLOWED
        slack.act("close_modal", user="bob")


def test_a_site_that_was_disconnected_says_so(slack: Slack, chat: ChatSession) -> None:
    Connection.unscoped.update(state=Connection.State.DISCONNECTED)
    assert words(open_form(slack, chat)) == PARTED


# --- notes ----------------------------------------------------------------------------------------------------------


def test_a_note_of_nothing_is_not_kept(slack: Slack, chat: ChatSession) -> None:
    open_form(slack, chat, "chat.note")
    assert submit(slack, note="  ")["errors"] == {"note": "Write something first."}
    assert not Message.unscoped.filter(chat=chat, is_note=True).exists()


# --- saved replies --------------------------------------------------------------------------------------------------


def test_another_choice_brings_its_own_words(
    slack: Slack, chat: ChatSession, hours: SavedReply, alice: Member
) -> None:
    refund = create_saved_reply(alice, Draft("Refund", "refund", "14 days"))
    open_form(slack, chat)
    press(slack, "chat.saved")
    choose(slack, hours)
    view = choose(slack, refund, "")
    submit(slack)
    assert typed(view).endswith(str(refund.pk))
    assert lines_of(chat) == ["Hello?", "14 days"]


def test_next_shows_what_was_chosen(slack: Slack, chat: ChatSession, hours: SavedReply) -> None:
    """Where picking told nobody, sending the choice does."""
    open_form(slack, chat)
    press(slack, "chat.saved")
    slack.act("suggest", user="bob", action_id=saved.PICK, query="")
    view = submit(slack, saved=str(hours.pk))["view"]
    assert view["submit"]["text"] == "Send"
    assert lines_of(chat) == ["Hello?"]


def test_it_can_be_kept_as_a_note(
    slack: Slack, connection: Connection, chat: ChatSession, hours: SavedReply
) -> None:
    open_form(slack, chat)
    press(slack, "chat.saved")
    choose(slack, hours)
    submit(slack, how="note")
    assert lines_of(chat) == ["Hello?"]
    assert Message.unscoped.get(chat=chat, is_note=True).body == "Hello there, 9 to 5. Bob"
    assert len(remarks(slack, connection)) == 1


def test_a_text_that_begins_like_a_note_is_one(slack: Slack, chat: ChatSession, hours: SavedReply) -> None:
    open_form(slack, chat)
    press(slack, "chat.saved")
    view = choose(slack, hours)
    submit(slack, **{typed(view): ";; ask Alice", "how": "out"})
    assert lines_of(chat) == ["Hello?"]


def test_what_is_sent_twice_is_one_message(
    slack: Slack, server: Served, chat: ChatSession, hours: SavedReply
) -> None:
    open_form(slack, chat)
    press(slack, "chat.saved")
    view = choose(slack, hours)
    submit(slack)
    assert post(server.url, "/slack/interactivity", submission(chat, view)).status_code == 200
    assert lines_of(chat) == ["Hello?", "Hello there, 9 to 5. Bob"]


def submission(chat: ChatSession, view: Json, **changed: Any) -> Json:
    installation = link_of(chat).installation
    block_id = typed(view)
    state = {"values": {block_id: {"text": {"type": "plain_text_input", "value": "Twice"}}}}
    return {
        "type": "view_submission",
        "api_app_id": installation.app_id,
        "team": {"id": installation.slack_team_id},
        "user": {"id": "U1", "team_id": installation.slack_team_id},
        "view": {**view, "state": state, **changed},
    }


def test_a_closed_chat_is_opened_again_and_that_is_said_before(
    slack: Slack, chat: ChatSession, hours: SavedReply
) -> None:
    chats.close_chat(chat.pk)
    open_form(slack, chat)
    press(slack, "chat.saved")
    assert "Sending opens it again" in words(choose(slack, hours))
    submit(slack)
    chat.refresh_from_db()
    assert chat.is_open


def test_a_visitor_with_a_newer_chat_is_answered_there(
    slack: Slack, chat: ChatSession, hours: SavedReply, claim: Any
) -> None:
    open_form(slack, chat)
    press(slack, "chat.saved")
    view = choose(slack, hours)
    chats.close_chat(chat.pk)
    say(claim, "me again")
    assert "newer chat" in submit(slack)["errors"][saved.CHOSEN]
    assert typed(view)
    assert lines_of(chat) == ["Hello?"]


def test_a_deleted_saved_reply_is_not_there_any_more(
    slack: Slack, chat: ChatSession, hours: SavedReply, alice: Member
) -> None:
    create_saved_reply(alice, Draft("Refund", "refund", "14 days"))
    open_form(slack, chat)
    press(slack, "chat.saved")
    slack.act("suggest", user="bob", action_id=saved.PICK, query="")
    delete_saved_reply(alice, hours)
    assert "not there any more" in submit(slack, saved=str(hours.pk))["errors"][saved.CHOSEN]


def test_nothing_chosen_nothing_sent_and_nothing_written(
    slack: Slack, chat: ChatSession, hours: SavedReply
) -> None:
    open_form(slack, chat)
    press(slack, "chat.saved")
    assert submit(slack)["errors"]
    view = choose(slack, hours)
    assert submit(slack, **{typed(view): "   "})["errors"]
    assert lines_of(chat) == ["Hello?"]


def test_before_the_first_saved_reply_the_form_says_where_to_write_it(
    slack: Slack, chat: ChatSession
) -> None:
    open_form(slack, chat)
    view = press(slack, "chat.saved")
    assert "There is no saved reply yet." in words(view)
    assert "submit" not in view or view["submit"] is None


def test_where_slack_only_shows_what_visitors_write_nothing_is_sent(
    slack: Slack, chat: ChatSession, hours: SavedReply
) -> None:
    Connection.unscoped.update(policy=Connection.Policy.ALERTS)
    open_form(slack, chat)
    assert words(press(slack, "chat.saved")) == saved.ALERTS


# --- others ---------------------------------------------------------------------------------------------------------


def test_another_companys_chat_is_not_there(
    slack: Slack, server: Served, chat: ChatSession, hours: SavedReply, mallory: Member
) -> None:
    """A form whose note names a chat of another Slack, and a press that names one, do nothing."""
    theirs = newcomer(shop_of(mallory, "Globex"))
    say(theirs, "secret")
    open_form(slack, chat)
    press(slack, "chat.saved")
    view = choose(slack, hours)
    note = f'{{"chat": "{chat_of(theirs).pk}"}}'
    answer = post(server.url, "/slack/interactivity", submission(chat, view, private_metadata=note)).json()
    assert answer["errors"] == {saved.CHOSEN: UNKNOWN}
    assert lines_of(chat_of(theirs)) == ["secret"]


def test_a_chat_of_another_workspace_of_the_same_slack_is_not_opened_by_its_id(
    slack: Slack, server: Served, connection: Connection, chat: ChatSession, mallory: Member
) -> None:
    shop = shop_of(mallory, "Globex")
    other = connected(slack, mallory, shop, "globex-chat")
    theirs = newcomer(shop)
    say(theirs, "secret")
    settle(slack)
    assert ChatLink.objects.filter(connection=other).exists()
    assert other.installation_id == connection.installation_id
    named = pressed(Installation.objects.get(), connection.channel_id, str(chat_of(theirs).pk))
    assert post(server.url, "/slack/interactivity", named).status_code == 200
    views = [call["args"]["view"] for call in slack.calls("views.open")]
    assert UNKNOWN in str(views[-1])
    assert "secret" not in str(views)


def pressed(installation: Installation, channel_id: str, chat_id: str) -> Json:
    return {
        "type": "block_actions",
        "api_app_id": installation.app_id,
        "team": {"id": installation.slack_team_id},
        "user": {"id": "U1", "team_id": installation.slack_team_id},
        "channel": {"id": channel_id},
        "container": {"type": "message", "message_ts": "1.1", "channel_id": channel_id},
        "trigger_id": uuid.uuid4().hex,
        "actions": [{"type": "button", "action_id": "chat.manage", "block_id": "b", "value": chat_id}],
    }
