"""S8: a closed chat's channel frees its name, keeps its grace and is archived; nobody's line is lost on the way."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.models import Member
from livechat.actions.chats import close_chat, end_by_visitor
from livechat.actions.messages import post_agent_message
from livechat.models import ChatSession, Message, Site
from livechat.tokens import VisitorClaim
from slackapp import lanes
from slackapp.actions.modes import Rooms
from slackapp.models import Connection, Delivery, Installation, Lane
from tests.cast import chat_of, lines_of, say
from tests.slackapp.peer import Slack, at_rest, link_of, settle
from tests.slackapp.rooms import (
    answer,
    lobby_lines,
    noisy,
    of_kind,
    open_promises,
    room_of,
    room_state,
    said_in,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lobby(slack: Slack, alice: Member, site: Site) -> Connection:
    return noisy(slack, alice, site)


@pytest.fixture
def chat(slack: Slack, lobby: Connection, claim: VisitorClaim) -> ChatSession:
    say(claim, "Hello?")
    settle(slack)
    return chat_of(claim)


@pytest.fixture
def closed(slack: Slack, chat: ChatSession) -> ChatSession:
    close_chat(chat.pk)
    settle(slack)
    return chat


def grace_is_over(slack: Slack, chat: ChatSession) -> None:
    Delivery.objects.filter(link=chat.pk, kind="archive").update(slot_at=timezone.now())
    Lane.objects.filter(key=lanes.late_key(chat.pk)).update(due_at=timezone.now() - timedelta(seconds=1))
    settle(slack)


def test_a_closed_chat_says_so_and_frees_its_name(
    slack: Slack, lobby: Connection, closed: ChatSession
) -> None:
    room = room_of(slack, closed)
    assert room["name"] == "zz-tb-visitor-001"
    assert not room["is_archived"]
    (last,) = of_kind(slack, room["id"], "chat_closing")
    assert "within 1 hour" in last["text"]
    (line,) = lobby_lines(slack, lobby)
    assert "Closed" in str(line["blocks"])
    assert [b["action_id"] for b in line["blocks"][-1]["elements"]] == ["chat.open"]


def test_after_the_grace_it_is_archived(slack: Slack, closed: ChatSession) -> None:
    assert room_state(closed) == "closing"
    grace_is_over(slack, closed)
    assert room_of(slack, closed)["is_archived"]
    assert room_state(closed) == "archived"
    assert open_promises(closed) == []


def test_the_grace_is_as_long_as_the_owner_says(
    slack: Slack, alice: Member, site: Site, claim: VisitorClaim
) -> None:
    noisy(slack, alice, site, Rooms(grace_minutes=2880))
    say(claim)
    settle(slack)
    close_chat(chat_of(claim).pk)
    settle(slack)
    planned = Delivery.objects.get(kind="archive").slot_at
    assert planned is not None
    assert timedelta(hours=47) < planned - timezone.now() < timedelta(hours=49)
    assert "within 2 days" in of_kind(slack, link_of(chat_of(claim)).channel_id, "chat_closing")[0]["text"]


def test_an_answer_within_the_grace_opens_the_chat_and_its_channel_again(
    slack: Slack, closed: ChatSession, claim: VisitorClaim
) -> None:
    answer(slack, closed, "One more thing")
    assert chat_of(claim).is_open
    assert lines_of(closed) == ["Hello?", "One more thing"]
    assert room_of(slack, closed)["name"] == "tb-visitor-001"
    grace_is_over(slack, closed)
    assert not room_of(slack, closed)["is_archived"]
    say(claim, "Thank you")
    settle(slack)
    assert said_in(slack, link_of(closed).channel_id) == ["Hello?", "Thank you"]


def test_it_can_be_closed_and_opened_many_times(slack: Slack, chat: ChatSession) -> None:
    for number in range(3):
        close_chat(chat.pk)
        settle(slack)
        answer(slack, chat, f"again {number}")
    close_chat(chat.pk)
    settle(slack)
    grace_is_over(slack, chat)
    room = room_of(slack, chat)
    assert (room["name"], room["is_archived"]) == ("zz-tb-visitor-001", True)
    assert len(of_kind(slack, room["id"], "chat_closing")) == 4


def test_a_visitor_who_returns_gets_a_new_channel_that_knows_the_old_one(
    slack: Slack, closed: ChatSession, claim: VisitorClaim
) -> None:
    grace_is_over(slack, closed)
    say(claim, "Me again")
    settle(slack)
    new = room_of(slack, chat_of(claim))
    assert (new["name"], new["is_archived"]) == ("tb-visitor-002", False)
    card = of_kind(slack, new["id"], "chat_card")[0]
    assert {"type": "channel", "channel_id": link_of(closed).channel_id} in [
        element
        for block in card["blocks"]
        for part in block.get("elements", [])
        for element in part.get("elements", [])
    ]
    assert said_in(slack, new["id"]) == ["Me again"]


def test_an_answer_to_the_old_chat_says_where_the_new_one_is(
    slack: Slack, closed: ChatSession, claim: VisitorClaim
) -> None:
    say(claim, "Me again")
    settle(slack)
    answer(slack, closed, "Too late")
    assert lines_of(closed) == ["Hello?"]
    told = slack.calls("chat.postEphemeral")[-1]["args"]
    assert "#tb-visitor-002" in told["text"]


def test_the_old_channel_says_that_the_visitor_is_back(
    slack: Slack, closed: ChatSession, claim: VisitorClaim
) -> None:
    say(claim, "Me again")
    settle(slack)
    (told,) = of_kind(slack, link_of(closed).channel_id, "chat_moved")
    assert {"type": "channel", "channel_id": link_of(chat_of(claim)).channel_id} in told["blocks"][0][
        "elements"
    ][0]["elements"]


def test_a_chat_that_is_over_before_its_channel_is_there_is_told_all_the_same(
    slack: Slack, lobby: Connection, claim: VisitorClaim
) -> None:
    say(claim, "Never mind")
    end_by_visitor(claim)
    settle(slack)
    chat = chat_of(claim)
    assert said_in(slack, link_of(chat).channel_id) == ["Never mind"]
    assert len(lobby_lines(slack, lobby)) == 1
    grace_is_over(slack, chat)
    assert room_state(chat) == "archived"


def test_a_console_answer_to_an_archived_chat_makes_a_new_channel(
    slack: Slack, closed: ChatSession, claim: VisitorClaim
) -> None:
    grace_is_over(slack, closed)
    old = link_of(closed).channel_id
    post_agent_message(closed.pk, None, "Are you still there?")
    settle(slack)
    say(claim, "Yes")
    settle(slack)
    link = link_of(closed)
    assert (link.room, link.channel_id != old) == ("open", True)
    assert said_in(slack, link.channel_id) == ["Are you still there?", "Yes"]
    answer(slack, closed, "Good")
    assert lines_of(closed) == ["Hello?", "Are you still there?", "Yes", "Good"]


@pytest.mark.parametrize("how", ["archive", "delete_channel"])
def test_somebody_who_ends_the_channel_ends_the_chat(
    slack: Slack, chat: ChatSession, claim: VisitorClaim, how: str
) -> None:
    slack.act(how, channel=link_of(chat).channel_id, team="Acme")
    settle(slack)
    assert not chat_of(claim).is_open
    assert room_state(chat) == "archived"
    assert open_promises(chat) == []
    say(claim, "Hello again")
    settle(slack)
    assert said_in(slack, link_of(chat_of(claim)).channel_id) == ["Hello again"]
    assert chat_of(claim).pk != chat.pk


@pytest.mark.parametrize("how", ["archive", "delete_channel"])
def test_a_line_on_its_way_into_a_channel_that_just_ended_goes_to_the_lobby(
    slack: Slack, lobby: Connection, chat: ChatSession, claim: VisitorClaim, how: str
) -> None:
    slack.fault("delay", "events", count=None, seconds=0.3)
    slack.act(how, channel=link_of(chat).channel_id, team="Acme")
    say(claim, "Are you there?")
    at_rest(slack)
    assert slack.lines(lobby) == ["Are you there?"]
    assert Message.unscoped.get(body="Are you there?").mirror_state == "sent"


def test_the_app_that_is_sent_away_goes_on_in_the_lobby(
    slack: Slack, lobby: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    slack.act("kick", channel=link_of(chat).channel_id, team="Acme")
    settle(slack)
    assert chat_of(claim).is_open
    say(claim, "Still here")
    settle(slack)
    assert slack.lines(lobby) == ["Still here"]
    link = link_of(chat)
    slack.act("say", user="bob", channel=link.channel_id, thread_ts=link.root_ts, text="So am I", team="Acme")
    settle(slack)
    assert lines_of(chat) == ["Hello?", "Still here", "So am I"]
    assert "thread" in str(lobby_lines(slack, lobby)[0]["blocks"])


def test_the_lobby_broken_stops_no_chat_in_a_channel_of_its_own(
    slack: Slack, lobby: Connection, chat: ChatSession, claim: VisitorClaim
) -> None:
    slack.act("archive", channel=lobby.channel_id, team="Acme")
    settle(slack)
    assert Connection.unscoped.get().state == "broken"
    say(claim, "Still here")
    settle(slack)
    assert said_in(slack, link_of(chat).channel_id) == ["Hello?", "Still here"]


@pytest.mark.parametrize("code", ["restricted_action", "cant_archive_required", "not_in_channel"])
def test_a_channel_that_may_not_be_archived_is_left(slack: Slack, closed: ChatSession, code: str) -> None:
    slack.fault("error", "conversations.archive", count=None, error=code)
    grace_is_over(slack, closed)
    assert open_promises(closed) == []
    problem = Connection.unscoped.get().rooms_problem
    assert ("by hand" in problem) == (code == "restricted_action")


@pytest.mark.parametrize("method", ["conversations.rename", "conversations.archive", "chat.postMessage"])
@pytest.mark.parametrize("kind", ["drop_before_commit", "drop_after_commit", "status", "garbage", "reset"])
def test_an_ending_that_slack_does_not_answer_happens_once(
    slack: Slack, chat: ChatSession, method: str, kind: str
) -> None:
    slack.fault(kind, method, **({"status": 503} if kind == "status" else {}))
    close_chat(chat.pk)
    at_rest_but_for_the_grace(slack)
    slack.fault(kind, method, **({"status": 503} if kind == "status" else {}))
    grace_is_over(slack, chat)
    at_rest(slack)
    room = room_of(slack, chat)
    assert (room["name"], room["is_archived"]) == ("zz-tb-visitor-001", True)
    assert len(of_kind(slack, room["id"], "chat_closing")) == 1
    assert room_state(chat) == "archived"


def at_rest_but_for_the_grace(slack: Slack) -> None:
    """As `at_rest`, but what has its own moment keeps it."""
    late = Lane.objects.filter(key__startswith="late:")
    for _ in range(5):
        settle(slack)
        Lane.objects.exclude(pk__in=late).filter(due_at__gt=timezone.now()).update(
            due_at=timezone.now() - timedelta(seconds=1)
        )
        Delivery.objects.filter(state="sending").update(tried_at=F("tried_at") - timedelta(seconds=1))
        Installation.objects.update(paused_until=None)
    settle(slack)
