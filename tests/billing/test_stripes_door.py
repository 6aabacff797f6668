"""B5: what Stripe tells is recorded once and answered at once; what is not from Stripe leaves nothing."""

from typing import Any

import httpx
import pytest
from pytest_django import Settings

from billing.models import StripeEvent
from tests import web
from tests.billing.stripe_says import NAMES, raw, sample, signed
from tests.serving import Served


def send(server: Served, event: Any, **headers: str) -> httpx.Response:
    body = event if isinstance(event, bytes) else raw(event)
    return web.post(
        f"{server.url}/stripe/webhook", content=body, headers={"Stripe-Signature": signed(body)} | headers
    )


def test_every_documented_event_is_recorded_once(server: Served) -> None:
    for name in [*NAMES, *NAMES]:
        assert send(server, sample(name)).status_code == 200
    assert set(StripeEvent.objects.values_list("pk", flat=True)) == {sample(name)["id"] for name in NAMES}


def test_whose_it_is_and_nothing_of_what_it_says(server: Served) -> None:
    event = sample("invoice.payment_failed__first_try")
    send(server, event)
    row = StripeEvent.objects.values().get()
    assert row["stripe_customer_id"] == "cus_SampleAcme001"
    assert (row["object_id"], row["state"]) == ("in_SampleCycle002", "new")
    assert "owner@acme.example" not in str(row)
    assert "Acme GmbH" not in str(row)


def test_of_a_customer_its_own_id_is_taken(server: Served) -> None:
    send(server, sample("customer.deleted"))
    assert StripeEvent.objects.get().stripe_customer_id == "cus_SampleAcme001"


def test_a_bad_signature_stores_nothing(server: Served) -> None:
    assert send(server, sample("invoice.created"), **{"Stripe-Signature": "t=1,v1=00"}).status_code == 400
    assert not StripeEvent.objects.exists()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"api_version": "2019-12-03"}, "2026-10-28.endive"),
        ({"api_version": None}, "2026-10-28.endive"),
        ({"livemode": True}, "test key"),
        ({"livemode": "false"}, "test key"),
    ],
)
def test_another_version_or_mode_is_refused_with_what_to_do(
    server: Served, change: dict[str, Any], word: str
) -> None:
    answer = send(server, sample("invoice.created") | change)
    assert (answer.status_code, word in answer.text) == (400, True)
    assert not StripeEvent.objects.exists()


def test_an_event_of_somebody_elses_account_is_let_go(server: Served) -> None:
    assert send(server, sample("invoice.created") | {"account": "acct_other"}).status_code == 200
    assert not StripeEvent.objects.exists()


def test_odd_insides_are_recorded_as_of_nobody(server: Served) -> None:
    for number, data in enumerate(({}, {"object": []}, {"object": {"id": 7, "customer": {"id": None}}})):
        event = sample("invoice.created") | {"id": f"evt_odd{number}", "data": data, "created": "yesterday"}
        assert send(server, event).status_code == 200
    assert set(StripeEvent.objects.values_list("stripe_customer_id", "object_id")) == {("", "")}


def test_other_ways_in_are_refused(server: Served) -> None:
    assert web.get(f"{server.url}/stripe/webhook").status_code == 405
    assert send(server, b"x" * 1_100_000).status_code == 413


def test_without_keys_nobody_comes_in(server: Served, settings: Settings) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = []
    assert send(server, sample("invoice.created")).status_code == 400


def test_the_log_says_no_secret_and_no_address(server: Served, caplog: pytest.LogCaptureFixture) -> None:
    send(server, sample("invoice.payment_failed__first_try"))
    send(server, sample("invoice.created"), **{"Stripe-Signature": "t=1,v1=00"})
    send(server, sample("invoice.created") | {"livemode": True})
    for canary in ("whsec_", "sk_test", "owner@acme.example", "Acme GmbH"):
        assert canary not in caplog.text
