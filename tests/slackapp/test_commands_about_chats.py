"""S16: `list`, `close` and `note`, by name, by number, in a chat's own channel, and the choice where several fit."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Member
from livechat.models import ChatSession, Message, Site, Visitor
from slackapp.models import ChatLink, Connection
from slackapp.presses.chats import NOT_ALLOWED, OVER, TAKEN, UNKNOWN
from tests.cast import chat_of, newcomer, say
from tests.slackapp.peer import Json, Slack, link_of, settle
from tests.slackapp.test_commands import typed
from tests.slackapp.test_commands_about_who_is_there import general, link

pytestmark = pytest.mark.django_db(transaction=True)


def chat_with(slack: Slack, site: Site, name: str) -> ChatSession:
    claim = newcomer(site)
    say(claim, "Hello?")
    Visitor.unscoped.filter(pk=claim.visitor_id).update(name=name)
    settle(slack)
    return chat_of(claim)


@pytest.fixture
def anna(slack: Slack, connection: Connection, site: Site) -> ChatSession:
    return chat_with(slack, site, "Anna")


@pytest.fixture
def annabel(slack: Slack, connection: Connection, site: Site) -> ChatSession:
    return chat_with(slack, site, "Annabel <!channel>")


def status(chat: ChatSession) -> str:
    return ChatSession.unscoped.get(pk=chat.pk).status


def rows(shown: Json) -> list[str]:
    return [block["text"]["text"] for block in shown["blocks"] if block["type"] == "section"]


def press(slack: Slack, channel: str, shown: Json, action_id: str, user: str = "bob") -> str:
    """The sentence that follows a press on a button of what a command showed."""
    slack.act("click", user=user, channel=channel, ts=shown["ts"], action_id=action_id)
    settle(slack)
    said = slack.look("messages", channel=channel, team="Acme")["messages"]
    return str([one["text"] for one in said if one["seen_only_by"]][-1])


def test_open_chats_are_listed_and_who_waits_longest_comes_first(
    slack: Slack, connection: Connection, anna: ChatSession, annabel: ChatSession
) -> None:
    waits = timezone.now() - timedelta(hours=3)
    ChatSession.unscoped.filter(pk=annabel.pk).update(waiting_since=waits)
    shown = typed(slack, connection, "list")
    head, first, second = rows(shown)
    assert head == "2 open chats"
    assert first.startswith(f"Annabel !channel ({annabel.pk.hex[:4]}) · ")
    assert first.endswith("waits for 3 h · nobody has it\n“Hello?”")
    assert second.startswith(f"Anna ({anna.pk.hex[:4]}) · ")
    assert not shown["pings"]


def test_nothing_open_is_a_sentence(slack: Slack, connection: Connection) -> None:
    assert typed(slack, connection, "list")["text"].startswith("No open chats.")


def test_blocked_visitors_are_not_listed_and_snoozed_chats_come_last(
    slack: Slack, connection: Connection, site: Site, anna: ChatSession, annabel: ChatSession
) -> None:
    ChatSession.unscoped.filter(pk=anna.pk).update(snoozed_until=timezone.now() + timedelta(hours=1))
    blocked = chat_with(slack, site, "Nobody")
    Visitor.unscoped.filter(pk=blocked.visitor_id).update(blocked_at=timezone.now())
    _, first, last = rows(typed(slack, connection, "list"))
    assert (first.startswith("Annabel"), last.startswith("Anna (")) == (True, True)
    assert "snoozed until " in last


def test_of_many_chats_some_are_shown_and_the_others_counted(
    slack: Slack, connection: Connection, site: Site, anna: ChatSession
) -> None:
    copy = link_of(anna)
    for number in range(15):
        visitor = Visitor.unscoped.create(id=newcomer(site).visitor_id, site=site, name=f"V{number}")
        chat = ChatSession.unscoped.create(
            workspace=site.workspace, site=site, visitor=visitor, last_message_at=timezone.now()
        )
        lane = type(copy.lane).objects.create(key=f"out:{chat.pk}")
        where = {"connection": copy.connection, "installation": copy.installation, "lane": lane}
        ChatLink.objects.create(chat=chat, channel_id=copy.channel_id, root_ts=f"1.{number}", **where)
    shown = typed(slack, connection, "list")
    assert (rows(shown)[0], len(rows(shown))) == ("16 open chats", 13)
    assert "And 4 more in the console" in str(shown["blocks"][-1])


def test_a_chat_is_taken_and_closed_from_the_list(
    slack: Slack, connection: Connection, anna: ChatSession
) -> None:
    shown = typed(slack, connection, "list")
    assert press(slack, connection.channel_id, shown, "chat.take") == TAKEN
    assert press(slack, connection.channel_id, shown, "chat.close") == OVER
    assert status(anna) == "closed"
    assert press(slack, connection.channel_id, shown, "chat.close").startswith("This chat is closed.")


def test_a_linked_member_takes_from_a_list_elsewhere(
    slack: Slack, connection: Connection, anna: ChatSession, bob: Member
) -> None:
    link(slack, "bob", bob.user)
    assert general(slack, "list").startswith("1 open chat")
    shown = slack.look("messages", channel="general", team="Acme")["messages"][-1]
    assert press(slack, shown["channel"], shown, "chat.take") == TAKEN


def test_whoever_is_no_member_any_more_takes_nothing_from_an_old_list(
    slack: Slack, connection: Connection, anna: ChatSession, bob: Member
) -> None:
    link(slack, "bob", bob.user)
    general(slack, "list")
    shown = slack.look("messages", channel="general", team="Acme")["messages"][-1]
    bob.delete()
    assert press(slack, shown["channel"], shown, "chat.close") == UNKNOWN
    assert status(anna) == "open"


@pytest.mark.parametrize("name", ["anna", "“Anna”", "#{}", "{}"])
def test_a_chat_is_closed_by_its_name_or_number(
    slack: Slack, connection: Connection, anna: ChatSession, annabel: ChatSession, name: str
) -> None:
    said = typed(slack, connection, f"close {name.format(anna.pk.hex[:4])}")["text"]
    assert said == "The chat with Anna is closed. An answer to the visitor opens it again."
    assert (status(anna), status(annabel)) == ("closed", "open")


@pytest.mark.parametrize("name", ["ann", ""])
def test_where_several_fit_there_is_a_choice(
    slack: Slack, connection: Connection, anna: ChatSession, annabel: ChatSession, name: str
) -> None:
    shown = typed(slack, connection, f"close {name}")
    assert rows(shown)[0] == "Which chat?"
    assert (status(anna), status(annabel)) == ("open", "open")
    assert press(slack, connection.channel_id, shown, "chat.close") == OVER
    assert sorted([status(anna), status(annabel)]) == ["closed", "open"]


def test_what_nobody_is_called_closes_nothing(
    slack: Slack, connection: Connection, anna: ChatSession
) -> None:
    assert typed(slack, connection, "close bert")["text"].startswith("No open chat here is called “bert”.")
    assert status(anna) == "open"


def test_a_guest_closes_nothing(slack: Slack, connection: Connection, anna: ChatSession) -> None:
    slack.act("people", team="Acme", name="carol", is_restricted=True)
    assert typed(slack, connection, "close anna", user="carol")["text"] == NOT_ALLOWED
    assert status(anna) == "open"


@pytest.fixture
def room(slack: Slack, connection: Connection, site: Site) -> ChatLink:
    """A chat with a channel of its own, beside another chat."""
    Connection.unscoped.update(mode=Connection.Mode.NOISY)
    chat_with(slack, site, "Bert")
    return link_of(chat_with(slack, site, "Anna"))


def in_room(slack: Slack, room: ChatLink, text: str) -> str:
    slack.act("command", user="bob", channel=room.channel_id, text=f"/threadbell {text}", team="Acme")
    return str(slack.look("messages", channel=room.channel_id)["messages"][-1]["text"])


def test_in_a_chats_own_channel_close_means_that_chat(slack: Slack, room: ChatLink) -> None:
    assert in_room(slack, room, "close").startswith("The chat with Anna is closed.")
    assert in_room(slack, room, "close").startswith("The chat with Anna is closed already.")
    assert status(room.chat) == "closed"


def test_in_the_lobby_a_channels_number_or_name_means_its_chat(
    slack: Slack, connection: Connection, room: ChatLink
) -> None:
    number = int(room.room_name.rpartition("-")[2])
    assert f"(#{room.room_name})" in rows(typed(slack, connection, "list"))[-1]
    assert typed(slack, connection, f"close {number}")["text"].startswith("The chat with Anna is closed.")


def test_a_channel_is_named_by_its_mention(slack: Slack, connection: Connection, room: ChatLink) -> None:
    mention = f"<#{room.channel_id}|{room.room_name}>"
    assert typed(slack, connection, f"close {mention}")["text"].startswith("The chat with Anna is closed.")


# --- notes ------------------------------------------------------------------------------------------------------------


def test_a_note_in_a_chats_own_channel_is_kept_for_the_team(slack: Slack, room: ChatLink) -> None:
    said = in_room(slack, room, "note called back,\n“waits” for &lt;the invoice&gt;")
    assert said == "Kept as a note. Anna never sees it."
    note = Message.unscoped.get(chat=room.chat_id, is_note=True)
    assert note.body == "called back,\n“waits” for <the invoice>"
    assert (str(note.agent), note.seq) == ("Bob", None)
    settle(slack)
    shown = [one["text"] for one in slack.look("messages", channel=room.channel_id)["messages"]]
    assert any("called back" in text for text in shown)


@pytest.mark.parametrize("text", ["note", "note   "])
def test_a_note_without_words_is_not_kept(slack: Slack, room: ChatLink, text: str) -> None:
    assert in_room(slack, room, text).startswith("Write what your team should know")
    assert not Message.unscoped.filter(is_note=True).exists()


def test_a_note_that_is_too_long_is_not_kept(slack: Slack, room: ChatLink) -> None:
    assert "longer than 8,000" in in_room(slack, room, "note " + "x" * 8001)
    assert not Message.unscoped.filter(is_note=True).exists()


def test_where_no_chat_has_the_channel_it_is_said_how_notes_are_kept(
    slack: Slack, connection: Connection, anna: ChatSession
) -> None:
    assert "begin the line with ;;" in typed(slack, connection, "note hello")["text"]
    assert not Message.unscoped.filter(is_note=True).exists()


def test_a_guest_keeps_no_note(slack: Slack, room: ChatLink) -> None:
    slack.act("people", team="Acme", name="bob", is_restricted=True)
    assert in_room(slack, room, "note hello") == NOT_ALLOWED
    assert not Message.unscoped.filter(is_note=True).exists()


# --- settings ---------------------------------------------------------------------------------------------------------


def test_settings_open_for_an_owner_and_name_owners_to_others(
    slack: Slack, connection: Connection, alice: Member, bob: Member
) -> None:
    link(slack, "alice", alice.user)
    slack.act("command", user="alice", channel=connection.channel_id, text="/threadbell settings")
    assert slack.act("modal", user="alice")["view"]["title"]["text"] == "Settings"
    assert "Link your Slack account" in typed(slack, connection, "settings")["text"]
    link(slack, "bob", bob.user)
    assert "Only owners and admins change settings." in typed(slack, connection, "settings")["text"]
    assert slack.act("modal", user="bob")["view"] is None
