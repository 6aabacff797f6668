"""S26: the connection's page says whether Slack is heard over Socket Mode, and what to do where it is not."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Member
from slackapp.models import Connection, Heartbeat, Installation
from tests.cast import shop_of
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db


def page(browser: Client, alice: Member) -> str:
    installation = Installation.objects.create(
        slack_team_id="T1", app_id="A1", team_name="Acme", installed_at=timezone.now()
    )
    connection = Connection.unscoped.create(
        workspace=alice.workspace,
        site=shop_of(alice),
        installation=installation,
        channel_id="C1",
        channel_name="chats",
        state=Connection.State.READY,
    )
    return browser.get(f"/console/slack/{connection.pk}/health").content.decode()


def beaten(ago: timedelta) -> None:
    Heartbeat.objects.create(door="socket", at=timezone.now() - ago)


def test_without_socket_mode_nothing_is_said_of_it(alice: Member, client_of: ClientOf) -> None:
    assert "Socket Mode" not in page(client_of(alice), alice)


def test_a_connected_listener_is_one_line(alice: Member, client_of: ClientOf, settings: Settings) -> None:
    settings.SLACK_APP_TOKEN = "xapp-1"
    beaten(timedelta(seconds=20))
    shown = page(client_of(alice), alice)
    assert "Socket Mode, connected" in shown
    assert "Connected</span>" in shown
    assert "not heard" not in shown


def test_a_silent_listener_comes_with_what_to_do(
    alice: Member, client_of: ClientOf, settings: Settings
) -> None:
    settings.SLACK_APP_TOKEN = "xapp-1"
    beaten(timedelta(minutes=5))
    shown = page(client_of(alice), alice)
    assert "Slack is not heard." in shown
    assert "Not heard" in shown
    assert "Connected</span>" not in shown
    assert "was last connected" in shown
    assert "manage.py slack_socket" in shown


def test_it_says_since_when_it_listens(alice: Member, client_of: ClientOf, settings: Settings) -> None:
    settings.SLACK_APP_TOKEN = "xapp-1"
    since = timezone.localtime().replace(month=3, day=4, hour=5, minute=6)
    Heartbeat.objects.create(door="socket", at=timezone.now(), since=since)
    shown = page(client_of(alice), alice)
    assert "Listening since" in shown
    assert "4 March, 05:06" in shown


@pytest.mark.parametrize("at", [None, timezone.now()], ids=["never open", "open until now"])
def test_it_says_what_shut_it(alice: Member, client_of: ClientOf, settings: Settings, at: datetime) -> None:
    settings.SLACK_APP_TOKEN = "xapp-1"
    Heartbeat.objects.create(door="socket", at=at, since=at, problem="Socket Mode is switched off in Slack.")
    shown = page(client_of(alice), alice)
    assert "Slack is not heard." in shown
    assert "Socket Mode is switched off in Slack." in shown
    assert "has to be started again" in shown
    assert "Listening since" not in shown
    assert "read its last line" not in shown


def test_one_that_never_was_says_so(alice: Member, client_of: ClientOf, settings: Settings) -> None:
    settings.SLACK_APP_TOKEN = "xapp-1"
    assert "has never been connected" in page(client_of(alice), alice)
