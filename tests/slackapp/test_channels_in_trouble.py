"""S18: channels are lost, found again, renamed and moved; chats wait and heal by themselves where that is allowed."""

from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Member
from livechat.tokens import VisitorClaim
from slackapp import actions, lanes, notices
from slackapp.actions.waking import CHORES
from slackapp.models import Connection, Installation
from tests.cast import chat_of, lines_of, say
from tests.payloads.slack import envelope, typed
from tests.slackapp.peer import Slack, at_rest, fresh, link_of, settle, state_of, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What owners were told, at once."""
    said: list[str] = []
    monkeypatch.setattr("slackapp.tasks.tell_owners", lambda connection_id, problem: said.append(problem))
    return said


def a_minute_later() -> None:
    """Whatever heals by itself has its moment now."""
    Connection.unscoped.exclude(heal_at=None).update(heal_at=timezone.now())
    for installation in Installation.objects.all():
        lanes.make_due(f"{CHORES}{installation.pk}")


def health(connection: Connection) -> tuple[str, str]:
    row = fresh(connection)
    return row.state, row.trouble


def test_removed_from_a_public_channel_the_app_comes_back_by_itself(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None, told: list[str]
) -> None:
    slack.act("kick", channel=connection.channel_id)
    settle(slack)
    assert health(connection) == ("broken", "left")
    say(claim, "while away")
    work()
    assert state_of("while away") == "queued"
    assert len(told) == 1
    a_minute_later()
    at_rest(slack)
    assert (health(connection), slack.lines(connection)) == (("ready", ""), ["first", "while away"])


def test_it_waits_a_minute_before_it_comes_back_and_longer_each_time(
    slack: Slack, connection: Connection, told: list[str]
) -> None:
    waits = []
    for _ in range(4):
        slack.act("kick", channel=connection.channel_id)
        settle(slack)
        heal_at = fresh(connection).heal_at
        assert heal_at is not None
        waits.append(round((heal_at - timezone.now()).total_seconds() / 60))
        a_minute_later()
        settle(slack)
        assert health(connection) == ("ready", "")
    assert waits == [1, 5, 15, 60]
    assert len(told) == 1


def test_into_a_private_channel_somebody_must_invite_it(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None
) -> None:
    slack.act("make_private", channel=connection.channel_id)
    slack.act("kick", channel=connection.channel_id)
    settle(slack)
    say(claim, "second")
    a_minute_later()
    settle(slack)
    assert health(connection) == ("broken", "left")
    slack.act("invite", channel=connection.channel_id)
    at_rest(slack)
    assert (health(connection), slack.lines(connection)) == (("ready", ""), ["first", "second"])


def test_made_private_the_chat_goes_on(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None
) -> None:
    slack.act("make_private", channel=connection.channel_id)
    say(claim, "second")
    settle(slack)
    link = link_of(chat_of(claim))
    slack.act("say", user="bob", channel=link.channel_id, thread_ts=link.root_ts, text="Yes", team="Acme")
    settle(slack)
    assert (health(connection), lines_of(chat_of(claim))) == (("ready", ""), ["first", "second", "Yes"])


@pytest.mark.parametrize("is_private", [False, True], ids=["public", "private"])
def test_unarchived_it_goes_on_at_once(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None, is_private: bool
) -> None:
    if is_private:
        slack.act("make_private", channel=connection.channel_id)
    slack.act("archive", channel=connection.channel_id)
    settle(slack)
    assert health(connection) == ("broken", "archived")
    say(claim, "second")
    a_minute_later()
    settle(slack)
    assert health(connection) == ("broken", "archived")
    slack.act("unarchive", channel=connection.channel_id)
    at_rest(slack)
    assert (health(connection), slack.lines(connection)) == (("ready", ""), ["first", "second"])


def test_what_slack_did_not_tell_is_found_by_looking(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None
) -> None:
    slack.act("archive", channel=connection.channel_id)
    settle(slack)
    slack.fault("drop", method="events", count=None)
    slack.act("unarchive", channel=connection.channel_id)
    a_minute_later()
    work()
    assert health(connection) == ("ready", "")


def test_a_deleted_channel_stays_lost_and_we_ask_ever_less_often(
    slack: Slack, connection: Connection
) -> None:
    slack.act("delete_channel", channel=connection.channel_id)
    settle(slack)
    for _ in range(30):
        a_minute_later()
        work()
    row = fresh(connection)
    assert (row.state, row.heal_at) == ("broken", None)
    assert len(slack.calls("conversations.info")) < 30


def test_a_channel_that_admins_closed_is_not_knocked_at(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None
) -> None:
    slack.fault("error", error="restricted_action")
    say(claim, "second")
    work()
    row = fresh(connection)
    assert (row.state, row.trouble, row.heal_at) == ("broken", "refused", None)


def test_a_post_that_finds_the_channel_gone_heals_as_well(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None
) -> None:
    slack.fault("drop", method="events", count=None)
    slack.act("kick", channel=connection.channel_id)
    say(claim, "second")
    work()
    assert health(connection) == ("broken", "left")
    a_minute_later()
    work()
    assert slack.lines(connection) == ["first", "second"]


def test_the_owners_choice_ends_the_trouble(
    slack: Slack, connection: Connection, alice: Member, told: list[str]
) -> None:
    slack.act("kick", channel=connection.channel_id)
    settle(slack)
    actions.try_again(alice, connection)
    row = fresh(connection)
    assert (row.state, row.trouble, row.heal_at, row.heal_tries) == ("ready", "", None, 0)


def test_many_events_about_one_trouble_tell_once(
    slack: Slack, connection: Connection, told: list[str]
) -> None:
    assert connection.installation is not None
    for kind in ("channel_left", "member_left_channel", "channel_archive", "channel_left"):
        event = {"type": kind, "channel": connection.channel_id, "user": connection.installation.bot_user_id}
        actions.record_event(envelope(connection.installation, event))
        work()
    assert len(told) == 1


@pytest.mark.parametrize("is_private", [False, True], ids=["public", "private"])
def test_a_renamed_channel_is_shown_by_its_name_of_the_day(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None, is_private: bool
) -> None:
    if is_private:
        slack.act("make_private", channel=connection.channel_id)
    slack.act("rename", channel=connection.channel_id, name="front-desk")
    say(claim, "second")
    settle(slack)
    assert fresh(connection).channel_name == "front-desk"
    assert slack.lines(connection) == ["first", "second"]


def test_a_channel_with_a_new_id_keeps_its_chats(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None
) -> None:
    old, root = connection.channel_id, link_of(chat_of(claim)).root_ts
    new = slack.act("change_id", channel=old)["channel"]
    settle(slack)
    assert (fresh(connection).channel_id, link_of(chat_of(claim)).channel_id) == (new, new)
    say(claim, "second")
    slack.act("say", user="bob", channel=new, thread_ts=root, text="Yes", team="Acme")
    settle(slack)
    assert sorted(lines_of(chat_of(claim))) == ["Yes", "first", "second"]
    assert slack.lines(fresh(connection)) == ["first", "second"]


def test_an_answer_that_speaks_of_the_old_id_still_finds_its_chat_once(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None
) -> None:
    assert connection.installation is not None
    old, root = connection.channel_id, link_of(chat_of(claim)).root_ts
    slack.act("change_id", channel=old)
    settle(slack)
    late = typed("A late answer", user=slack.person("bob"), channel=old, thread_ts=root)
    for _ in range(2):
        actions.record_event(envelope(connection.installation, late))
        work()
    assert lines_of(chat_of(claim)) == ["first", "A late answer"]


def test_a_line_that_meets_the_change_in_mid_air_is_not_lost(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None
) -> None:
    """The worker took the line for the old id; the event is worked while Slack answers `channel_not_found`."""
    slack.fault("hang", seconds=0.3)
    say(claim, "second")
    slack.act("change_id", channel=connection.channel_id)
    at_rest(slack)
    assert (state_of("second"), slack.lines(fresh(connection))) == ("sent", ["first", "second"])


@pytest.mark.parametrize(
    "event",
    [
        {"type": "channel_rename"},
        {"type": "channel_rename", "channel": "C1"},
        {"type": "channel_rename", "channel": {"id": 7, "name": None}},
        {"type": "channel_id_changed"},
        {"type": "channel_id_changed", "old_channel_id": "C1", "new_channel_id": ["C2"]},
        {"type": "channel_id_changed", "old_channel_id": "C1", "new_channel_id": "C" * 99},
        {"type": "channel_unarchive", "channel": {"id": "C1"}},
        {"type": "channel_archive", "channel": None},
        {"type": "team_access_revoked", "team_ids": "T1"},
        {"type": "team_access_revoked", "team_ids": [None, 7]},
    ],
    ids=lambda event: ascii(event)[:60],
)
def test_odd_words_about_channels_change_nothing(connection: Connection, event: dict[str, Any]) -> None:
    assert connection.installation is not None
    actions.record_event(envelope(connection.installation, event))
    work()
    assert health(connection) == ("ready", "")


# --- who hears of it ------------------------------------------------------------------------------------------------


def test_owners_get_a_mail_and_the_installer_a_direct_message(
    slack: Slack, connection: Connection, settings: Settings
) -> None:
    from slackapp import installers

    notices.tell_owners(str(connection.pk), "The channel is archived.")
    installers.tell(str(connection.pk), "The channel is archived.")
    assert len(mail.outbox) == 1
    sent = slack.calls("chat.postMessage")[-1]["args"]
    assert sent["channel"] == slack.person("alice")
    assert "The channel is archived." in sent["text"]


def test_where_the_app_may_not_write_to_people_the_mail_is_enough(
    slack: Slack, connection: Connection
) -> None:
    from slackapp import installers

    slack.fault("error", error="messages_tab_disabled")
    installers.tell(str(connection.pk), "The channel is archived.")
    assert slack.calls("chat.postMessage")[-1]["args"]["channel"] == slack.person("alice")
