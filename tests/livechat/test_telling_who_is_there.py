"""S21, W4: an open widget says whether somebody is there, and follows when that changes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from accounts.models import Member
from config import loop
from livechat import presence
from livechat.actions.presence import note_asked, note_consoles, review
from livechat.attendance import Attendance
from livechat.models import Availability, ConsoleVisit, Site
from tests.conftest import ClientOf
from tests.livechat.test_the_consoles_socket import cookie_of
from tests.serving import Served, Socket, eventually


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Says whether a carrier reaches people; nobody else does."""
    there = [False]
    monkeypatch.setattr(presence, "carriers", [lambda site: there[0]])

    def say(is_there: bool) -> None:
        there[0] = is_there
        review()

    return say


def test_an_open_widget_hears_of_every_change_once(
    server: Served, site: Site, somebody: Callable[[bool], None]
) -> None:
    with server.socket() as tab:
        assert tab.hello(site.public_token)["online"] is False
        note_asked([site.pk])
        for online in (True, True, False):
            somebody(online)
        heard = [tab.hear_type("presence")["online"], tab.hear_type("presence")["online"]]
        assert heard == [True, False]
        assert tab.is_silent()


def test_whoever_comes_later_is_told_the_same(
    server: Served, site: Site, somebody: Callable[[bool], None]
) -> None:
    note_asked([site.pk])
    somebody(True)
    with server.socket() as tab:
        assert tab.hello(site.public_token)["online"] is True


def test_another_sites_visitors_hear_nothing(
    server: Served, site: Site, globex_site: Site, somebody: Callable[[bool], None]
) -> None:
    with server.socket() as tab:
        tab.hello(globex_site.public_token)
        note_asked([site.pk])
        somebody(True)
        assert tab.is_silent()


def test_a_site_that_nobody_has_open_is_left_alone(site: Site, somebody: Callable[[bool], None]) -> None:
    note_asked([site.pk])
    Availability.objects.update(asked_at=timezone.now() - timedelta(minutes=3))
    somebody(True)
    assert not Availability.objects.get().is_online


def test_open_widgets_and_consoles_are_said_at_once_and_not_at_every_look(
    server: Served, site: Site, alice: Member, client_of: ClientOf
) -> None:
    attendance = Attendance()
    page = server.socket("/ws/console", django_settings.CONSOLE_URL, Cookie=cookie_of(client_of(alice)))
    with server.socket() as tab, page:
        tab.hello(site.public_token)
        settle(page)
        loop.submit(attendance.look())
        eventually(lambda: ConsoleVisit.objects.exists() and Availability.objects.exists())
        assert tab.hear_type("presence")["online"] is True
        first = Availability.objects.get().asked_at
        loop.submit(attendance.look())
        assert tab.is_silent()
        assert Availability.objects.get().asked_at == first


def settle(page: Socket) -> None:
    page.raw("{}")
    page.hear_type("error")


def test_an_overdue_console_answers_nobody(site: Site, bob: Member) -> None:
    note_consoles([bob.pk])
    assert presence.is_attended(site)
    ConsoleVisit.objects.update(seen_at=timezone.now() - timedelta(minutes=2))
    assert not presence.is_attended(site)
