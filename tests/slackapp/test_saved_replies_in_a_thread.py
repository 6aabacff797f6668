"""M3: `//name` as a whole line in a thread goes to the visitor as the saved reply; what nobody saved stays inside."""

import pytest

from accounts.models import Member
from livechat.actions.saved import Draft, create_saved_reply, delete_saved_reply
from livechat.models import ChatSession, Message, SavedReply, Site
from slackapp.models import Connection
from tests.cast import lines_of
from tests.slackapp.forms import remarks
from tests.slackapp.peer import Slack, link_of, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def foreign(mallory: Member) -> SavedReply:
    return create_saved_reply(mallory, Draft("Globex", "globex", "Globex alone"))


def write(slack: Slack, chat: ChatSession, text: str, user: str = "bob") -> str:
    link = link_of(chat)
    said = slack.act("say", user=user, channel=link.channel_id, thread_ts=link.root_ts, text=text)
    settle(slack)
    return str(said["ts"])


def notes(chat: ChatSession) -> list[str]:
    return list(Message.unscoped.filter(chat=chat, is_note=True).values_list("body", flat=True))


def whispers(slack: Slack, connection: Connection) -> list[str]:
    return [str(m["text"]) for m in slack.channel(connection) if m["seen_only_by"]]


def test_the_visitor_reads_the_saved_words_and_so_does_the_thread(
    slack: Slack, connection: Connection, chat: ChatSession, hours: SavedReply
) -> None:
    write(slack, chat, "//Hours")
    assert lines_of(chat) == ["Hello?", "Hello there, 9 to 5. Bob"]
    (said,) = remarks(slack, connection)
    assert said.startswith("//hours reached the visitor as: Hello there, 9 to 5. Bob")
    assert whispers(slack, connection) == []


def test_a_line_with_more_words_is_what_it_says(slack: Slack, chat: ChatSession, hours: SavedReply) -> None:
    write(slack, chat, "type //hours")
    write(slack, chat, ";; //hours")
    assert lines_of(chat) == ["Hello?", "type //hours"]
    assert notes(chat) == [";; //hours"]


def test_a_name_that_nobody_saved_stays_inside_and_its_writer_is_told(
    slack: Slack,
    connection: Connection,
    chat: ChatSession,
    hours: SavedReply,
    foreign: SavedReply,
    alice: Member,
) -> None:
    write(slack, chat, "//hour")
    write(slack, chat, "//globex")
    delete_saved_reply(alice, hours)
    write(slack, chat, "//hours")
    assert lines_of(chat) == ["Hello?"]
    assert notes(chat) == ["//hour", "//globex", "//hours"]
    first, second, third = whispers(slack, connection)
    assert first.startswith(
        "There is no saved reply //hour. Did you mean //hours? Your line was kept as a note"
    )
    assert "no saved reply //globex" in second
    assert "no saved reply //hours" in third


def test_a_saved_note_stays_inside(
    slack: Slack, connection: Connection, chat: ChatSession, alice: Member
) -> None:
    create_saved_reply(alice, Draft("Late", "late", ";; {{visitor.name}} pays late"))
    write(slack, chat, "//late")
    assert lines_of(chat) == ["Hello?"]
    assert notes(chat) == [";; there pays late"]
    assert remarks(slack, connection) == []


def test_in_a_silent_thread_it_goes_out_with_its_arrows_alone(
    slack: Slack, connection: Connection, chat: ChatSession, hours: SavedReply
) -> None:
    Connection.unscoped.update(policy=Connection.Policy.SILENT)
    write(slack, chat, "//hours")
    write(slack, chat, ">> //hours")
    assert notes(chat) == ["//hours"]
    assert lines_of(chat) == ["Hello?", "Hello there, 9 to 5. Bob"]


def test_a_guests_shortcut_is_kept_as_they_typed_it(
    slack: Slack, chat: ChatSession, hours: SavedReply
) -> None:
    slack.act("people", team="Acme", name="carol", is_restricted=True)
    write(slack, chat, "//hours", user="carol")
    assert lines_of(chat) == ["Hello?"]
    assert notes(chat) == ["//hours"]


def test_an_answer_that_is_edited_into_one_changes_for_the_visitor(
    slack: Slack, connection: Connection, chat: ChatSession, hours: SavedReply
) -> None:
    ts = write(slack, chat, "wait")
    slack.act("edit", user="bob", channel=connection.channel_id, ts=ts, text="//hours")
    settle(slack)
    assert lines_of(chat) == ["Hello?", "Hello there, 9 to 5. Bob"]
    assert len(remarks(slack, connection)) == 1
    slack.act("edit", user="bob", channel=connection.channel_id, ts=ts, text="//nobody")
    settle(slack)
    assert lines_of(chat)[1:] == [""]


def test_the_sites_own_comes_before_that_of_all_sites(
    slack: Slack, chat: ChatSession, hours: SavedReply, alice: Member, site: Site
) -> None:
    create_saved_reply(alice, Draft("Shop", "hours", "{{site.name}}: 8 to 4", site=site))
    write(slack, chat, "//hours")
    assert lines_of(chat)[-1] == "Acme Shop: 8 to 4"
