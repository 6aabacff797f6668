"""S20: an owner writes a site's hours and holidays, and after how long who is reminded of a visitor who waits."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Member
from livechat import schedule
from livechat.hours import Hours
from livechat.models import Site
from livechat.schedule import Schedule, SpecialDay
from slackapp.models import Connection, ReminderPlan
from slackapp.reminders import plan_of
from tests.conftest import ClientOf

WEEK = [0, 1, 2, 3, 4]
SOON = (timezone.now() + timedelta(days=30)).date()


def hours_of(site: Site) -> Schedule:
    return schedule.of(Site.unscoped.get(pk=site.pk))


def save_hours(client: Client, site: Site, **fields: Any) -> Any:
    return client.post(reverse("site_hours", args=[site.pk]), fields)


def save(client: Client, site: Site, **fields: Any) -> Any:
    return client.post(reverse("site_reminders_save", args=[site.pk]), fields)


OFFICE = {
    "hours-0-days": WEEK,
    "hours-0-begin": "09:00",
    "hours-0-end": "12:00",
    "hours-1-days": WEEK,
    "hours-1-begin": "13:00",
    "hours-1-end": "00:00",
    "zone": "Europe/Vilnius",
}


# --- hours ------------------------------------------------------------------------------------------------------------


def test_an_owner_writes_hours_and_holidays(client_of: ClientOf, alice: Member, shop: Site) -> None:
    days = {
        "day-0-date": SOON.isoformat(),
        "day-1-date": (SOON + timedelta(days=1)).isoformat(),
        "day-1-begin": "10:00",
        "day-1-end": "12:00",
        "day-2-date": (SOON + timedelta(days=1)).isoformat(),
        "day-2-begin": "13:00",
        "day-2-end": "14:00",
    }
    client = client_of(alice)
    assert save_hours(client, shop, **OFFICE, **days).status_code == 302
    assert hours_of(shop) == Schedule(
        (Hours((0, 1, 2, 3, 4), "09:00", "12:00"), Hours((0, 1, 2, 3, 4), "13:00", "24:00")),
        "Europe/Vilnius",
        (SpecialDay(SOON), SpecialDay(SOON + timedelta(days=1), (("10:00", "12:00"), ("13:00", "14:00")))),
    )
    page = client.get(reverse("site_hours", args=[shop.pk])).content.decode()
    assert f'value="{SOON.isoformat()}"' in page
    assert "Europe/Vilnius time" in page
    assert AuditEntry.objects.in_workspace(alice.workspace).filter(verb="site.hours_changed").count() == 1


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 11, 2, 8, tzinfo=UTC), "Open now, until 12:00."),
        (datetime(2026, 11, 2, 10, 30, tzinfo=UTC), "Closed now. Opens again at 13:00."),
    ],
)
def test_the_page_says_whether_it_is_open(
    client_of: ClientOf,
    alice: Member,
    shop: Site,
    monkeypatch: pytest.MonkeyPatch,
    moment: datetime,
    said: str,
) -> None:
    client = client_of(alice)
    save_hours(client, shop, **OFFICE)
    monkeypatch.setattr("livechat.views.hours.timezone.now", lambda: moment)
    assert said in client.get(reverse("site_hours", args=[shop.pk])).content.decode()


def test_days_that_are_over_are_forgotten(client_of: ClientOf, alice: Member, shop: Site) -> None:
    save_hours(client_of(alice), shop, **{"day-0-date": "2020-12-25", "zone": "UTC"})
    assert hours_of(shop).is_always_open


def test_without_hours_it_is_always_open_again(client_of: ClientOf, alice: Member, shop: Site) -> None:
    client = client_of(alice)
    save_hours(client, shop, **OFFICE)
    save_hours(client, shop, zone="Europe/Vilnius")
    assert hours_of(shop).is_always_open
    assert "Always open." in client.get(reverse("site_hours", args=[shop.pk])).content.decode()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({**OFFICE, "hours-0-end": "08:00"}, "These hours end before they begin"),
        ({**OFFICE, "hours-0-begin": "nine"}, "Write the hours as 09:00"),
        ({"hours-0-begin": "09:00", "hours-0-end": "10:00", "zone": "UTC"}, "Choose the days"),
        ({**OFFICE, "zone": "Mars/Olympus"}, "Choose a time zone"),
        ({"day-0-date": "2026-02-30", "zone": "UTC"}, "Choose the date of a holiday"),
        ({"day-0-begin": "09:00", "day-0-end": "10:00", "zone": "UTC"}, "Choose the date of a holiday"),
        ({"day-0-date": "2030-01-01", "day-0-begin": "09:00", "zone": "UTC"}, "Write the hours as 09:00"),
        ({"day-0-date": "2030-01-01"}, "Choose a time zone"),
    ],
)
def test_what_is_no_time_is_refused_with_the_mend_and_stays_to_be_mended(
    client_of: ClientOf, alice: Member, shop: Site, fields: dict[str, Any], said: str
) -> None:
    answer = save_hours(client_of(alice), shop, **fields)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    for value in fields.values():
        assert not isinstance(value, str) or f'value="{value}"' in page or value == "00:00"
    assert hours_of(shop).is_always_open


# --- reminders --------------------------------------------------------------------------------------------------------


def test_an_owner_chooses_minutes_and_people(
    client_of: ClientOf, alice: Member, bob: Member, shop: Site, connection: Connection
) -> None:
    answer = save(
        client_of(alice),
        shop,
        thread_minutes="2",
        channel_minutes="",
        mention_minutes="10",
        mail_minutes="30",
        people=["T0ACME:U0BOB", "T0GLOBEX:U0MALLORY", "nonsense"],
        members=[str(bob.pk), "nonsense"],
    )
    assert answer.status_code == 302
    plan = ReminderPlan.unscoped.get()
    assert [(str(step), int(wait.total_seconds() / 60)) for step, wait in plan.waits] == [
        ("thread", 2),
        ("mention", 10),
        ("mail", 30),
    ]
    assert (plan.people, plan.members) == (["T0ACME:U0BOB"], [str(bob.pk)])
    assert AuditEntry.objects.in_workspace(alice.workspace).filter(verb="site.reminders_changed").count() == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"thread_minutes": "5", "channel_minutes": "5"}, "Each reminder comes later"),
        ({"thread_minutes": "5", "mail_minutes": "4"}, "Each reminder comes later"),
        ({"thread_minutes": "0"}, "Write whole minutes"),
        ({"thread_minutes": "soon"}, "Write whole minutes"),
        ({"mail_minutes": "10081"}, "Write whole minutes"),
        ({"mention_minutes": "10"}, "Choose whom to mention"),
    ],
)
def test_what_makes_no_ladder_is_refused_with_the_mend(
    client_of: ClientOf, alice: Member, shop: Site, fields: dict[str, str], said: str
) -> None:
    answer = save(client_of(alice), shop, **fields)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not ReminderPlan.unscoped.exists()


def test_the_preview_counts_open_minutes_by_what_stands_in_the_form(
    client_of: ClientOf, alice: Member, shop: Site
) -> None:
    client = client_of(alice)
    save_hours(client, shop, **{**OFFICE, "hours-1-end": "17:00"})
    given = {"thread_minutes": "5", "channel_minutes": "15", "at": "2026-11-06T16:50"}
    page = client.get(reverse("site_reminders_preview", args=[shop.pk]), given).content.decode()
    assert "<dd>16:55</dd>" in page
    assert "<dd>09:05 on Monday 9 November</dd>" in page
    assert not ReminderPlan.unscoped.exists()
    nothing = client.get(reverse("site_reminders_preview", args=[shop.pk])).content.decode()
    assert "Nobody is reminded." in nothing
    wrong = {"thread_minutes": "5", "channel_minutes": "3"}
    assert (
        "comes later" in client.get(reverse("site_reminders_preview", args=[shop.pk]), wrong).content.decode()
    )


def test_the_page_shows_what_holds(client_of: ClientOf, alice: Member, shop: Site) -> None:
    page = client_of(alice).get(reverse("site_reminders", args=[shop.pk])).content.decode()
    assert 'name="thread_minutes" value="5"' in page
    assert 'name="channel_minutes" value="15"' in page
    assert 'name="mail_minutes" value=""' in page
    assert "not connected to Slack yet" in page


# --- who may ----------------------------------------------------------------------------------------------------------


def test_agents_read_and_change_nothing(client_of: ClientOf, bob: Member, shop: Site) -> None:
    client = client_of(bob)
    assert save_hours(client, shop, **OFFICE).status_code == 403
    assert save(client, shop, thread_minutes="1").status_code == 403
    assert client.get(reverse("site_reminders_people", args=[shop.pk])).status_code == 403
    page = client.get(reverse("site_reminders", args=[shop.pk]))
    assert page.status_code == 200
    assert "Save the reminders" not in page.content.decode()
    assert hours_of(shop).is_always_open
    assert not ReminderPlan.unscoped.exists()


def test_mallory_finds_nothing_of_acme(client_of: ClientOf, mallory: Member, shop: Site) -> None:
    client = client_of(mallory)
    assert save_hours(client, shop, **OFFICE).status_code == 404
    assert save(client, shop, thread_minutes="1").status_code == 404
    for name in ("site_reminders", "site_reminders_preview", "site_reminders_people"):
        assert client.get(reverse(name, args=[shop.pk])).status_code == 404
    assert plan_of(shop).thread_minutes == 5
