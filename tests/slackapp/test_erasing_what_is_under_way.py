"""S28: what is on its way in the very moment of the erasure leaves nothing in Slack and nothing here."""

import threading
import time
import uuid
from typing import Any

import pytest
from django.db import connection as database

from accounts.errors import Refused
from accounts.models import Member
from livechat.actions import messages
from livechat.actions.erasure import erase_visitor
from livechat.models import Attachment, Message, Site, Visitor
from livechat.protocol import Page
from livechat.tokens import VisitorClaim
from slackapp import client, keys, lanes
from slackapp.actions import erasure
from slackapp.mirror import deliver
from slackapp.models import Connection, Delivery, ErasedCopy, InboundEvent, Lane, MessageLink
from tests.cast import chat_of, newcomer, say, say_with, uploaded
from tests.slackapp.gone import WORDS, everything_is_done, left_by_the_app, rows_with
from tests.slackapp.peer import Slack, at_rest, link_of, settle, work
from tests.slackapp.rooms import noisy

pytestmark = pytest.mark.django_db(transaction=True)


def begin(claim: VisitorClaim) -> None:
    page = Page("https://acme.example/zebrafish", "A zebrafish", "")
    messages.post_visitor_message(claim, messages.VisitorDraft(uuid.uuid4(), "quokkaway", page))


def nothing_is_left(slack: Slack) -> None:
    assert rows_with(WORDS) == []
    everything_is_done(slack)
    assert left_by_the_app(slack) == []
    assert rows_with(WORDS) == []
    assert not ErasedCopy.objects.filter(state="pending").exists()


def test_a_card_of_which_we_never_heard(
    slack: Slack, connection: Connection, claim: VisitorClaim, alice: Member
) -> None:
    """Slack took it, nothing came back: neither answer nor echo. A bystander's card stays."""
    say(newcomer(connection.site), "Somebody else")
    settle(slack)
    slack.fault("no_echo", method="events", count=None)
    slack.fault("drop_after_commit")
    begin(claim)
    deliver(link_of(chat_of(claim)).lane_id)
    assert len(slack.cards(connection)) == 2
    erase_visitor(alice, claim.visitor_id)
    nothing_is_left(slack)
    assert len(slack.cards(connection)) == 1


def test_a_card_whose_echo_comes_afterwards(
    slack: Slack, connection: Connection, claim: VisitorClaim, alice: Member
) -> None:
    slack.fault("delay", method="events", count=None, seconds=1)
    slack.fault("drop_after_commit")
    begin(claim)
    deliver(link_of(chat_of(claim)).lane_id)
    erase_visitor(alice, claim.visitor_id)
    settle(slack)
    assert rows_with(WORDS) == []
    nothing_is_left(slack)


@pytest.mark.parametrize("method", ["conversations.create", "chat.postMessage"])
def test_a_channel_of_its_own_in_the_making(
    slack: Slack, site: Site, claim: VisitorClaim, alice: Member, method: str
) -> None:
    """Its name is the visitor's; of the channel, or of the card in it, no answer came."""
    noisy(slack, alice, site)
    slack.fault("no_echo", method="events", count=None)
    slack.fault("drop_after_commit", method=method)
    Visitor.unscoped.create(pk=claim.visitor_id, site=site, token_hash=claim.token_hash, name="Zebrafish")
    begin(claim)
    deliver(link_of(chat_of(claim)).lane_id)
    assert left_by_the_app(slack)
    found = erase_visitor(alice, claim.visitor_id)
    nothing_is_left(slack)
    assert ErasedCopy.objects.filter(erasure=found, kind="channel", state="left").count() == 1


def test_a_line_in_the_lobby_of_which_we_never_heard(
    slack: Slack, site: Site, claim: VisitorClaim, alice: Member
) -> None:
    lobby = noisy(slack, alice, site)
    slack.fault("no_echo", method="events", count=None)
    slack.fault("drop_after_commit", match={"channel": lobby.channel_id})
    begin(claim)
    deliver(link_of(chat_of(claim)).lane_id)
    deliver(Lane.objects.get(key=lanes.side_key(chat_of(claim).pk)).pk)
    assert Delivery.objects.filter(kind="lobby", state="sending").exists()
    erase_visitor(alice, claim.visitor_id)
    nothing_is_left(slack)


def test_an_edit_that_arrives_after_its_post_was_overwritten(
    slack: Slack, connection: Connection, claim: VisitorClaim, alice: Member
) -> None:
    say(claim, "quokkaway")
    settle(slack)
    copy = MessageLink.objects.get(message__chat=chat_of(claim))
    erase_visitor(alice, claim.visitor_id)
    settle(slack)
    where = {"channel": copy.channel_id, "ts": copy.ts}
    keys.call(connection.installation, "chat.update", **where, text="narwhalst")  # type: ignore[arg-type]
    settle(slack)
    nothing_is_left(slack)


def test_a_file_that_is_shared_in_that_moment(
    slack: Slack,
    connection: Connection,
    claim: VisitorClaim,
    alice: Member,
    card: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The visitor goes while Slack is asked to share it; Slack does so a little later."""
    slack.act("sharing", delay=0.2)
    real = client.call

    def call(method: str, token: str, /, **arguments: Any) -> dict[str, Any]:
        if method == "files.completeUploadExternal":
            erase_visitor(alice, claim.visitor_id)
            settle(slack)
        return real(method, token, **arguments)

    say_with(claim, uploaded(claim, name="quokkaway.txt"))
    lane_id = link_of(chat_of(claim)).lane_id
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(client, "call", call)
        deliver(lane_id)
    at_rest(slack)
    nothing_is_left(slack)
    assert not Attachment.unscoped.exists()
    deleted = {asked["args"]["file"] for asked in slack.calls("files.delete")}
    assert deleted


def test_a_line_that_the_visitor_sends_in_that_moment_is_somebody_news(
    slack: Slack, connection: Connection, claim: VisitorClaim, alice: Member, card: None
) -> None:
    """Whichever comes first: the line goes with the visitor, or begins a chat that has nothing of before."""
    before = chat_of(claim).pk
    refused: list[Refused] = []

    def talk() -> None:
        try:
            for _ in range(5):
                say(claim, "quokkaway")
        except Refused as refusal:
            refused.append(refusal)
        finally:
            database.close()

    talking = threading.Thread(target=talk)
    talking.start()
    erase_visitor(alice, claim.visitor_id)
    talking.join(20)
    assert refused == []
    assert not Message.unscoped.filter(chat=before).exists()
    if Visitor.unscoped.filter(pk=claim.visitor_id).exists():
        erase_visitor(alice, claim.visitor_id)
    at_rest(slack)
    nothing_is_left(slack)


@pytest.mark.skipif(database.vendor != "postgresql", reason="SQLite has one writer")
def test_an_answer_that_is_worked_in_that_moment_waits_for_it_and_says_nothing(
    slack: Slack,
    connection: Connection,
    claim: VisitorClaim,
    alice: Member,
    card: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Both take the chat first and what Slack told of it afterwards; else each would wait for the other for ever."""
    say(claim, "quokkaway")
    settle(slack)
    working: list[threading.Thread] = []
    real = erasure._forget_events

    def forget(names: set[str]) -> None:
        """With the chat's row locked; longer than PostgreSQL waits until it looks for a circle."""
        if not working:
            working.append(threading.Thread(target=work_elsewhere))
            working[0].start()
            working[0].join(1.5)
            assert working[0].is_alive()
        real(names)

    link = link_of(chat_of(claim))
    where = {"channel": link.channel_id, "thread_ts": link.root_ts, "team": "Acme"}
    slack.act("say", user="bob", text="zebrafish", **where)
    while not InboundEvent.objects.filter(state="pending").exists():
        time.sleep(0.01)
    monkeypatch.setattr(erasure, "_forget_events", forget)
    erase_visitor(alice, claim.visitor_id)
    working[0].join(20)
    assert "deadlock" not in caplog.text
    nothing_is_left(slack)


def work_elsewhere() -> None:
    try:
        work()
    finally:
        database.close()
