"""S28: an erased visitor leaves no word here nor in the app's posts in Slack; what only people can delete is listed."""

import uuid
from typing import Any

import pytest

from accounts.errors import NotFound
from accounts.models import AuditEntry, Member
from livechat.actions import chats, messages
from livechat.actions.changes import edit_by_visitor
from livechat.actions.erasure import erase_visitor
from livechat.models import ChatSession, Erasure, Message, Site, Visitor
from livechat.protocol import Page
from livechat.tokens import VisitorClaim
from slackapp import actions, client, setup
from slackapp.actions import erasure
from slackapp.mirror import deliver
from slackapp.models import Connection, Delivery, ErasedCopy, InboundEvent, Installation
from tests.cast import chat_of, lines_of, newcomer, say, shop_of
from tests.conftest import ClientOf
from tests.serving import Served
from tests.slackapp.gone import WORDS, everything_is_done, rows_with
from tests.slackapp.peer import Slack, at_rest, connected, fresh, install, link_of, settle, text_of
from tests.slackapp.rooms import noisy

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def talk(slack: Slack, connection: Connection, claim: VisitorClaim) -> ChatSession:
    """A chat with everything: a page, lines, an edit, a long line, an answer, a note, an answer of the console."""
    page = Page("https://acme.example/zebrafish", "A zebrafish", "https://search.example/?q=zebrafish")
    first = messages.post_visitor_message(
        claim, messages.VisitorDraft(uuid.uuid4(), "I am quokkaway, hello", page)
    )
    settle(slack)
    edit_by_visitor(claim, first.pk, "I am quokkaway indeed")
    say(claim, "narwhalst " * 700)
    settle(slack)
    chat = chat_of(claim)
    answer(slack, chat, "Dear quokkaway, welcome")
    answer(slack, chat, ";; quokkaway seems nice")
    messages.post_agent_message(chat.pk, None, "From the console to quokkaway")
    settle(slack)
    return chat_of(claim)


def answer(slack: Slack, chat: ChatSession, text: str) -> str:
    link = link_of(chat)
    return str(slack.act("say", user="bob", channel=link.channel_id, thread_ts=link.root_ts, text=text)["ts"])


def in_posts_of_the_app(slack: Slack, connection: Connection) -> list[str]:
    ours = [post for post in slack.channel(connection) if post.get("bot_id")]
    return [str(post) for post in ours if any(word in str(post) for word in WORDS)]


def erase(member: Member, chat: ChatSession) -> Erasure:
    return erase_visitor(member, chat.visitor_id)


def test_no_word_is_left_in_any_table_nor_in_the_apps_posts(
    slack: Slack, connection: Connection, talk: ChatSession, alice: Member
) -> None:
    assert rows_with(WORDS)
    assert in_posts_of_the_app(slack, connection)
    found = erase(alice, talk)
    assert rows_with(WORDS) == []
    everything_is_done(slack)
    assert in_posts_of_the_app(slack, connection) == []
    assert rows_with((*WORDS, talk.visitor_id.hex, str(talk.visitor_id), str(talk.pk))) == []
    assert (found.chats, found.messages) == (1, 5)
    assert not ErasedCopy.objects.filter(state="pending").exists()


def test_lines_of_before_the_site_was_connected_to_another_slack_team_go_there(
    slack: Slack, connection: Connection, talk: ChatSession, claim: VisitorClaim, alice: Member, site: Site
) -> None:
    connected(slack, alice, shop_of(alice, "Acme Outlet"), "outlet-chat")  # keeps the first team's key alive
    actions.disconnect(alice, connection)
    settle(slack)
    new = actions.start_connection(alice, site, Connection.Mode.STILL)
    install(slack, alice, new, "mallory", "Globex")
    setup.create_channel(alice, fresh(new), "globex-chat")
    say(claim, "quokkaway again")
    settle(slack)
    found = erase(alice, talk)
    everything_is_done(slack)
    before = ErasedCopy.objects.filter(erasure=found, channel_id=connection.channel_id)
    assert set(before.values_list("installation", flat=True)) == {connection.installation_id}
    assert not before.filter(kind="ours").exclude(state="done").exists()
    cards = [str(card) for card in slack.cards(connection)]
    assert [post for post in in_posts_of_the_app(slack, connection) if post not in cards] == []
    assert in_posts_of_the_app(slack, fresh(new)) == []


def test_what_people_wrote_is_listed_and_put_away_by_them(
    slack: Slack, connection: Connection, talk: ChatSession, alice: Member, client_of: ClientOf
) -> None:
    found = erase(alice, talk)
    everything_is_done(slack)
    left = ErasedCopy.objects.filter(erasure=found, state="left")
    theirs = [post for post in slack.channel(connection) if "quokkaway" in text_of(post)]
    assert sorted(left.values_list("ts", flat=True)) == sorted(post["ts"] for post in theirs)
    page = client_of(alice)
    shown = page.get(f"/console/settings/data/erasures/{found.pk}").content.decode()
    for post in theirs:
        assert f"/archives/{connection.channel_id}/p{post['ts'].replace('.', '')}" in shown
    for copy in left:
        page.post(f"/console/settings/data/erasures/copies/{copy.pk}/done")
    assert "Nothing is left to do" in page.get(f"/console/settings/data/erasures/{found.pk}").content.decode()
    assert ErasedCopy.objects.filter(done_by=alice.user).count() == len(theirs)


def test_late_events_bring_nothing_back(
    slack: Slack, connection: Connection, talk: ChatSession, alice: Member
) -> None:
    """The edits and deletions that we cause, an answer to the gone chat, a line edited there, a repeat of an event."""
    link = link_of(talk)
    line = answer(slack, talk, "quokkaway, one more")
    settle(slack)
    erase(alice, talk)
    everything_is_done(slack)
    slack.act("say", user="bob", channel=link.channel_id, thread_ts=link.root_ts, text="zebrafish again")
    slack.act("edit", user="bob", channel=link.channel_id, ts=line, text="narwhalst now")
    slack.act("delete", user="bob", channel=link.channel_id, ts=line)
    settle(slack)
    assert not Message.unscoped.exists()
    assert rows_with(WORDS) == []
    words = [post for post in slack.channel(connection) if post.get("seen_only_by")]
    assert [text_of(one) for one in words] == ["This visitor was erased. What you write here reaches nobody."]


def test_a_post_that_was_on_its_way_is_found_in_the_thread(
    slack: Slack, connection: Connection, talk: ChatSession, claim: VisitorClaim, alice: Member
) -> None:
    """Slack took it, its answer was lost, and then the visitor was erased."""
    slack.fault("no_echo", method="events", count=None)
    slack.fault("drop_after_commit")
    say(claim, "narwhalst under way")
    deliver(link_of(talk).lane_id)
    assert Delivery.objects.filter(state="sending").exists()
    erase(alice, talk)
    everything_is_done(slack)
    assert in_posts_of_the_app(slack, connection) == []


def test_a_worker_whose_chat_goes_during_its_call_stops_quietly(
    slack: Slack,
    connection: Connection,
    talk: ChatSession,
    claim: VisitorClaim,
    alice: Member,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = client.call

    def call(method: str, token: str, /, **arguments: Any) -> dict[str, Any]:
        answered = real(method, token, **arguments)
        if method == "chat.postMessage":
            erase(alice, talk)
        return answered

    say(claim, "narwhalst in the last moment")
    lane_id = link_of(talk).lane_id
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(client, "call", call)
        deliver(lane_id)
    everything_is_done(slack)
    assert in_posts_of_the_app(slack, connection) == []
    assert rows_with(WORDS) == []


@pytest.mark.parametrize("kind", ["drop_before_commit", "drop_after_commit", "ratelimit"])
def test_troubles_of_slack_delay_it_only(
    slack: Slack, connection: Connection, talk: ChatSession, alice: Member, kind: str
) -> None:
    more: dict[str, Any] = {"retry_after": 1} if kind == "ratelimit" else {}
    for method in ("chat.delete", "chat.update", "conversations.replies"):
        slack.fault(kind, method=method, **more)
    erase(alice, talk)
    for _ in range(3):
        everything_is_done(slack)
    assert in_posts_of_the_app(slack, connection) == []
    assert not ErasedCopy.objects.filter(state="pending").exists()


def test_what_slack_refuses_for_good_is_left_to_people(
    slack: Slack, connection: Connection, talk: ChatSession, alice: Member
) -> None:
    slack.fault("error", method="chat.update", error="edit_window_closed", count=None)
    found = erase(alice, talk)
    everything_is_done(slack)
    assert ErasedCopy.objects.filter(erasure=found, kind="ours", state="left").exists()
    assert not ErasedCopy.objects.filter(state="pending").exists()


@pytest.mark.parametrize("code", ["compliance_exports_prevent_deletion", "is_inactive", "thread_locked"])
def test_what_a_teams_rules_let_nobody_delete_is_overwritten(
    slack: Slack, connection: Connection, talk: ChatSession, alice: Member, code: str
) -> None:
    slack.fault("error", method="chat.delete", error=code, count=None)
    found = erase(alice, talk)
    everything_is_done(slack)
    assert in_posts_of_the_app(slack, connection) == []
    assert not ErasedCopy.objects.filter(erasure=found, kind="ours").exclude(state="done").exists()


def test_a_dead_key_waits_for_the_next(
    slack: Slack, connection: Connection, talk: ChatSession, alice: Member, client_of: ClientOf
) -> None:
    Installation.objects.update(state=Installation.State.NEEDS_REAUTH)
    found = erase(alice, talk)
    everything_is_done(slack)
    assert slack.calls("chat.delete") == []
    shown = client_of(alice).get(f"/console/settings/data/erasures/{found.pk}").content.decode()
    assert "Connect again" in shown
    Installation.objects.update(state=Installation.State.ACTIVE)
    everything_is_done(slack)
    assert in_posts_of_the_app(slack, connection) == []


def test_the_owner_types_a_word_first(
    slack: Slack, connection: Connection, chat: ChatSession, alice: Member, client_of: ClientOf
) -> None:
    page, where = client_of(alice), f"/console/chats/{chat.pk}/erase"
    assert "Type <strong>erase</strong>" in page.get(where).content.decode()
    page.post(where, {"word": "yes"})
    assert Visitor.unscoped.filter(pk=chat.visitor_id).exists()
    answered = page.post(where, {"word": " Erase "})
    found = Erasure.objects.in_workspace(alice.workspace).get()
    assert answered.headers["location"].endswith(f"/console/settings/data/erasures/{found.pk}")
    assert not Visitor.unscoped.filter(pk=chat.visitor_id).exists()
    entry = AuditEntry.objects.in_workspace(alice.workspace).get(verb="visitor.erased")
    assert entry.subject == f"erasure:{found.pk}"
    assert (
        "To go"
        in page.get(
            f"/console/settings/data/erasures/{found.pk}", headers={"hx-request": "true"}
        ).content.decode()
    )
    assert "message" in page.get("/console/settings/data/erasures").content.decode()


def test_nobody_else_may(
    slack: Slack,
    connection: Connection,
    chat: ChatSession,
    alice: Member,
    bob: Member,
    mallory: Member,
    client_of: ClientOf,
) -> None:
    where = f"/console/chats/{chat.pk}/erase"
    assert client_of(bob).post(where, {"word": "erase"}).status_code == 403
    assert client_of(mallory).post(where, {"word": "erase"}).status_code == 404
    with pytest.raises(NotFound):
        erase_visitor(mallory, chat.visitor_id)
    found = erase(alice, chat)
    assert client_of(mallory).get(f"/console/settings/data/erasures/{found.pk}").status_code == 404
    copy = ErasedCopy.objects.all()[0]
    assert (
        client_of(mallory).post(f"/console/settings/data/erasures/copies/{copy.pk}/done").status_code == 404
    )
    assert lines_of(chat) == []


def test_open_pages_of_the_visitor_begin_anew(
    slack: Slack,
    connection: Connection,
    server: Served,
    chat: ChatSession,
    claim: VisitorClaim,
    alice: Member,
) -> None:
    with server.socket() as socket:
        socket.hello(chat.site.public_token, visitor_token=claim.visitor_token)
        erase(alice, chat)
        assert socket.closed_with() == 1012
    with server.socket() as socket:
        assert socket.hello(chat.site.public_token, visitor_token=claim.visitor_token)["chat"] is None
        assert socket.say("I am new here")["seq"] == 1


def test_every_chat_of_the_visitor_goes(
    slack: Slack, connection: Connection, talk: ChatSession, claim: VisitorClaim, alice: Member
) -> None:
    chats.close_chat(talk.pk)
    say(claim, "zebrafish, a second chat")
    settle(slack)
    assert erase(alice, talk).chats == 2
    everything_is_done(slack)
    assert rows_with(WORDS) == []
    assert in_posts_of_the_app(slack, connection) == []


def test_others_are_left_alone(
    slack: Slack, connection: Connection, talk: ChatSession, alice: Member
) -> None:
    other = newcomer(talk.site)
    say(other, "somebody else")
    settle(slack)
    before = InboundEvent.objects.count()
    erase(alice, talk)
    everything_is_done(slack)
    assert lines_of(chat_of(other)) == ["somebody else"]
    assert "somebody else" in slack.lines(connection)
    assert 0 < InboundEvent.objects.exclude(payload={}).count() < before + 20
    assert erasure.OF_A_PERSON in set(ErasedCopy.objects.values_list("reason", flat=True))


def test_a_channel_of_its_own_loses_words_name_and_topic(
    slack: Slack, site: Site, claim: VisitorClaim, alice: Member
) -> None:
    lobby = noisy(slack, alice, site)
    say(claim, "quokkaway in a room")
    Visitor.unscoped.filter(pk=claim.visitor_id).update(name="Zebrafish")
    at_rest(slack)
    chat = chat_of(claim)
    room = link_of(chat).channel_id
    slack.act("say", user="bob", channel=room, text="Hello quokkaway", team="Acme")
    settle(slack)
    slack.act("rename", channel=room, team="Acme", name="chat-zebrafish-001")
    found = erase(alice, chat)
    everything_is_done(slack)
    slack.act("say", user="bob", channel=room, text="narwhalst, still there?", team="Acme")
    settle(slack)
    assert rows_with(WORDS) == []
    shown = next(channel for channel in slack.team()["channels"] if channel["id"] == room)
    assert shown["name"].startswith("erased-")
    assert shown["topic"] == "Erased"
    posts = [post for post in shown["messages"] if post.get("bot_id") and not post["seen_only_by"]]
    assert not [post for post in posts if "quokkaway" in str(post)]
    assert not [post for post in slack.channel(lobby) if "quokkaway" in str(post)]
    left = ErasedCopy.objects.filter(erasure=found, state="left")
    assert sorted(left.values_list("kind", flat=True)) == ["channel", "theirs"]
    erasure.put_away(alice, left.get(kind="channel").pk)
    assert not left.exists()


def test_files_go_here_and_in_slack(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim, alice: Member
) -> None:
    """What the app shared of the visitor's is deleted in Slack by its id."""
    delivery = Delivery.objects.filter(link=chat.pk)[0]
    Delivery.objects.filter(pk=delivery.pk).update(args={"uploaded": {"one": "F0NOTTHERE"}})
    erase(alice, chat)
    everything_is_done(slack)
    assert [call["args"]["file"] for call in slack.calls("files.delete")] == ["F0NOTTHERE"]
    assert not ErasedCopy.objects.exclude(state="done").exists()
