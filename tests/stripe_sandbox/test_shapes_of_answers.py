"""B3: answers and events carry what the samples of Stripe's own shapes carry, key by key."""

import json
from typing import Any

import pytest
import stripe

from tests.stripe_sandbox.conftest import ASKS_LATER, DAY, FAILS_LATER, HOUR, PAYS, SAMPLES, Till

# what people write themselves, and what only a filled example has
FREE = {"metadata", "evidence", "previous_attributes", "customer_details", "address", "request"}


def differing(wanted: object, given: object, path: str = "") -> list[str]:
    """Keys that one has and the other has not, in everything both have filled in."""
    if isinstance(wanted, dict) and isinstance(given, dict):
        both = wanted.keys() & given.keys()
        found = [f"{path}/{key}" for key in wanted.keys() ^ given.keys()]
        return found + [
            gap for key in both - FREE for gap in differing(wanted[key], given[key], f"{path}/{key}")
        ]
    if isinstance(wanted, list) and isinstance(given, list) and wanted and given:
        return differing(wanted[0], given[0], f"{path}/0")
    return []


def sample(name: str) -> dict[str, Any]:
    return dict(json.loads((SAMPLES / "events" / f"{name}.json").read_text()))


def everything_happens(till: Till) -> dict[str, dict[str, Any]]:
    """The newest event of each type after a busy half year."""
    first = till.subscribe(PAYS)
    till.control("refund", invoice=first.latest_invoice, amount=100)
    dispute = till.control("dispute", invoice=first.latest_invoice)["dispute"]
    till.control("close_dispute", dispute=dispute, status="lost")
    till.control("fraud_warning", invoice=first.latest_invoice)
    late = till.subscribe(ASKS_LATER)
    asked: dict[str, Any] = {"items": [{"id": late.items.data[0].id, "quantity": 5}]}
    asked |= {"proration_behavior": "always_invoice", "payment_behavior": "pending_if_incomplete"}
    assert till.v1.subscriptions.update(late.id, asked).pending_update
    till.advance(DAY)
    till.v1.subscriptions.update(late.id, asked)
    till.control("pay_invoice", invoice=till.sub(late.id).latest_invoice)
    schedule = till.v1.subscription_schedules.create({"from_subscription": first.id})
    phase = schedule.phases[0]
    now = [{"price": "price_sandbox_team_month", "quantity": 3}]
    phases: list[dict[str, Any]] = [
        {"start_date": phase.start_date, "end_date": phase.end_date, "items": now}
    ]
    phases.append({"items": now, "duration": {"interval": "month"}})
    till.v1.subscription_schedules.update(schedule.id, {"phases": phases})
    till.v1.subscription_schedules.release(schedule.id)
    trial = till.trial()
    till.trial(FAILS_LATER)
    till.session(first.customer)
    seen: dict[str, dict[str, Any]] = {}
    for _ in range(3):
        till.advance(14 * DAY + HOUR)
        _collect(till, seen)
    till.control("card", customer=trial.customer)
    till.v1.subscriptions.resume(trial.id)
    till.control("remove_card", method=till.sub(trial.id).default_payment_method)
    till.v1.customers.delete(trial.customer)
    _collect(till, seen)
    return seen


def _collect(till: Till, seen: dict[str, dict[str, Any]]) -> None:
    """Of several the one that was sent last, from before events are too old to be read."""
    for event in reversed(list(till.v1.events.list({"limit": 100}).auto_paging_iter())):
        seen[event.type] = json.loads(str(event))


def test_every_event_has_the_keys_of_its_sample(till: Till) -> None:
    seen = everything_happens(till)
    problems, compared = {}, set()
    for path in sorted((SAMPLES / "events").glob("*.json")):
        kind, _, variant = path.stem.partition("__")
        if kind not in seen or variant in ("paused__trial_end", "trial_end"):
            continue
        given = seen[kind]
        wanted = sample(path.stem)
        compared.add(kind)
        gaps = differing(wanted["data"]["object"], given["data"]["object"])
        gaps += differing({**wanted, "data": {}}, {**given, "data": {}})
        if gaps := [gap for gap in gaps if not gap.startswith("/status_details")]:
            problems[path.stem] = gaps
    assert not problems
    assert len(compared) >= 26, sorted(set(seen) ^ compared)


@pytest.mark.parametrize("name", ["checkout.session.create", "billing_portal.session.create"])
def test_answers_have_the_keys_of_their_samples(till: Till, name: str) -> None:
    wanted = json.loads((SAMPLES / "responses" / f"{name}.json").read_text())
    customer = till.customer().id
    if name.startswith("checkout"):
        made = till.session(customer)
    else:
        made = till.v1.billing_portal.sessions.create({"customer": customer})
    assert differing(wanted["body"], json.loads(str(made))) == []
    assert {header.lower() for header in wanted["headers"]} <= set(made.last_response.headers)


@pytest.mark.parametrize("name", sorted(path.stem for path in (SAMPLES / "responses").glob("error.*")))
def test_errors_have_the_keys_of_their_samples(till: Till, name: str) -> None:
    """Without texts, and without the address of Stripe's page about a code."""
    wanted = json.loads((SAMPLES / "responses" / f"{name}.json").read_text())
    with pytest.raises(stripe.StripeError) as refused:
        provoke(till, name)
    body = json.loads(str(refused.value.http_body))
    assert refused.value.http_status == wanted["status"]
    more = {"doc_url", "message", "param"}
    assert set(wanted["body"]["error"]) - more <= set(body["error"])
    for key in ("type", "code"):
        if (
            name != "error.402_authentication_required"
        ):  # there is one code for a renewal and one for a change
            assert wanted["body"]["error"].get(key) == body["error"].get(key)
    for key, value in wanted["headers"].items():
        if key == "Stripe-Should-Retry":
            assert {k.lower(): v for k, v in (refused.value.headers or {}).items()}[
                "stripe-should-retry"
            ] == value


def provoke(till: Till, name: str) -> None:
    v1 = till.v1
    if name.endswith("idempotency_mismatch"):
        v1.customers.create({"email": "a@acme.example"}, {"idempotency_key": "k"})
        v1.customers.create({"email": "b@acme.example"}, {"idempotency_key": "k"})
    elif name.endswith("400_resource_missing"):
        till.session(till.customer().id, price="price_no")
    elif name.endswith("401_invalid_key"):
        v1.customers.list(None, {"api_key": "sk_test_no"})
    elif "402" in name:
        card = FAILS_LATER if "declined" in name else ASKS_LATER
        subscription = till.trial(card)
        till.advance(14 * DAY + HOUR)
        v1.invoices.pay(till.sub(subscription.id).latest_invoice)
    elif name.endswith("404_resource_missing"):
        v1.subscriptions.retrieve("sub_no")
    else:
        _by_fault(till, name)


def _by_fault(till: Till, name: str) -> None:
    kinds: dict[str, dict[str, object]] = {
        "error.409_idempotency_in_use": {
            "kind": "error",
            "status": 409,
            "error": {"code": "idempotency_key_in_use", "type": "idempotency_error"},
        },
        "error.429_lock_timeout": {"kind": "ratelimit", "code": "lock_timeout"},
        "error.429_rate_limit": {"kind": "ratelimit", "code": "rate_limit"},
        "error.500_api_error": {"kind": "status", "status": 500},
    }
    till.control("faults", method="*", count=1, **kinds[name])
    till.v1.customers.list()
