"""S17, S22: what Slack answers when a Home tab is published, and what comes of it."""

import logging
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Member
from livechat.models import ChatSession
from slackapp import keys, lanes
from slackapp.actions import homes
from slackapp.home import pages, publishing, reading, sweeping
from slackapp.home.facts import ChatLine, Facts, Lines, Presence, Section, Step
from slackapp.home.viewers import Viewer
from slackapp.models import ChannelBudget, Connection, HomeTab, Installation, Lane
from tests.slackapp.home_tabs import home_of, link_account, open_home, published
from tests.slackapp.peer import Slack, settle

pytestmark = pytest.mark.django_db(transaction=True)
METHOD = "views.publish"


@pytest.fixture
def linked(slack: Slack, chat: ChatSession, bob: Member) -> None:
    link_account(slack, bob, "bob")


def again(slack: Slack) -> None:
    """Every wait is over."""
    HomeTab.objects.exclude(due_at=None).update(due_at=timezone.now())
    ChannelBudget.objects.update(paused_until=None)
    for installation_id in HomeTab.objects.values_list("installation_id", flat=True).distinct():
        homes.wake(installation_id)
    settle(slack)


@pytest.mark.parametrize("kind", ["hang", "drop_before_commit", "drop_after_commit", "garbage", "status"])
def test_what_was_not_answered_is_published_again(slack: Slack, linked: None, kind: str) -> None:
    slack.fault(kind, METHOD, status=503, seconds=1)
    open_home(slack, "bob")
    again(slack)
    assert published(slack) == 2
    assert "Hello?" in home_of(slack, "bob")
    assert not HomeTab.objects.exclude(due_at=None).exists()


def test_when_slack_asks_to_wait_every_home_of_the_team_waits(slack: Slack, linked: None) -> None:
    slack.fault("ratelimit", METHOD, retry_after=30)
    open_home(slack, "bob")
    before = published(slack)
    open_home(slack, "carol")
    assert published(slack) == before
    again(slack)
    assert "Hello?" in home_of(slack, "bob")
    assert home_of(slack, "carol")


def test_where_something_else_stands_it_is_written_over(
    slack: Slack, linked: None, connection: Connection
) -> None:
    open_home(slack, "bob")
    HomeTab.objects.update(hash="1.stale", shown="")
    homes.refresh(HomeTab.objects.get().installation_id)
    again(slack)
    assert "Hello?" in home_of(slack, "bob")
    row = HomeTab.objects.get()
    assert (row.due_at, row.hash) == (None, slack.act("home", user="bob", team="Acme")["view"]["hash"])


def test_where_the_home_tab_is_off_it_is_said_once_and_not_tried_again(
    slack: Slack, linked: None, caplog: pytest.LogCaptureFixture
) -> None:
    slack.fault("error", METHOD, count=None, error="not_enabled")
    with caplog.at_level(logging.WARNING, "slackapp.home.publishing"):
        for name in ("bob", "carol", "bob"):
            open_home(slack, name)
    assert published(slack) == 1
    assert caplog.text.count("Slack shows no Home tab of this app") == 1
    slack.clear_faults()
    again(slack)
    assert "Hello?" in open_home(slack, "bob")


def test_whom_slack_does_not_know_is_tried_once(slack: Slack, linked: None) -> None:
    slack.fault("error", METHOD, error="user_not_found")
    open_home(slack, "bob")
    assert published(slack) == 1
    assert HomeTab.objects.get().due_at is None


def test_a_dead_key_stops_it_and_a_new_one_goes_on(slack: Slack, linked: None) -> None:
    slack.fault("error", METHOD, count=None, error="account_inactive")
    open_home(slack, "bob")
    assert Installation.objects.get().state != Installation.State.ACTIVE
    before = published(slack)
    slack.clear_faults()
    again(slack)
    assert published(slack) == before
    Installation.objects.update(state=Installation.State.ACTIVE)
    HomeTab.objects.update(due_at=timezone.now() - timedelta(minutes=2))
    sweeping.find_moved()
    settle(slack)
    assert "Hello?" in home_of(slack, "bob")


def test_a_page_that_cannot_be_made_keeps_nobody_else_from_theirs(
    slack: Slack, linked: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made, bob = reading.facts_of, slack.person("bob")

    def broken(viewer: Viewer, home: HomeTab) -> Facts:
        if home.slack_user_id == bob:
            raise ValueError("broken")
        return made(viewer, home)

    monkeypatch.setattr(reading, "facts_of", broken)
    open_home(slack, "bob")
    assert open_home(slack, "carol")
    assert "a Home tab could not be made" in caplog.text
    assert HomeTab.objects.get(slack_user_id=bob).tries == 1


def test_after_some_tries_it_waits_for_the_person(slack: Slack, linked: None) -> None:
    slack.fault("status", METHOD, count=None, status=503)
    open_home(slack, "bob")
    for _ in range(homes.TRIES):
        again(slack)
    assert HomeTab.objects.get().due_at is None
    slack.clear_faults()
    assert "Hello?" in open_home(slack, "bob")


def test_what_becomes_due_while_it_is_written_stays_due(
    slack: Slack, linked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    call: Any = keys.call

    def meanwhile(installation: Installation, method: str, **arguments: Any) -> Any:
        if method == METHOD and not HomeTab.objects.exclude(notice="").exists():
            homes.say(installation, slack.person("bob"), "Something came of it.")
        return call(installation, method, **arguments)

    monkeypatch.setattr(keys, "call", meanwhile)
    assert "Something came of it." in open_home(slack, "bob")
    assert published(slack) == 2


def test_while_one_worker_publishes_another_leaves_it_alone(slack: Slack, linked: None) -> None:
    open_home(slack, "bob")
    HomeTab.objects.update(shown="", due_at=timezone.now())
    homes.wake(HomeTab.objects.get().installation_id)
    lane = Lane.objects.get(key__startswith=homes.HOMES)
    before = published(slack)
    assert lanes.claim(lane.pk) is not None
    publishing.work_homes(lane.pk, lane.key)
    assert published(slack) == before
    lanes.free_all()
    publishing.work_homes(lane.pk, lane.key)
    assert published(slack) == before + 1


def line() -> ChatLine:
    return ChatLine(
        uuid.uuid4(), "Ana" * 30, "Shop" * 20, "W" * 140, timezone.now(), True, "https://x.slack.com/a"
    )


def some(count: int) -> Lines:
    return Lines([line() for _ in range(count)], 3)


@pytest.mark.parametrize("workspaces", [1, 2, 3])
def test_the_fullest_page_is_one_that_slack_takes(slack: Slack, linked: None, workspaces: int) -> None:
    room = reading.ROOM[workspaces]
    full = Section(
        title="W" * 80,
        mine=some(room),
        waiting=some(room),
        may_take=True,
        in_console=True,
        more_sites=1,
        settings_id=str(uuid.uuid4()),
        steps=[Step("Do it", False, "https://console.example")] * 3,
        trouble="t" * 300,
    )
    sections = [replace(full, waiting=some(room), mine=some(room), sites=sites()) for _ in range(workspaces)]
    view = pages.view_of(Facts(False, True, "n" * 300, sections, 2))
    assert len(view["blocks"]) <= 100
    installation = Installation.objects.get()
    keys.call(installation, METHOD, user_id=slack.person("bob"), view=view)


def sites() -> list[Presence]:
    return [Presence(uuid.uuid4(), "S" * 80, "Online", "y" * 200, True) for _ in range(reading.MOST_SITES)]
