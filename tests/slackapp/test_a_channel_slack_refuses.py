"""S8, S29: where Slack makes no channel the chat is a thread; where it does not answer there is one, not two."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Member
from livechat.models import Message, Site
from livechat.tokens import VisitorClaim
from slackapp import lanes, mirror
from slackapp.actions.modes import Rooms, forget_rooms_problem
from slackapp.models import ChannelBudget, ChatLink, Connection, Delivery, Lane
from tests.cast import chat_of, lines_of, newcomer, say
from tests.slackapp.peer import Slack, at_rest, fresh, link_of, settle
from tests.slackapp.rooms import channels, lobby_lines, noisy, open_promises, said_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lobby(slack: Slack, alice: Member, site: Site) -> Connection:
    return noisy(slack, alice, site)


def rooms_made(slack: Slack) -> list[str]:
    return [name for name in channels(slack) if name.startswith("tb-")]


REFUSALS = [
    "restricted_action",
    "cannot_create_channel",
    "user_is_restricted",
    "missing_scope",
    "no_permission",
    "channels_limit_exceeded",
    "invalid_name_specials",
    "invalid_name_maxlength",
    "a_code_of_tomorrow",
]


@pytest.mark.parametrize("code", REFUSALS)
def test_what_slack_will_not_make_becomes_a_thread_and_the_owner_is_told(
    slack: Slack, lobby: Connection, claim: VisitorClaim, code: str
) -> None:
    slack.fault("error", "conversations.create", count=None, error=code)
    say(claim, "Hello?")
    say(claim, "Anybody?")
    settle(slack)
    chat = chat_of(claim)
    assert "\n".join(slack.lines(lobby)) == "Hello?\nAnybody?"
    assert lobby_lines(slack, lobby) == []
    assert open_promises(chat) == []
    told = fresh(lobby)
    assert "New chats are threads" in told.rooms_problem
    assert told.state == "ready"
    link = link_of(chat)
    slack.act("say", user="bob", channel=link.channel_id, thread_ts=link.root_ts, text="Yes", team="Acme")
    settle(slack)
    assert lines_of(chat) == ["Hello?", "Anybody?", "Yes"]


def test_the_owner_is_told_once_and_no_more_when_it_works_again(
    slack: Slack, lobby: Connection, alice: Member, site: Site
) -> None:
    slack.fault("error", "conversations.create", count=2, error="restricted_action")
    for _ in range(2):
        say(newcomer(site))
        settle(slack)
    first = fresh(lobby).rooms_problem
    assert "an admin decides who may" in first
    forget_rooms_problem(alice, lobby)
    say(newcomer(site))
    settle(slack)
    assert fresh(lobby).rooms_problem == ""
    assert rooms_made(slack) == ["tb-visitor-003"]


def test_a_forbidden_workspace_is_asked_and_not_worked_around(
    slack: Slack, lobby: Connection, claim: VisitorClaim
) -> None:
    slack.act("forbid", team="Acme", acts=["create"])
    say(claim)
    settle(slack)
    assert len(slack.calls("conversations.create")) == 2  # the lobby's own, and this one
    assert slack.lines(lobby) == ["Hello"]


def test_a_dead_key_is_no_reason_for_a_thread(slack: Slack, lobby: Connection, claim: VisitorClaim) -> None:
    slack.fault("error", "conversations.create", error="invalid_auth")
    say(claim)
    settle(slack)
    assert fresh(lobby).installation.state == "needs_reauth"  # type: ignore[union-attr]
    assert open_promises(chat_of(claim)) == ["room", "card", "line"]
    assert slack.lines(lobby) == []


def test_every_name_taken_is_a_thread_in_the_end(
    slack: Slack, lobby: Connection, claim: VisitorClaim
) -> None:
    slack.fault("error", "conversations.create", count=None, error="name_taken")
    say(claim)
    settle(slack)
    assert slack.lines(lobby) == ["Hello"]
    assert len(slack.calls("conversations.create")) < 12


# --- throttled --------------------------------------------------------------------------------------------------------


def test_a_short_wait_is_waited_for_by_all_chats_of_the_team(
    slack: Slack, lobby: Connection, site: Site
) -> None:
    slack.fault("ratelimit", "conversations.create", retry_after=20)
    claims = [newcomer(site) for _ in range(3)]
    for claim in claims:
        say(claim)
    settle(slack)
    assert len(slack.calls("conversations.create")) == 2  # the lobby's, and one that heard for all
    assert slack.lines(lobby) == []
    ChannelBudget.objects.update(paused_until=None)
    Lane.objects.filter(due_at__gt=timezone.now()).update(due_at=Now())
    settle(slack)
    assert [said_in(slack, link_of(chat_of(claim)).channel_id) for claim in claims] == [["Hello"]] * 3


def test_a_long_wait_is_a_thread_at_once_and_so_are_those_who_come_meanwhile(
    slack: Slack, lobby: Connection, site: Site
) -> None:
    slack.fault("ratelimit", "conversations.create", retry_after=300)
    for number in range(3):
        say(newcomer(site), f"chat {number}")
        settle(slack)
    assert sorted(slack.lines(lobby)) == ["chat 0", "chat 1", "chat 2"]
    assert len(slack.calls("conversations.create")) == 2
    assert "too many" in fresh(lobby).rooms_problem


def test_a_wait_that_grows_too_long_is_a_thread(slack: Slack, lobby: Connection, claim: VisitorClaim) -> None:
    slack.fault("ratelimit", "conversations.create", count=None, retry_after=30)
    say(claim)
    settle(slack)
    assert slack.lines(lobby) == []
    Delivery.objects.update(created_at=timezone.now() - timedelta(seconds=45))
    ChannelBudget.objects.update(paused_until=None)
    Lane.objects.filter(due_at__gt=timezone.now()).update(due_at=Now())
    settle(slack)
    assert slack.lines(lobby) == ["Hello"]


@pytest.mark.parametrize("method", ["conversations.setTopic", "pins.add", "conversations.invite"])
@pytest.mark.parametrize(
    "trouble", [{"kind": "ratelimit", "retry_after": 60}, {"kind": "error", "error": "x"}]
)
def test_what_would_be_nice_to_have_holds_no_line_up(
    slack: Slack, alice: Member, site: Site, method: str, trouble: dict[str, Any]
) -> None:
    noisy(slack, alice, site, Rooms(responders=[slack.person("bob")]))
    slack.fault(trouble.pop("kind") if "kind" in trouble else "error", method, count=None, **trouble)
    claim = newcomer(site)
    for text in ("one", "two"):
        say(claim, text)
        settle(slack)
    assert said_in(slack, link_of(chat_of(claim)).channel_id) == ["one", "two"]


HOW: dict[str, dict[str, Any]] = {"status": {"status": 503}, "hang_after_commit": {"seconds": 1.0}}

# --- unanswered -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "method", ["conversations.create", "chat.postMessage", "conversations.invite", "pins.add"]
)
@pytest.mark.parametrize(
    "kind", ["drop_before_commit", "drop_after_commit", "status", "garbage", "reset", "hang_after_commit"]
)
def test_one_channel_one_card_and_every_line_once_whatever_slack_leaves_unanswered(
    slack: Slack, alice: Member, site: Site, method: str, kind: str
) -> None:
    lobby = noisy(slack, alice, site, Rooms(responders=[slack.person("bob")]))
    slack.fault(kind, method, count=2, **HOW.get(kind, {}))
    claim = newcomer(site)
    say(claim, "one")
    say(claim, "two")
    at_rest(slack)
    chat = chat_of(claim)
    assert rooms_made(slack) == ["tb-visitor-001"]
    assert "\n".join(said_in(slack, link_of(chat).channel_id)) == "one\ntwo"
    assert len(lobby_lines(slack, lobby)) == 1
    assert open_promises(chat) == []
    assert slack.person("bob") in channels(slack)["tb-visitor-001"]["members"]


@pytest.mark.parametrize("kind", ["garbage", "status", "drop_after_commit"])
def test_a_channel_that_was_made_without_our_hearing_of_it_is_found_again(
    slack: Slack, lobby: Connection, claim: VisitorClaim, kind: str
) -> None:
    slack.act("channels", team="Acme", name="tb-visitor-001")  # somebody else's: the next name is ours
    how = {**HOW.get(kind, {}), **({} if kind == "drop_after_commit" else {"commit": True})}
    slack.fault(kind, "conversations.create", match={"name": "tb-visitor-001-2"}, **how)
    say(claim)
    at_rest(slack)
    link = link_of(chat_of(claim))
    assert link.room_name == "tb-visitor-001-2"
    assert said_in(slack, link.channel_id) == ["Hello"]
    assert sorted(rooms_made(slack)) == ["tb-visitor-001", "tb-visitor-001-2"]


@pytest.mark.parametrize("killed_after", range(1, 12))
def test_a_worker_killed_after_any_call_is_followed_by_one_that_ends_the_work(
    slack: Slack, lobby: Connection, claim: VisitorClaim, monkeypatch: pytest.MonkeyPatch, killed_after: int
) -> None:
    """The call reached Slack; the process died before anything of it was written."""
    calls = 0
    real = mirror._perform

    def perform(job: Any) -> Any:
        nonlocal calls
        done = real(job)
        calls += 1
        if calls == killed_after:
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(mirror, "_perform", perform)
    say(claim, "one")
    say(claim, "two")
    try:
        settle(slack)
    except KeyboardInterrupt:
        lanes.free_all()
        Lane.objects.exclude(key__startswith="in:").update(due_at=Now())
    at_rest(slack)
    chat = chat_of(claim)
    assert rooms_made(slack) == ["tb-visitor-001"]
    assert "\n".join(said_in(slack, link_of(chat).channel_id)) == "one\ntwo"
    assert len(lobby_lines(slack, lobby)) == 1
    assert Message.unscoped.filter(chat=chat).exclude(mirror_state="sent").count() == 0
    assert ChatLink.objects.get(pk=chat.pk).room == "open"
