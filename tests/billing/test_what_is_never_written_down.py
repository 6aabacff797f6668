"""B3, B5: no card, no key, no address of a payer and no page that lets its holder in stands in a log or a row."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from django.test import RequestFactory
from django.utils import timezone
from django.views.debug import ExceptionReporter
from pytest_django import Settings

from accounts.models import Member, Workspace
from billing import gateway, inbox
from billing.errors import BillingError
from billing.models import Customer, Invoice, StripeEvent, Subscription
from tests import web
from tests.billing.eavesdropping import Ear, at_the_wall, rows
from tests.billing.saying import Saying
from tests.billing.stripe_says import OLD_SECRET, SECRET, raw, sample, signed
from tests.billing.till import ASKS_AT_RENEWALS, KEY, PAYS, Till, known_as
from tests.conftest import ClientOf
from tests.serving import Served

PAYER, NAME, CODE = "canary.payer@bills.example", "Canary Payer & Sons", "9137"
DECLINED = "4000000000000002"
CARDS = (PAYS, DECLINED, ASKS_AT_RENEWALS, "4242 4242 4242 4242")
PAGES = re.compile(r"/c/pay/\w|/p/session/\w|/i/\w*in_|/3ds/\w|(?:pi|seti)_\w+_secret_\w+")


@pytest.fixture
def ear() -> Iterator[Ear]:
    with at_the_wall() as ear:
        yield ear


@pytest.fixture
def customer(till: Till, alice: Member) -> Customer:
    found = till.v1.customers.create({"email": PAYER, "name": NAME})
    return known_as(alice, found.id)


def nothing_in(text: str, *more: str) -> None:
    for canary in (*CARDS, KEY, SECRET, OLD_SECRET, PAYER, NAME, *more):
        assert canary not in text, f"{canary} stands in {around(text, canary)}"
    page = PAGES.search(text)
    assert page is None, around(text, page[0])


def around(text: str, word: str) -> str:
    return text[max(0, text.index(word) - 300) : text.index(word) + 100]


def nothing_anywhere(ear: Ear, capfd: pytest.CaptureFixture[str]) -> None:
    assert ear.heard, "nobody said anything"
    nothing_in(ear.text())
    nothing_in(rows())
    printed = capfd.readouterr()
    nothing_in(printed.out + printed.err)


def type_a_card(till: Till, customer: Customer, price: str, card: str) -> httpx.Response:
    """As somebody does in Checkout, whose page has its own form and server."""
    session = till.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "customer": customer.stripe_customer_id,
            "line_items": [{"price": price, "quantity": 2}],
            "success_url": "http://localhost:8000/done",
        }
    )
    form = {"act": "pay", "email": PAYER, "name": NAME, "country": "DE", "card": card, "cvc": CODE}
    return web.post(session.url, data={**form, "expires": "12 / 41"}, follow_redirects=False)


def test_of_a_life_with_its_payments_nothing_is_written_down(
    till: Till, customer: Customer, prices: dict[str, str], ear: Ear, capfd: pytest.CaptureFixture[str]
) -> None:
    assert type_a_card(till, customer, prices["team"], DECLINED).status_code == 402
    assert type_a_card(till, customer, prices["team"], ASKS_AT_RENEWALS).status_code == 303
    till.settled()
    inbox.work()
    subscription = Subscription.objects.get(status="active")
    till.v1.invoices.retrieve(subscription.latest_invoice_id, {"expand": ["confirmation_secret", "payments"]})
    till.v1.billing_portal.sessions.create(
        {"customer": customer.stripe_customer_id, "return_url": "http://localhost:8000/"}
    )
    till.advance(31.2)
    till.hushed()
    inbox.find_missed()
    StripeEvent.objects.update(due_at=timezone.now())
    inbox.work()
    assert Subscription.objects.filter(status="past_due").count() == 1
    assert "urllib3" in ear.text(), "who carries the calls is heard, too"
    nothing_anywhere(ear, capfd)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 401},
        {"kind": "ratelimit"},
        {"kind": "garbage"},
        {"kind": "drop_before_commit"},
        {"kind": "error", "status": 402, "error": {
            "type": "card_error", "code": "card_declined", "message": f"{PAYER}'s card {PAYS} was declined: {KEY}"}},
        {"kind": "error", "status": 400, "error": {
            "type": "invalid_request_error", "message": f"No such customer {PAYER}, nor key {KEY}"}},
    ],
    ids=["500", "401", "429", "garbage", "dropped", "declined", "refused"],
)  # fmt: skip
def test_of_stripes_errors_only_their_kind_is(
    till: Till, customer: Customer, fault: dict[str, Any], ear: Ear, capfd: pytest.CaptureFixture[str]
) -> None:
    till.settled()
    till.act("faults", method="customers.retrieve", count=1000, **fault)
    inbox.work()
    till.http.delete("/_control/faults")
    row = StripeEvent.objects.first()
    assert row is not None
    assert (row.state, row.attempts) == ("new", 1)
    nothing_in(f"{row.problem} {row!r}")
    nothing_anywhere(ear, capfd)


def test_of_a_wrong_key_neither_it_nor_the_right_one_is(
    till: Till, customer: Customer, settings: Settings, ear: Ear, capfd: pytest.CaptureFixture[str]
) -> None:
    till.settled()
    settings.STRIPE_SECRET_KEY = "sk_test_a_canary_of_another_account"
    gateway.client.cache_clear()
    inbox.work()
    nothing_anywhere(ear, capfd)
    nothing_in(ear.text(), "canary_of_another")


def test_of_what_is_refused_at_the_door_only_the_reason_is(
    server: Served, ear: Ear, capfd: pytest.CaptureFixture[str]
) -> None:
    event = sample("checkout.session.completed__paid")
    event["data"]["object"]["customer_details"] |= {"email": PAYER, "name": NAME}
    event["data"]["object"]["url"] = "https://checkout.stripe.com/c/pay/cs_test_canary"
    good = raw(event)
    headers = [signed(good), signed(good, "whsec_of_globex"), signed(good, at=0), "t=1,v1=00", SECRET, ""]
    bodies = [good, raw(event | {"api_version": "2019-12-03"}), raw(event | {"livemode": True}), good[:-9]]
    for body in bodies:
        for header in [*headers, signed(body)]:
            answer = web.post(
                f"{server.url}/stripe/webhook", content=body, headers={"Stripe-Signature": header}
            )
            nothing_in(answer.text + str(answer.headers))
    assert StripeEvent.objects.count() == 1
    nothing_anywhere(ear, capfd)


def test_what_cannot_be_read_is_told_without_what_it_was(
    saying: Saying, alice: Member, db: None, ear: Ear, capfd: pytest.CaptureFixture[str]
) -> None:
    """A traceback that shows the values of a frame would show Stripe's whole answer."""
    payer = sample("customer.created")["data"]["object"] | {"email": PAYER, "name": NAME}
    broken = sample("customer.subscription.updated__renewed")["data"]["object"] | {"items": PAYER}
    saying.has(payer, broken)
    known_as(alice, payer["id"])
    now = timezone.now()
    StripeEvent.objects.create(
        id="evt_1", type="invoice.paid", stripe_customer_id=payer["id"], created_at=now, due_at=now
    )
    inbox.work()
    assert "could not be read" in ear.text()
    nothing_anywhere(ear, capfd)


def test_errors_say_their_kind_and_no_more(till: Till, settings: Settings) -> None:
    with pytest.raises(BillingError) as raised:
        gateway.look("cus_of_nobody")
    error = raised.value
    nothing_in(f"{error} {error!r} {error.args} {error.__dict__}")
    assert error.__cause__ is None
    nothing_in(repr(gateway.client()) + repr(settings) + repr(Customer(workspace=Workspace(name="Acme"))))


@pytest.mark.parametrize("debug", [True, False])
def test_an_error_page_of_the_server_masks_its_keys(
    paid_for: Settings, rf: RequestFactory, debug: bool
) -> None:
    paid_for.DEBUG = debug
    paid_for.STRIPE_LIVEMODE = False
    request = rf.post(
        "/stripe/webhook", b"{}", "application/json", headers={"Stripe-Signature": signed(b"{}")}
    )
    with suppress(ZeroDivisionError):
        _ = 1 / 0
    page = ExceptionReporter(request, ZeroDivisionError, ZeroDivisionError("x"), None)
    nothing_in(page.get_traceback_html() + page.get_traceback_text())


def test_of_buying_changing_and_leaving_on_our_pages_nothing_is(
    till: Till, alice: Member, client_of: ClientOf, ear: Ear, capfd: pytest.CaptureFixture[str]
) -> None:
    """Every button of the billing pages; the card is typed at Stripe's, as a browser does."""
    type(alice.user).objects.filter(pk=alice.user_id).update(email=None)
    alice.user.refresh_from_db()
    browser, page = client_of(alice), "/console/settings/billing"
    checkout = browser.post(f"{page}/plan/team/buy")["Location"]
    form = {"act": "pay", "email": PAYER, "name": NAME, "country": "DE", "cvc": CODE, "expires": "12 / 41"}
    assert web.post(checkout, data={**form, "card": DECLINED}, follow_redirects=False).status_code == 402
    assert web.post(checkout, data={**form, "card": PAYS}, follow_redirects=False).status_code == 303
    till.settled()
    for path in ("/return", "/return/state", "", "/stripe", "/plan/business", "/plan/business/preview"):
        assert browser.get(f"{page}{path}").status_code == 200, path
    bill = Invoice.objects.exclude(status="void").order_by("-stripe_created").first()
    assert bill is not None
    assert till.url in browser.get(f"{page}/invoices/{bill.pk}")["Location"]
    till.act(
        "faults",
        method="subscriptions.update",
        kind="error",
        status=402,
        count=1,
        error={
            "type": "card_error",
            "code": "card_declined",
            "message": f"The card {PAYS} of {PAYER} was declined.",
        },
    )
    for deed in ("/plan/business/confirm", "/plan/business/confirm", "/portal", "/cancel/confirm", "/resume"):
        assert browser.post(f"{page}{deed}").status_code == 302, deed
    inbox.work()
    assert Subscription.objects.get(status="active").plan == "business"
    nothing_anywhere(ear, capfd)
