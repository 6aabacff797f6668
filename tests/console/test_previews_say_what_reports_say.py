"""C6, S17: the numbers of a link's preview are those of the page of reports."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Member
from livechat.actions.sites import create_site
from livechat.models import ChatFigures, Site
from slackapp.previews import numbers
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db


def test_a_preview_and_the_page_of_the_same_days_agree(
    client_of: ClientOf, alice: Member, mallory: Member, shop: Site, foreign_shop: Site
) -> None:
    other, today = create_site(alice, "Other shop"), timezone.now().date()
    told = [
        (shop, 0, 30),
        (shop, 6, 61),
        (shop, 6, None),
        (other, 1, 4000),
        (shop, 7, 9),
        (foreign_shop, 1, 5),
    ]
    for site, ago, answered in told:
        day = today - timedelta(days=ago)
        ChatFigures.unscoped.create(site=site, day=day, slot=0, answered_in=answered, answered_in_hours=1)
    browser = client_of(alice)
    for chosen in (None, shop, other):
        page = browser.get("/console/reports", {"period": "7", "site": str(chosen.pk) if chosen else ""})
        total = page.context["report"].total
        seconds = timedelta(seconds=total.first_answer)
        of = numbers.of_days(alice.workspace, chosen)
        assert of == numbers.OfDays(total.chats, total.answered, seconds)
    assert numbers.of_days(alice.workspace) == numbers.OfDays(4, 3, timedelta(seconds=61))
    assert numbers.of_days(mallory.workspace) == numbers.OfDays(1, 1, timedelta(seconds=5))


def test_a_site_that_was_removed_without_a_chat_has_none(alice: Member, shop: Site) -> None:
    Site.unscoped.filter(pk=shop.pk).update(removed_at=timezone.now())
    assert numbers.of_days(alice.workspace, shop) == numbers.OfDays(0, 0, None)
