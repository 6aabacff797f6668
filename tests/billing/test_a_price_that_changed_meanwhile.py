"""B8: whoever agrees to a price is charged that price or less; where it has changed meanwhile they look again first."""

import re
from html import unescape

import pytest
from django.test import Client

from accounts.actions.members import add_member
from accounts.models import Member, Role
from billing import paying
from billing.models import Invoice, Subscription
from tests.billing.test_going_to_pay import pay
from tests.billing.till import Till
from tests.conftest import ClientOf, person

PAGE = "/console/settings/billing/plan/business"
AGAIN = "The price has changed since you saw it"


@pytest.fixture
def browser(till: Till, alice: Member, bob: Member, client_of: ClientOf) -> Client:
    """Alice, whose team of two has Team."""
    pay(till, alice)
    return client_of(alice)


def shown(browser: Client) -> str:
    """What the button on the page stands for."""
    page = browser.get(f"{PAGE}/preview").content.decode()
    (mark,) = re.findall(r'name="seen" value="([^"]*)"', page)
    return str(unescape(mark))


def press(browser: Client, seen: str) -> str:
    return unescape(browser.post(f"{PAGE}/confirm", {"seen": seen}, follow=True).content.decode())


def plan_now(alice: Member) -> tuple[str, int]:
    paying.returned(alice.workspace)
    row = Subscription.objects.get(status="active")
    return row.plan, row.quantity


def test_what_was_seen_is_charged(browser: Client, alice: Member) -> None:
    assert shown(browser) == "now 4000 7000"
    assert "Business is active" in press(browser, shown(browser))
    assert plan_now(alice) == ("business", 2)
    assert sorted(Invoice.objects.values_list("amount_due", flat=True)) == [3000, 4000]


def test_as_the_month_goes_by_less_is_charged_without_another_look(
    till: Till, browser: Client, alice: Member
) -> None:
    seen = shown(browser)
    till.advance(10)
    assert "Business is active" in press(browser, seen)
    assert plan_now(alice) == ("business", 2)


def test_with_a_larger_team_nothing_is_charged_before_another_look(browser: Client, alice: Member) -> None:
    seen = shown(browser)
    add_member(alice.workspace, person("Carol", "carol@acme.example"), Role.AGENT)
    assert AGAIN in press(browser, seen)
    assert plan_now(alice)[0] == "team"
    assert not Invoice.objects.filter(amount_due__gt=3000).exists()
    assert shown(browser) != seen
    assert "Business is active" in press(browser, shown(browser))


def test_what_was_shown_of_a_later_change_is_not_agreed_to_now(
    till: Till, browser: Client, alice: Member
) -> None:
    """Somebody else of the team has gone up and down again meanwhile."""
    for seen in ("period_end 0 7000", "now 0 7000", "now 4000 6999"):
        assert AGAIN in press(browser, seen)
    assert plan_now(alice)[0] == "team"


@pytest.mark.parametrize(
    "odd", ["x", "now", "now 4000", "now -1 7000", "now 9999999999999 7000", "now \u0664000 7000"]
)
def test_what_no_page_of_ours_shows_is_not_agreed_to(browser: Client, alice: Member, odd: str) -> None:
    assert AGAIN in press(browser, odd)
    assert plan_now(alice)[0] == "team"
