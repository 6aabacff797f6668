"""S21: a site is online while somebody who answers it is active in Slack, or has the console open."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.access import agent_of
from accounts.models import Member
from livechat import presence
from livechat.actions import forcing
from livechat.actions.presence import note_asked, note_consoles, review
from livechat.events import AvailabilityChanged, subscribe
from livechat.models import Availability, ConsoleVisit, Site
from slackapp import actions, availability, setup
from slackapp.actions.people import let_answer
from slackapp.models import ChannelBudget, Connection, Roster, SlackIdentity
from tests.cast import shop_of
from tests.slackapp.peer import Slack, fresh, install

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = ("alice", "bob", "carol")


@pytest.fixture
def connection(slack: Slack, connection: Connection) -> Connection:
    """Acme's people are in the channel."""
    for name in PEOPLE:
        slack.act("join", user=name, channel=connection.channel_id)
    return connection


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """What visitors were told, site by site."""
    from livechat import events

    heard: list[tuple[str, bool]] = []
    monkeypatch.setitem(events._after_commit, AvailabilityChanged, [])
    subscribe(AvailabilityChanged, after_commit=lambda fact: heard.append((fact.site.name, fact.online)))
    return heard


def away(slack: Slack, *names: str) -> None:
    for name in names:
        slack.act("presence", user=name, presence="away")


def look(connection: Connection) -> None:
    """The widget is open, and the workers come by as often as it takes."""
    note_asked([connection.site_id])
    for _ in range(3):
        availability.look(str(connection.installation_id))


def time_passes(**how_long: float) -> None:
    """Everything that we know becomes older."""
    for model, names in (
        (SlackIdentity, ("looked_at", "presence_at")),
        (Roster, ("fetched_at",)),
        (Availability, ("asked_since", "asked_at")),
        (ConsoleVisit, ("seen_at",)),
        (ChannelBudget, ("next_slot_at",)),
    ):
        for row in model.objects.all():
            for name in names:
                if (moment := getattr(row, name)) is not None:
                    setattr(row, name, moment - timedelta(**how_long))
            row.save()


def test_somebody_active_in_slack_makes_the_site_online(
    slack: Slack, connection: Connection, site: Site
) -> None:
    away(slack, "alice", "carol")
    look(connection)
    assert presence.is_attended(site)
    assert presence.is_online(site)
    shown = {
        person.slack_user_id: person.presence for person in SlackIdentity.objects.all() if not person.is_bot
    }
    assert shown == {
        slack.person("alice"): "away",
        slack.person("bob"): "active",
        slack.person("carol"): "away",
    }


def test_nobody_active_means_away_and_visitors_are_told_once(
    slack: Slack, connection: Connection, site: Site, told: list[tuple[str, bool]]
) -> None:
    away(slack, *PEOPLE)
    look(connection)
    review()
    assert told == [(site.name, False)]
    assert not presence.is_online(site)


def test_visitors_are_told_when_somebody_comes_and_goes(
    slack: Slack, connection: Connection, site: Site, told: list[tuple[str, bool]]
) -> None:
    away(slack, *PEOPLE)
    look(connection)
    slack.act("presence", user="bob", presence="active")
    time_passes(seconds=61)
    look(connection)
    away(slack, "bob")
    time_passes(seconds=61)
    look(connection)
    assert told == [(site.name, False), (site.name, True), (site.name, False)]


def test_nobody_is_asked_about_more_than_once_a_minute(slack: Slack, connection: Connection) -> None:
    for _ in range(5):
        look(connection)
    assert len(slack.calls("users.getPresence")) == len(PEOPLE)
    time_passes(seconds=61)
    look(connection)
    assert len(slack.calls("users.getPresence")) == 2 * len(PEOPLE)


def test_without_an_open_widget_nobody_is_asked_about(slack: Slack, connection: Connection) -> None:
    availability.look(str(connection.installation_id))
    assert availability.asked_installations() == []
    assert not slack.calls("users.getPresence")
    look(connection)
    assert availability.asked_installations() == [connection.installation_id]
    time_passes(minutes=3)
    assert availability.asked_installations() == []


def test_the_budget_of_the_team_is_kept(
    slack: Slack, connection: Connection, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack allows 50 a minute; we take a dozen at once and 40 a minute."""
    settings.LIMITS_SCALE = 1
    # more than a slow machine gets through, so that somebody is left to be asked about
    monkeypatch.setattr(availability, "MOST_PEOPLE", 40)
    for number in range(30):
        slack.act("people", team="Acme", name=f"p{number}")
        slack.act("join", user=f"p{number}", channel=connection.channel_id)
    begun = time.monotonic()
    look(connection)
    calls = len(slack.calls("users.getPresence"))
    took = timedelta(seconds=time.monotonic() - begun)
    assert calls <= availability.BURST + took / availability.PACE
    time_passes(seconds=15)
    begun = time.monotonic()
    look(connection)
    took = timedelta(seconds=15 + time.monotonic() - begun)
    assert calls < len(slack.calls("users.getPresence")) <= calls + 1 + took / availability.PACE


def test_a_roster_is_bounded_and_knows_who_answered(slack: Slack, connection: Connection) -> None:
    for number in range(30):
        slack.act("people", team="Acme", name=f"p{number}")
        slack.act("join", user=f"p{number}", channel=connection.channel_id)
    from accounts.actions import upsert_external_agent

    team = slack.team()["id"]
    upsert_external_agent(connection.workspace, f"slack:{team}:{slack.person('p29')}", "P29")
    look(connection)
    roster = Roster.objects.get().user_ids
    assert len(roster) == availability.MOST_PEOPLE
    assert roster[0] == slack.person("p29")


def test_when_slack_asks_to_wait_nobody_is_asked_about_meanwhile(
    slack: Slack, connection: Connection
) -> None:
    slack.fault("ratelimit", method="users.getPresence", count=1, retry_after=30)
    look(connection)
    calls = len(slack.calls("users.getPresence"))
    assert calls == 1
    look(connection)
    assert len(slack.calls("users.getPresence")) == calls


def test_what_nobody_has_told_for_five_minutes_counts_for_nothing(
    slack: Slack, connection: Connection, site: Site, told: list[tuple[str, bool]]
) -> None:
    look(connection)
    assert presence.is_attended(site)
    slack.fault("status", method="users.getPresence", count=None)
    time_passes(minutes=6)
    look(connection)
    assert not presence.is_attended(site)


def test_while_slack_tells_nothing_at_all_a_ready_site_is_online_for_two_minutes(
    slack: Slack, connection: Connection, site: Site, told: list[tuple[str, bool]]
) -> None:
    slack.fault("status", method="users.getPresence", count=None)
    look(connection)
    review()
    assert presence.is_online(site)
    Availability.objects.update(asked_since=timezone.now() - timedelta(minutes=3))
    review()
    assert told == [(site.name, False)]


def test_an_app_or_somebody_who_left_is_not_there_for_a_visitor(
    slack: Slack, connection: Connection, site: Site
) -> None:
    away(slack, *PEOPLE)
    slack.act("people", team="Acme", name="otherbot", is_bot=True)
    slack.act("join", user="otherbot", channel=connection.channel_id)
    slack.act("people", team="Acme", name="gone", deleted=True)
    slack.act("join", user="gone", channel=connection.channel_id)
    look(connection)
    assert not presence.is_attended(site)


def test_a_guest_is_there_only_where_guests_may_answer(
    slack: Slack, connection: Connection, site: Site, alice: Member
) -> None:
    away(slack, *PEOPLE)
    slack.act("people", team="Acme", name="gus", is_restricted=True)
    slack.act("join", user="gus", channel=connection.channel_id)
    look(connection)
    assert not presence.is_attended(site)
    let_answer(alice, connection, guests=True, partners=False)
    assert presence.is_attended(site)


def test_a_route_that_takes_no_chat_at_this_hour_makes_nobody_there(
    slack: Slack, connection: Connection, site: Site
) -> None:
    """The route's people are active, the default's are not; tomorrow's hours help nobody who writes now."""
    look(connection)
    yesterday = (timezone.now().weekday() - 2) % 7
    for days, attended in (([yesterday], False), (list(range(7)), True)):
        hours = [{"days": days, "begin": "00:00", "end": "24:00"}]
        Connection.unscoped.filter(pk=connection.pk).update(
            is_default=False, conditions={"hours": hours, "zone": "UTC"}
        )
        assert presence.is_attended(site) is attended


def test_a_broken_connection_reaches_nobody(slack: Slack, connection: Connection, site: Site) -> None:
    look(connection)
    Connection.unscoped.filter(pk=connection.pk).update(state="broken")
    assert not presence.is_attended(site)
    assert availability.asked_installations() == []


# --- the console ----------------------------------------------------------------------------------------------------


def test_an_open_console_answers_for_everybody(
    slack: Slack, connection: Connection, site: Site, bob: Member, told: list[tuple[str, bool]]
) -> None:
    away(slack, *PEOPLE)
    look(connection)
    note_consoles([bob.pk])
    review()
    time_passes(seconds=80)
    review()
    assert told == [(site.name, False), (site.name, True)]
    time_passes(seconds=20)
    note_asked([site.pk])
    review()
    assert told[-1] == (site.name, False)


def test_a_viewers_console_answers_nobody(
    slack: Slack, connection: Connection, site: Site, victor: Member
) -> None:
    away(slack, *PEOPLE)
    look(connection)
    note_consoles([victor.pk])
    assert not presence.is_attended(site)


def test_mallorys_console_and_slack_say_nothing_of_acmes_site(
    slack: Slack, connection: Connection, site: Site, mallory: Member
) -> None:
    theirs = actions.start_connection(mallory, shop_of(mallory, "Globex Shop"), Connection.Mode.STILL)
    install(slack, mallory, theirs, "mallory", "Globex")
    setup.create_channel(mallory, fresh(theirs), "chats")
    theirs = fresh(theirs)
    away(slack, *PEOPLE)
    note_consoles([mallory.pk])
    look(theirs)
    look(connection)
    assert not presence.is_attended(site)
    assert presence.is_attended(theirs.site)


def test_whoever_brought_the_app_for_another_workspace_of_the_same_slack_counts_only_there(
    slack: Slack, connection: Connection, site: Site, mallory: Member
) -> None:
    slack.act("leave", user="carol", channel=connection.channel_id)
    theirs = actions.start_connection(mallory, shop_of(mallory, "Globex Shop"), Connection.Mode.STILL)
    install(slack, mallory, theirs, "carol", "Acme")
    setup.create_channel(mallory, fresh(theirs), "globex-chat")
    slack.act("join", user="carol", channel=fresh(theirs).channel_id)
    away(slack, "alice", "bob")
    look(connection)
    look(fresh(theirs))
    assert availability.active_of(fresh(connection)) == []
    assert not presence.is_attended(site)
    assert presence.is_attended(theirs.site)


def test_what_somebody_decided_comes_before_everything(
    slack: Slack, connection: Connection, site: Site, bob: Member
) -> None:
    note_consoles([bob.pk])
    forcing.force(site, False, agent_of(bob), Site.Where.CONSOLE)
    assert not presence.is_attended(site)


# --- the first who comes --------------------------------------------------------------------------------------------


def test_the_first_who_comes_is_told_what_was_true_a_moment_ago(
    slack: Slack, connection: Connection, site: Site
) -> None:
    look(connection)
    time_passes(minutes=10)
    assert presence.is_online(site)
    time_passes(minutes=10)
    assert not presence.is_online(site)


def test_a_site_that_nobody_came_to_yet_is_online_if_its_slack_is_ready(
    slack: Slack, connection: Connection, site: Site, alice: Member
) -> None:
    assert presence.is_online(site)
    assert not presence.is_online(shop_of(alice, "Second shop"))
