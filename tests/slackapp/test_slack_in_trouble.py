"""Slack away, slow, limiting or lying (S22): the visitor is not concerned, and every line arrives once, in order."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Member
from livechat.models import Message, Site
from livechat.tokens import VisitorClaim
from slackapp import actions, promises, queries
from slackapp.models import Connection, Delivery, Installation
from tests.cast import chat_of, newcomer, say
from tests.slackapp.peer import Slack, at_rest, fresh, install, link_of, settle, state_of, work

pytestmark = pytest.mark.django_db(transaction=True)


SURE_NO: list[dict[str, Any]] = [
    {"kind": "ratelimit", "retry_after": 30},
    {"kind": "error", "error": "rate_limited"},
    {"kind": "error", "error": "something_new"},
]
UNKNOWN: list[dict[str, Any]] = [
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 502, "commit": True},
    {"kind": "error", "error": "internal_error"},
    {"kind": "error", "error": "fatal_error"},
    {"kind": "drop_before_commit"},
    {"kind": "drop_after_commit"},
    {"kind": "reset"},
    {"kind": "garbage"},
    {"kind": "garbage", "commit": True},
    {"kind": "hang_after_commit", "seconds": 1.0},
]
SOME_UNKNOWN = [fault for fault in UNKNOWN if fault["kind"] in ("status", "garbage", "drop_after_commit")]


def name_of(fault: dict[str, Any]) -> str:
    return " ".join(str(value) for value in fault.values())


@pytest.mark.parametrize("fault", SURE_NO, ids=name_of)
def test_a_sure_no_is_repeated_once_it_may(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None, fault: dict[str, Any]
) -> None:
    slack.fault(**fault)
    say(claim, "second")
    settle(slack)
    assert slack.lines(connection) == ["first"]
    at_rest(slack)
    assert slack.lines(connection) == ["first", "second"]


@pytest.mark.parametrize("fault", UNKNOWN, ids=name_of)
def test_an_unknown_outcome_ends_in_exactly_one(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None, fault: dict[str, Any]
) -> None:
    slack.fault(**fault)
    say(claim, "second")
    work()
    say(claim, "third")
    at_rest(slack)
    assert "\n".join(slack.lines(connection)) == "first\nsecond\nthird"
    assert {state_of("second"), state_of("third")} == {"sent"}


@pytest.mark.parametrize("fault", SOME_UNKNOWN, ids=name_of)
def test_without_an_echo_one_look_decides(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None, fault: dict[str, Any]
) -> None:
    slack.fault("no_echo", method="events", count=None)
    slack.fault(**fault)
    say(claim, "second")
    at_rest(slack)
    assert slack.lines(connection) == ["first", "second"]
    assert slack.calls("conversations.replies")


@pytest.mark.parametrize("fault", SOME_UNKNOWN, ids=name_of)
def test_an_unknown_card_never_becomes_two(
    slack: Slack, connection: Connection, claim: VisitorClaim, fault: dict[str, Any]
) -> None:
    slack.fault("no_echo", method="events", count=None)
    slack.fault(**fault)
    say(claim, "first")
    at_rest(slack)
    assert len(slack.cards(connection)) == 1
    assert slack.lines(connection) == ["first"]


@pytest.mark.parametrize("echo", [True, False], ids=["with its echo", "without"])
def test_slack_that_acts_after_we_gave_up_waiting_acts_once(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None, settings: Settings, echo: bool
) -> None:
    """It must act within SLACK_ECHO_WAIT after our time-out: later than that nobody can know."""
    settings.SLACK_ECHO_WAIT = 0.6
    if not echo:
        slack.fault("no_echo", method="events", count=None)
    slack.fault("hang", seconds=0.9)
    say(claim, "second")
    at_rest(slack)
    assert (slack.lines(connection), state_of("second")) == (["first", "second"], "sent")


def test_while_it_is_unknown_the_console_says_checking(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None, settings: Settings
) -> None:
    settings.SLACK_ECHO_WAIT = 60
    slack.fault("no_echo", method="events", count=None)
    slack.fault("drop_before_commit")
    say(claim, "second")
    say(claim, "third")
    work()
    assert (state_of("second"), chat_of(claim).delivered_seq) == ("checking", 1)
    assert len(slack.calls("chat.postMessage")) == 4  # introduction, card, first and the one that is unknown


def test_our_own_echo_settles_it_without_a_look(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None, settings: Settings
) -> None:
    settings.SLACK_ECHO_WAIT = 60
    slack.fault("drop_after_commit")
    say(claim, "second")
    settle(slack)
    assert (state_of("second"), slack.lines(connection)) == ("sent", ["first", "second"])
    assert not slack.calls("conversations.replies")


def test_joined_lines_stay_joined_when_their_outcome_is_unknown(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None
) -> None:
    slack.fault("no_echo", method="events", count=None)
    slack.fault("drop_after_commit")
    for text in ("a", "b", "c"):
        say(claim, text)
    at_rest(slack)
    assert slack.lines(connection) == ["first", "a\nb\nc"]
    assert {state_of(text) for text in "abc"} == {"sent"}


@pytest.mark.parametrize("broken_part", [1, 2, 3])
@pytest.mark.parametrize("kind", ["drop_before_commit", "drop_after_commit"])
def test_a_long_message_survives_trouble_at_any_part(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None, kind: str, broken_part: int
) -> None:
    text = "".join(f"{number:05d} " for number in range(1333))
    slack.fault("no_echo", method="events", count=None)
    if broken_part < 3:
        match = {"text": text[(broken_part - 1) * 3000 : broken_part * 3000]}
        slack.fault(kind, match=match)
    else:
        slack.fault(kind, match={"text": text[6000:]})
    say(claim, text)
    at_rest(slack)
    assert "".join(slack.lines(connection)[1:]) == text


def test_when_slack_asks_to_wait_the_channel_waits_for_all_its_chats(
    slack: Slack, connection: Connection, site: Site, claim: VisitorClaim, card: None
) -> None:
    slack.fault("ratelimit", retry_after=30)
    say(claim, "second")
    work()
    calls = len(slack.calls("chat.postMessage"))
    say(newcomer(site), "somebody else")
    say(claim, "third")
    work()
    assert len(slack.calls("chat.postMessage")) == calls
    at_rest(slack)
    assert slack.lines(connection) == ["first", "second\nthird", "somebody else"] or slack.lines(
        connection
    ) == ["first", "somebody else", "second\nthird"]


def test_nothing_listens_at_slacks_address(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None, settings: Settings
) -> None:
    address = settings.SLACK_API_URL
    settings.SLACK_API_URL = "http://127.0.0.1:1/api/"
    message = say(claim, "second")
    work()
    assert (message.seq, state_of("second")) == (2, "queued")
    settings.SLACK_API_URL = address
    at_rest(slack)
    assert slack.lines(connection) == ["first", "second"]


def test_several_failures_in_a_row_make_everybody_wait(
    slack: Slack, connection: Connection, site: Site, card: None
) -> None:
    slack.fault("status", count=None, status=503)
    for _ in range(6):
        say(newcomer(site))
    work()
    installation = Installation.objects.get()
    assert installation.failures >= 5
    assert installation.paused_until is not None
    assert installation.paused_until > timezone.now()
    calls = len(slack.calls("chat.postMessage"))
    say(newcomer(site))
    work()
    assert len(slack.calls("chat.postMessage")) == calls


def test_after_a_success_the_failures_are_forgotten(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None
) -> None:
    slack.fault("status", status=503)
    say(claim, "second")
    at_rest(slack)
    assert Installation.objects.get().failures == 0


# --- what only a person can mend ------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", ["invalid_auth", "token_revoked", "account_inactive", "missing_scope"])
def test_a_refused_token_stops_the_queue_until_slack_is_connected_again(
    slack: Slack, connection: Connection, alice: Member, claim: VisitorClaim, card: None, error: str
) -> None:
    slack.fault("error", error=error, count=None)
    say(claim, "second")
    at_rest(slack)
    installation = Installation.objects.get()
    assert (installation.state, state_of("second")) == ("needs_reauth", "queued")
    assert installation.problem.endswith(("Connect Slack again.", "Connect Slack again to grant it."))
    assert queries.health_of(fresh(connection)).state == "reconnect"
    calls = len(slack.calls("chat.postMessage"))
    say(claim, "third")
    at_rest(slack)
    assert len(slack.calls("chat.postMessage")) == calls
    slack.clear_faults()
    install(slack, alice, fresh(connection))
    at_rest(slack)
    assert slack.lines(connection) == ["first", "second\nthird"]


def test_an_archived_channel_breaks_the_connection_until_it_is_mended(
    slack: Slack, connection: Connection, alice: Member, claim: VisitorClaim, card: None
) -> None:
    slack.fault("drop", method="events", count=None)
    slack.act("archive", channel=connection.channel_id)
    say(claim, "second")
    at_rest(slack)
    broken = fresh(connection)
    assert (broken.state, state_of("second")) == ("broken", "queued")
    assert "archived" in broken.problem
    slack.act("unarchive", channel=connection.channel_id)
    actions.try_again(alice, broken)
    at_rest(slack)
    assert (fresh(connection).state, slack.lines(connection)) == ("ready", ["first", "second"])


@pytest.mark.parametrize("act", ["archive", "kick", "delete_channel"])
def test_slack_tells_that_the_channel_is_lost(
    slack: Slack, connection: Connection, card: None, act: str
) -> None:
    slack.act(act, channel=connection.channel_id)
    settle(slack)
    broken = fresh(connection)
    assert broken.state == "broken"
    assert broken.problem


def test_a_thread_that_is_gone_gets_a_new_card(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None
) -> None:
    old = link_of(chat_of(claim)).root_ts
    slack.fault("error", error="thread_not_found", match={"thread_ts": str(old)})
    say(claim, "second")
    at_rest(slack)
    new = link_of(chat_of(claim)).root_ts
    assert new != old
    assert len(slack.cards(connection)) == 2
    assert slack.lines(connection) == ["first", "second"]


@pytest.mark.parametrize("error", ["invalid_blocks", "no_text", "metadata_too_large"])
def test_a_permanent_refusal_is_a_dead_letter_that_a_person_sends_again(
    slack: Slack, connection: Connection, bob: Member, claim: VisitorClaim, card: None, error: str
) -> None:
    slack.fault("error", error=error)
    say(claim, "second")
    work()
    say(claim, "third")
    at_rest(slack)
    dead = Message.unscoped.get(body="second")
    assert (dead.mirror_state, slack.lines(connection)) == ("failed", ["first", "third"])
    assert error in dead.mirror_problem
    delivery = queries.dead_deliveries(fresh(connection)).get()
    actions.replay(bob, delivery.pk)
    assert state_of("second") == "queued"
    at_rest(slack)
    assert (state_of("second"), slack.lines(connection)) == ("sent", ["first", "third", "second"])


@pytest.mark.parametrize("error", ["msg_too_long", "msg_blocks_too_long"])
def test_a_line_too_long_for_slack_goes_out_in_smaller_pieces(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None, error: str
) -> None:
    text = "".join(f"{number:04d} " for number in range(500))
    slack.fault("error", error=error)
    say(claim, text)
    work()
    say(claim, "third")
    at_rest(slack)
    pieces = slack.lines(connection)[1:-1]
    assert ("".join(pieces), len(pieces), slack.lines(connection)[-1]) == (text, 3, "third")
    assert (state_of(text), state_of("third")) == ("sent", "sent")


def test_joined_lines_too_long_for_slack_go_one_by_one(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None
) -> None:
    slack.fault("error", error="msg_too_long")
    for text in ("a", "b", "c"):
        say(claim, text)
    at_rest(slack)
    assert slack.lines(connection) == ["first", "a", "b", "c"]


def test_what_is_too_long_in_pieces_as_well_is_put_aside(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None
) -> None:
    slack.fault("error", error="msg_too_long", count=2)
    say(claim, "second")
    at_rest(slack)
    assert (state_of("second"), len(slack.calls("chat.postMessage"))) == ("failed", 3 + 2)


@pytest.mark.parametrize("kind", ["drop_after_commit", "drop_before_commit"])
def test_smaller_pieces_survive_trouble_too(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None, kind: str
) -> None:
    text = "".join(f"{number:04d} " for number in range(500))
    slack.fault("no_echo", method="events", count=None)
    slack.fault("error", error="msg_too_long")
    slack.fault(kind, match={"text": text[1000:2000]})
    say(claim, text)
    at_rest(slack)
    assert "".join(slack.lines(connection)[1:]) == text


def test_mallory_replays_nothing_of_acme(
    slack: Slack, connection: Connection, mallory: Member, claim: VisitorClaim, card: None
) -> None:
    from accounts.errors import NotFound

    slack.fault("error", error="no_text")
    say(claim, "second")
    at_rest(slack)
    delivery = Delivery.objects.get(state="dead")
    for wanted in (delivery.pk, str(delivery.pk), "junk", "", -1, "9" * 30):
        with pytest.raises(NotFound):
            actions.replay(mallory, wanted)
    assert state_of("second") == "failed"


def test_what_was_sent_cannot_be_sent_again(
    slack: Slack, connection: Connection, bob: Member, card: None
) -> None:
    from accounts.errors import Refused

    with pytest.raises(Refused):
        actions.replay(bob, Delivery.objects.filter(kind="line").get().pk)


def test_an_error_nobody_knows_is_tried_three_times_and_then_shown(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None
) -> None:
    slack.fault("error", error="a_new_error", count=None)
    say(claim, "second")
    at_rest(slack)
    assert (state_of("second"), len(slack.calls("chat.postMessage"))) == ("failed", 3 + 3)


def test_a_day_without_slack_ends_in_a_dead_letter(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None, settings: Settings
) -> None:
    settings.SLACK_API_URL = "http://127.0.0.1:1/api/"
    say(claim, "second")
    long_ago = timezone.now() - timedelta(hours=25)
    Delivery.objects.filter(state="pending").update(created_at=long_ago, attempts=promises.TRIES_OF_THE_OLD)
    work()
    assert state_of("second") == "failed"


def test_backing_off_grows_and_ends() -> None:
    waits = [promises.backoff(attempts).total_seconds() for attempts in range(12)]
    assert waits == sorted(waits)
    assert (waits[1], waits[-1]) == (1, 900)
