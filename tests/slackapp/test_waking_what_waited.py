"""What waited for an owner's mend goes out again, whatever happens beside it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection as database
from django.db import transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Member
from livechat.tokens import VisitorClaim
from slackapp import actions, lanes, promises, threads
from slackapp.models import Connection, Delivery, Installation, Lane
from tests.cast import chat_of, say
from tests.slackapp.peer import Slack, fresh, install, link_of, state_of, work

pytestmark = pytest.mark.django_db(transaction=True)
Mend = Callable[[Slack, Member, Connection], None]

MENDS: dict[str, Mend] = {
    "connecting again": install,
    "another channel": lambda _, alice, connection: actions.choose_channel(
        alice, connection, connection.channel_id, "renamed"
    ),
    "trying again": lambda _, alice, connection: actions.try_again(alice, connection),
}


@pytest.mark.parametrize("mend", MENDS.values(), ids=MENDS)
def test_lanes_are_locked_before_what_was_mended(
    slack: Slack, connection: Connection, alice: Member, claim: VisitorClaim, card: None, mend: Mend
) -> None:
    """Workers lock a lane and then what they learn about Slack; the other way round both would wait for ever."""
    say(claim, "second")
    Connection.unscoped.update(state="broken")
    with CaptureQueriesContext(database) as seen:
        mend(slack, alice, fresh(connection))
    tables = [row["sql"].split('"')[1] for row in seen.captured_queries if row["sql"].startswith("UPDATE")]
    mended = [name for name in tables if name in ("slackapp_connection", "slackapp_installation")]
    assert mended
    assert tables.index("slackapp_lane") < tables.index(mended[0])


def test_a_lane_parked_between_key_and_channel_is_woken(
    slack: Slack, connection: Connection, alice: Member, claim: VisitorClaim, card: None
) -> None:
    """The key is stored, a worker looks and finds the channel still broken, then the connection is ready."""
    Connection.unscoped.update(state="broken")
    say(claim, "second")
    work()
    found = fresh(connection)
    assert found.installation is not None
    actions.attach_installation(found, found.installation)
    work()
    assert (fresh(connection).state, state_of("second")) == ("ready", "sent")


def test_a_lane_parked_while_the_mend_was_made_is_woken(
    slack: Slack, connection: Connection, alice: Member, claim: VisitorClaim, card: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    say(claim, "second")
    lane = link_of(chat_of(claim)).lane

    def meanwhile(*told: object) -> None:
        Lane.objects.filter(pk=lane.pk).update(due_at=None)  # as a worker that still saw the old state

    monkeypatch.setattr(actions, "audit", meanwhile)
    actions.choose_channel(alice, fresh(connection), connection.channel_id, "same")
    work()
    assert state_of("second") == "sent"


def test_a_refusal_of_the_old_key_says_nothing_of_the_new_one(
    slack: Slack, connection: Connection, alice: Member
) -> None:
    old = Installation.objects.get()
    install(slack, alice, fresh(connection))
    actions.note_installation_problem(old, "Slack refused the app.")
    assert Installation.objects.get().state == "active"


def test_a_refusal_of_the_old_channel_says_nothing_of_the_new_one(
    slack: Slack, connection: Connection, alice: Member
) -> None:
    old = fresh(connection)
    actions.choose_channel(alice, fresh(connection), "C0NEW", "new")
    actions.note_channel_problem(old, old.channel_id, "The channel is archived.")
    assert fresh(connection).state == "ready"


def test_the_new_card_of_an_old_chat_has_a_day_of_its_own(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None,
    settings: Settings, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    Delivery.objects.update(created_at=timezone.now() - timedelta(days=2))
    slack.fault("error", error="thread_not_found")
    new_thread = threads.new_thread

    def and_slack_goes_away(job: promises.Job) -> None:
        new_thread(job)
        settings.SLACK_API_URL = "http://127.0.0.1:1/api/"

    monkeypatch.setattr(threads, "new_thread", and_slack_goes_away)
    say(claim, "second")
    work()
    assert Delivery.objects.get(kind="card").state == "pending"


def test_a_lane_made_due_this_very_moment_is_entered_at_once(db: None) -> None:
    """SQLite's clock has milliseconds; a hint comes within the one in which the lane was made due."""
    for number in range(30):
        lane_id = lanes.make_due(f"in:{number}")
        with transaction.atomic():
            assert lanes.enter(lane_id) is not None, number
