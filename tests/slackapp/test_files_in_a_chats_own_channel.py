"""S8, S12: in Noisy mode files travel as lines do, both ways; those of a thread there are among colleagues."""

import pytest

from accounts.models import Member
from livechat.models import Attachment, ChatSession, Site
from livechat.tokens import VisitorClaim
from slackapp.models import Connection
from tests.cast import chat_of, lines_of, say, say_with, uploaded
from tests.slackapp.peer import Slack, at_rest
from tests.slackapp.rooms import answer, noisy, room_of

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = {"name": "offer.txt", "content": "red boots, 89.50"}


@pytest.fixture
def chat(slack: Slack, alice: Member, site: Site, claim: VisitorClaim) -> ChatSession:
    slack.act("sharing", delay=0)
    connection: Connection = noisy(slack, alice, site)
    assert connection.is_default
    say(claim, "Hello?")
    at_rest(slack)
    return chat_of(claim)


def test_a_visitors_file_appears_in_the_channel(slack: Slack, chat: ChatSession, claim: VisitorClaim) -> None:
    say_with(claim, uploaded(claim), text="Look")
    at_rest(slack)
    *_, words, file = room_of(slack, chat)["messages"]
    assert "Look" in str(words)
    assert [one["name"] for one in file["files"]] == ["notes.txt"]
    assert "thread_ts" not in file


def test_a_colleagues_file_reaches_the_visitor(slack: Slack, chat: ChatSession) -> None:
    answer(slack, chat, "Here", files=[TEXT])
    assert lines_of(chat)[-1] == "Here"
    assert Attachment.unscoped.get().state == "ready"


def test_a_file_of_a_thread_stays_inside(slack: Slack, chat: ChatSession) -> None:
    root = answer(slack, chat, "For the visitor")["ts"]
    answer(slack, chat, "For us", thread_ts=root, files=[TEXT])
    file = Attachment.unscoped.select_related("message").get()
    assert file.message is not None
    assert file.message.is_note
    assert lines_of(chat)[-1] == "For the visitor"
