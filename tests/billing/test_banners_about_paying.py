"""B6: whoever manages billing reads on every page of the console what is wrong, and the way to mend it is one click."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Member
from billing import banners
from billing.actions import beginning
from billing.models import Customer, Invoice
from tests.billing.test_keeping_in_step_with_stripe import catch_up
from tests.billing.till import ASKS_AT_RENEWALS, FAILS_LATER, Till
from tests.conftest import ClientOf

NOW = timezone.now()
PAY, PAGE = "/console/settings/billing/pay", "/console/settings/billing"


def standing(**columns: Any) -> Customer:
    return Customer(**columns)


def in_days(days: float) -> datetime:
    return NOW + timedelta(days=days)


@pytest.mark.parametrize(
    ("customer", "words", "address"),
    [
        (standing(why="trial", settle_at=in_days(2.5)), "The trial ends in 2 days", PAGE),
        (standing(why="trial", settle_at=in_days(0.5)), "The trial ends today or tomorrow", PAGE),
        (
            standing(why="grace", bill_id="in_1", bill_needs_action=True, settle_at=in_days(14)),
            "Your bank wants you to confirm the last payment.",
            PAY,
        ),
        (standing(why="grace", bill_id="in_1", settle_at=in_days(14)), "did not go through", PAGE),
        (
            standing(why="grace", plan="team", settle_at=in_days(14)),
            "Something is wrong with how Team is paid",
            PAGE,
        ),
        (standing(why="overdue", bill_id="in_1"), "The last payment is overdue", PAGE),
        (standing(why="overdue", bill_id="in_1", bill_needs_action=True), "overdue", PAY),
        (standing(why="paused"), "Your plan is paused", PAGE),
        (
            standing(why="paid", plan="team", leaves_at=in_days(5)),
            "Team is cancelled and ends in 5 days",
            PAGE,
        ),
        (standing(why="paid", plan="team", bill_id="in_1"), "waits until its payment is confirmed", PAY),
    ],
)
def test_what_is_wrong_stands_there_with_the_way_to_mend_it(
    customer: Customer, words: str, address: str
) -> None:
    banner = banners.of(customer, NOW)
    assert banner is not None
    assert words in banner.words
    assert banner.address == address
    assert banner.link


@pytest.mark.parametrize(
    "customer",
    [
        standing(),
        standing(why="no_plan", plan="free"),
        standing(why="trial", settle_at=in_days(4)),
        standing(why="paid", plan="team"),
        standing(why="paid", plan="team", leaves_at=in_days(20)),
        standing(why="paid", plan="team", leaves_at=in_days(-1)),
    ],
)
def test_who_has_nothing_to_do_reads_nothing(customer: Customer) -> None:
    assert banners.of(customer, NOW) is None


@pytest.mark.parametrize("why", ["overdue", "paused"])
def test_others_read_that_something_stopped_and_nothing_of_money(why: str) -> None:
    banner = banners.for_others(standing(why=why, bill_id="in_1", bill_needs_action=True))
    assert banner is not None
    assert (banner.link, banner.address) == ("", "")
    assert "pay" not in banner.words.lower()


@pytest.mark.parametrize("why", ["trial", "paid", "grace", "no_plan", ""])
def test_others_are_not_bothered_with_what_goes_on(why: str) -> None:
    assert banners.for_others(standing(why=why, settle_at=in_days(1), leaves_at=in_days(1))) is None


@pytest.mark.django_db
def test_where_nothing_is_sold_no_page_asks_about_it(alice: Member, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert banners.tell(alice) == []


def test_a_page_asks_once(paid_for: object, alice: Member, django_assert_num_queries: Any) -> None:
    beginning.begin(alice.workspace_id)
    alice.workspace.refresh_from_db()
    with django_assert_num_queries(1):
        assert banners.tell(alice) == []


# --- the way to the bank ------------------------------------------------------------------------------------------


@pytest.fixture
def asked(till: Till, alice: Member, prices: dict[str, str]) -> Customer:
    """Acme's bank has asked about its renewal."""
    customer = beginning.begin(alice.workspace_id)
    found = till.v1.customers.create({"name": "Acme"})
    Customer.unscoped.filter(pk=customer.pk).update(stripe_customer_id=found.id)
    customer.refresh_from_db()
    till.subscribe(customer, prices["team"], card=ASKS_AT_RENEWALS)
    till.advance(31.2)
    catch_up(till)
    return customer


def test_from_the_banner_to_the_bank_and_back_to_nothing_wrong(
    till: Till, asked: Customer, client_of: ClientOf, alice: Member
) -> None:
    client = client_of(alice)
    page = client.get("/console/sites").content.decode()
    assert f'<a href="{PAY}">Confirm payment</a>' in page
    bill = Invoice.objects.get(status="open")
    answer = client.get(PAY)
    assert (answer.status_code, answer["Location"]) == (302, f"{till.url}/i/{bill.pk}")
    assert "no-store" in answer["Cache-Control"]
    assert till.url not in page
    till.act("pay_invoice", invoice=bill.pk, challenge="pass")
    catch_up(till)
    assert "Confirm payment" not in client.get("/console/sites").content.decode()
    assert client.get(PAY)["Location"] == PAGE


def test_a_last_try_that_failed_for_another_reason_is_no_question_of_the_bank(
    till: Till, asked: Customer
) -> None:
    assert Customer.unscoped.get(pk=asked.pk).bill_needs_action
    till.act("card", customer=asked.stripe_customer_id, card=FAILS_LATER)
    till.advance(4)
    catch_up(till)
    asked.refresh_from_db()
    assert (asked.why, bool(asked.bill_id), asked.bill_needs_action) == ("grace", True, False)


def test_while_stripe_is_away_the_way_leads_back_with_a_word(
    till: Till, asked: Customer, client_of: ClientOf, alice: Member
) -> None:
    till.act("faults", method="invoices.retrieve", kind="status", status=500, count=10)
    answer = client_of(alice).get(PAY)
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    till.http.delete("/_control/faults")


def test_neither_mallory_nor_an_agent_gets_to_it(
    till: Till, asked: Customer, client_of: ClientOf, bob: Member, mallory: Member
) -> None:
    refused(client_of(bob))
    assert client_of(mallory).get(PAY)["Location"] == PAGE
    assert "Confirm payment" not in client_of(mallory).get("/console/sites").content.decode()
    assert "Confirm payment" not in client_of(bob).get("/console/sites").content.decode()
    assert Client().get(PAY)["Location"].startswith("/accounts/login")


def refused(client: Client) -> None:
    assert client.get(PAY).status_code == 403
    assert client.post(PAY).status_code == 405
