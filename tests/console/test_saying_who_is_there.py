"""S21: a person says that a site is online or away, which comes before clock and people, until it ends."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.access import agent_of
from accounts.errors import Refused
from accounts.models import AuditEntry, Member
from livechat import presence, standing
from livechat.actions import forcing
from livechat.actions.presence import note_asked, note_consoles, review
from livechat.hours import Hours
from livechat.models import Availability, Site
from livechat.schedule import Schedule
from livechat.standing import Standing, Why
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
ALWAYS = tuple(range(7))


def say(client_of: ClientOf, who: Member, site: Site, **said: str) -> str:
    """The page that answers, as text."""
    answer = client_of(who).post(f"/console/sites/{site.id}/availability", said, follow=True)
    site.refresh_from_db()
    return answer.content.decode()


def closed_now(site: Site) -> None:
    tomorrow = (timezone.now() + timedelta(days=2)).weekday()
    site.schedule = Schedule((Hours((tomorrow,), "09:00", "17:00"),), "UTC").row()
    site.save()


def test_the_order_in_which_things_count(shop: Site, bob: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    assert presence.standing(shop) == Standing(False, Why.NOBODY)
    monkeypatch.setattr(presence, "carriers", [lambda site: True])
    assert presence.standing(shop) == Standing(True, Why.CARRIED)
    note_consoles([bob.pk])
    assert presence.standing(shop) == Standing(True, Why.CONSOLE)
    closed_now(shop)
    assert presence.standing(shop) == Standing(False, Why.HOURS)
    forcing.force(shop, True, agent_of(bob), Site.Where.SLACK)
    assert presence.standing(shop) == Standing(True, Why.SAID)
    forcing.let_go(shop, agent_of(bob))
    assert presence.standing(shop) == Standing(False, Why.HOURS)


def test_an_agent_says_away_and_everybody_reads_who_said_it(
    client_of: ClientOf, alice: Member, bob: Member, shop: Site
) -> None:
    assert "Visitors of" in say(client_of, bob, shop, said="away", lasts="")
    assert (shop.forced_online, shop.forced_until, shop.forced_in) == (False, None, "console")
    page = client_of(alice).get(f"/console/sites/{shop.id}/hours").content.decode()
    assert "Bob said so in the console, until it is changed." in page
    assert (
        AuditEntry.objects.in_workspace(shop.workspace).filter(verb="site.said_away", actor=bob.user).exists()
    )


def test_what_was_said_for_a_while_ends_by_itself(client_of: ClientOf, bob: Member, shop: Site) -> None:
    say(client_of, bob, shop, said="online", lasts="30")
    assert presence.is_online(shop)
    assert presence.standing(shop) == Standing(True, Why.SAID)
    shop.forced_until = timezone.now() - timedelta(seconds=1)
    shop.save()
    assert presence.standing(shop) == Standing(False, Why.NOBODY)
    assert not presence.is_attended(shop)


def test_automatic_takes_it_back(client_of: ClientOf, bob: Member, shop: Site) -> None:
    say(client_of, bob, shop, said="online", lasts="60")
    assert "Hours and people decide again" in say(client_of, bob, shop, said="auto")
    assert (shop.forced_online, shop.forced_until, shop.forced_by, shop.forced_in) == (None, None, None, "")


def test_the_last_word_counts(shop: Site, alice: Member, bob: Member) -> None:
    forcing.force(shop, True, agent_of(bob), Site.Where.SLACK, timezone.now() + timedelta(hours=1))
    forcing.force(shop, False, agent_of(alice), Site.Where.CONSOLE)
    shop.refresh_from_db()
    assert (shop.forced_online, shop.forced_until, str(shop.forced_by)) == (False, None, "Alice")


def test_open_widgets_are_told_at_once_and_again_when_it_is_over(shop: Site, bob: Member) -> None:
    note_asked([shop.pk])
    forcing.force(shop, True, agent_of(bob), Site.Where.SLACK, timezone.now() + timedelta(hours=1))
    assert Availability.objects.get().is_online
    Site.unscoped.update(forced_until=timezone.now() - timedelta(seconds=1))
    review()
    assert not Availability.objects.get().is_online


@pytest.mark.parametrize("wrong", [{"said": "maybe"}, {}, {"said": "away", "lasts": "7"}])
def test_what_the_form_does_not_offer_changes_nothing(
    client_of: ClientOf, bob: Member, shop: Site, wrong: dict[str, str]
) -> None:
    assert "Choose online, away or automatic" in say(client_of, bob, shop, **wrong)
    assert shop.forced_online is None


@pytest.mark.parametrize("until", [timedelta(seconds=-1), timedelta(days=91)])
def test_a_moment_that_is_over_or_far_away_is_refused(shop: Site, bob: Member, until: timedelta) -> None:
    with pytest.raises(Refused):
        forcing.force(shop, True, agent_of(bob), Site.Where.SLACK, timezone.now() + until)
    shop.refresh_from_db()
    assert shop.forced_online is None


def test_a_viewer_reads_it_and_may_not_say_so(client_of: ClientOf, victor: Member, shop: Site) -> None:
    assert (
        client_of(victor).post(f"/console/sites/{shop.id}/availability", {"said": "away"}).status_code == 403
    )
    page = client_of(victor).get(f"/console/sites/{shop.id}/hours").content.decode()
    assert "Save the availability" not in page
    assert "Nobody is active in Slack" in page


def test_strangers_find_nothing(client_of: ClientOf, mallory: Member, shop: Site) -> None:
    answer = client_of(mallory).post(f"/console/sites/{shop.id}/availability", {"said": "away"})
    assert answer.status_code == 404
    shop.refresh_from_db()
    assert shop.forced_online is None


def test_it_is_said_by_the_sites_own_clock(shop: Site, bob: Member) -> None:
    now = timezone.now().replace(hour=8, minute=0)
    shop.schedule = Schedule((Hours(ALWAYS, "00:00", "24:00"),), "Asia/Tokyo").row()
    forcing.force(shop, False, agent_of(bob), Site.Where.SLACK)
    shop.forced_until = now.replace(hour=9)
    said = standing.words(shop, Standing(False, Why.SAID), now)
    assert said == "Bob said so in Slack, until 18:00 JST."
