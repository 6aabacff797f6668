"""S8, S23: a chat's place in Slack changes while a call is under way: nothing is done to the wrong place or stuck."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Member
from livechat.actions.chats import close_chat
from livechat.actions.messages import post_agent_message
from livechat.models import ChatSession, Site
from livechat.tokens import VisitorClaim
from slackapp import actions, lanes, mirror, setup
from slackapp.mirror import Settle
from slackapp.models import Connection, Delivery, Lane
from slackapp.promises import Job
from tests.cast import chat_of, lines_of, say, shop_of
from tests.slackapp.peer import Slack, at_rest, connected, fresh, later, link_of, settle, state_of, work
from tests.slackapp.rooms import channels, noisy, open_promises, said_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lobby(slack: Slack, alice: Member, site: Site) -> Connection:
    return noisy(slack, alice, site)


@pytest.fixture
def in_room(slack: Slack, lobby: Connection, claim: VisitorClaim) -> ChatSession:
    """A chat in a channel of its own."""
    say(claim, "Hello?")
    settle(slack)
    return chat_of(claim)


def during(patch: pytest.MonkeyPatch, kind: str, act: Callable[[], object]) -> None:
    """`act` happens after the first call for a delivery of this kind, before its outcome is written."""
    real, done = mirror._perform, list[str]()

    def perform(job: Job) -> Settle:
        outcome = real(job)
        if job.head.kind == kind and not done:
            done.append(kind)
            act()
        return outcome

    patch.setattr(mirror, "_perform", perform)


def grace_is_over(chat: ChatSession) -> None:
    Delivery.objects.filter(link=chat.pk, kind="archive").update(slot_at=timezone.now())
    Lane.objects.filter(key=lanes.late_key(chat.pk)).update(due_at=timezone.now() - timedelta(seconds=1))


def lobby_is_archived(slack: Slack, lobby: Connection) -> bool:
    found = next(one for one in channels(slack).values() if one["id"] == lobby.channel_id)
    return bool(found["is_archived"]) or found["name"] != "lobby"


def test_an_archiving_in_doubt_is_not_repeated_in_the_lobby(
    slack: Slack, lobby: Connection, in_room: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    close_chat(in_room.pk)
    settle(slack)

    def answered() -> None:
        post_agent_message(in_room.pk, None, "Are you still there?")
        work()

    slack.fault("drop_after_commit", "conversations.archive")
    during(monkeypatch, "archive", answered)
    grace_is_over(in_room)
    at_rest(slack)
    assert slack.lines(lobby) == ["Are you still there?"]
    assert not lobby_is_archived(slack, lobby)
    assert open_promises(in_room) == []


def test_a_killed_workers_archiving_ends_no_channel_that_is_used_again(
    slack: Slack, lobby: Connection, in_room: ChatSession
) -> None:
    close_chat(in_room.pk)
    settle(slack)
    Delivery.objects.filter(kind="archive").update(state="sending")
    post_agent_message(in_room.pk, None, "One more thing")
    settle(slack)
    grace_is_over(in_room)
    at_rest(slack)
    assert said_in(slack, link_of(in_room).channel_id) == ["Hello?", "One more thing"]
    assert not any(channel["is_archived"] for channel in channels(slack).values())


def test_a_card_on_its_way_into_a_lost_channel_is_no_thread_of_the_lobby(
    slack: Slack, lobby: Connection, claim: VisitorClaim, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kicked() -> None:
        slack.act("kick", channel=link_of(chat_of(claim)).channel_id, team="Acme")
        for _ in range(50):
            work()
            if not link_of(chat_of(claim)).is_noisy:
                return
        raise AssertionError("the app was not sent away")

    during(monkeypatch, "card", kicked)
    say(claim, "Hello?")
    at_rest(slack)
    assert slack.lines(lobby) == ["Hello?"]
    assert [card["ts"] for card in slack.cards(lobby)] == [link_of(chat_of(claim)).root_ts]
    link = link_of(chat_of(claim))
    slack.act("say", user="bob", channel=link.channel_id, thread_ts=link.root_ts, text="Hi", team="Acme")
    settle(slack)
    assert lines_of(chat_of(claim)) == ["Hello?", "Hi"]


@pytest.mark.parametrize("kind", ["card", "line"])
@pytest.mark.parametrize("channel", ["website-chat", "website-chat-2"])
def test_a_site_connected_anew_during_a_post_goes_on_under_one_card(
    slack: Slack,
    connection: Connection,
    alice: Member,
    site: Site,
    claim: VisitorClaim,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    channel: str,
) -> None:
    connected(slack, alice, shop_of(alice, "Acme Outlet"), "outlet-chat")

    def anew() -> None:
        actions.disconnect(alice, connection)
        again = actions.start_connection(alice, site, Connection.Mode.STILL)
        actions.attach_installation(again, fresh(connection).installation)  # type: ignore[arg-type]
        if channel == connection.channel_name:
            actions.choose_channel(alice, fresh(again), connection.channel_id, channel)
        else:
            setup.create_channel(alice, fresh(again), channel)
        say(claim, "second")

    during(monkeypatch, kind, anew)
    say(claim, "first")
    at_rest(slack)
    link = link_of(chat_of(claim))
    newest = slack.cards(link.connection)[-1]
    assert link.root_ts == newest["ts"]
    assert state_of("second") == "sent"
    assert "second" in slack.lines(link.connection)
    slack.act("say", user="bob", channel=link.channel_id, thread_ts=newest["ts"], text="Hi", team="Acme")
    settle(slack)
    assert lines_of(chat_of(claim)) == ["first", "second", "Hi"]
    for card in slack.cards(connection):
        where = {"channel": connection.channel_id, "thread_ts": card["ts"], "team": "Acme"}
        slack.act("say", user="bob", text=f"under {card['ts']}", **where)
    settle(slack)
    heard = [line for line in lines_of(chat_of(claim)) if line.startswith("under ")]
    assert heard == [f"under {card['ts']}" for card in slack.cards(connection)]


def test_a_channel_made_for_a_site_that_was_connected_anew_is_not_its_chats_place(
    slack: Slack,
    lobby: Connection,
    alice: Member,
    site: Site,
    claim: VisitorClaim,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    neighbour = connected(slack, alice, shop_of(alice, "Acme Outlet"), "outlet-chat")

    def anew() -> None:
        actions.disconnect(alice, lobby)
        again = actions.start_connection(alice, site, Connection.Mode.STILL)
        actions.attach_installation(again, neighbour.installation)  # type: ignore[arg-type]
        setup.create_channel(alice, fresh(again), "website-chat-2")
        say(claim, "second")

    during(monkeypatch, "room", anew)
    say(claim, "first")
    at_rest(slack)
    link = link_of(chat_of(claim))
    assert link.channel_id == link.connection.channel_id == channels(slack)["website-chat-2"]["id"]
    assert slack.lines(link.connection) == ["second"]
    assert not lobby_is_archived(slack, lobby)


def test_a_line_that_waited_when_its_channel_ended_goes_into_the_chats_next_one(
    slack: Slack, lobby: Connection, in_room: ChatSession, claim: VisitorClaim
) -> None:
    slack.fault("ratelimit", count=None, seconds=60)
    say(claim, "Are you there?")
    work()
    assert open_promises(in_room) == ["line"]
    slack.act("archive", channel=link_of(in_room).channel_id, team="Acme")
    settle(slack)
    post_agent_message(in_room.pk, None, "Yes")
    slack.clear_faults()
    later()
    at_rest(slack)
    link = link_of(in_room)
    assert open_promises(in_room) == []
    assert said_in(slack, link.channel_id) == ["Are you there?", "Yes"]
    assert (state_of("Are you there?"), state_of("Yes")) == ("sent", "sent")


def test_what_waited_a_day_for_a_person_is_not_given_up_at_the_first_stumble(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim, settings: Settings
) -> None:
    slack.act("archive", channel=connection.channel_id, team="Acme")
    settle(slack)
    say(claim, "Waiting")
    settle(slack)
    Delivery.objects.update(created_at=timezone.now() - timedelta(hours=30))
    slack.fault("drop", "events", count=None)
    slack.act("unarchive", channel=connection.channel_id, team="Acme")
    there, settings.SLACK_API_URL = settings.SLACK_API_URL, "http://127.0.0.1:9/api/"
    Connection.unscoped.update(state="ready")
    Lane.objects.filter(pk=link_of(chat).lane_id).update(due_at=timezone.now() - timedelta(seconds=1))
    work()
    assert state_of("Waiting") == "queued"
    settings.SLACK_API_URL = there
    at_rest(slack)
    assert state_of("Waiting") == "sent"
