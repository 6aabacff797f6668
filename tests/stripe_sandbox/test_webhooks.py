"""B5: events reach the app signed as Stripe signs them, and go wrong as asked."""

import json
import time

import pytest
import stripe

from tests.slack_sandbox.conftest import App, Heard, wait_until
from tests.stripe_sandbox.conftest import HOUR, SECRET, VERSION, Till

PATH = "/stripe/webhook"


def taken(till: Till, heard: Heard, secret: str = SECRET) -> stripe.Event:
    """As the library reads it: signature, age, shape."""
    return till.stripe.construct_event(heard.body, heard.headers["stripe-signature"], secret)


def heard(till: Till) -> list[Heard]:
    till.settled()
    return [one for one in till.app.heard if one.path == PATH]


def types(till: Till) -> list[str]:
    return [json.loads(one.body)["type"] for one in heard(till)]


def fault(till: Till, kind: str, **more: object) -> None:
    till.control("faults", **{"method": "webhooks", "kind": kind, "count": 1, **more})


def test_an_event_arrives_signed_and_once(till: Till) -> None:
    customer = till.customer()
    (one,) = heard(till)
    event = taken(till, one)
    assert (event.type, event.data.object["id"], event.api_version) == (
        "customer.created",
        customer.id,
        VERSION,
    )
    assert event.pending_webhooks == 1
    with pytest.raises(stripe.SignatureVerificationError):
        taken(till, one, "whsec_of_somebody_else")
    with pytest.raises(stripe.SignatureVerificationError):
        till.stripe.construct_event(one.body + b" ", one.headers["stripe-signature"], SECRET)


def test_a_whole_checkout_is_told_in_order(till: Till) -> None:
    till.subscribe()
    assert types(till) == till.told()


def test_a_rolled_secret_signs_beside_the_new_one_for_a_while(till: Till) -> None:
    fresh = till.control("roll_secret", overlap=HOUR)["secret"]
    till.customer()
    (both,) = heard(till)
    assert taken(till, both).id == taken(till, both, fresh).id
    till.advance(2 * HOUR)
    till.customer()
    last = heard(till)[-1]
    taken(till, last, fresh)
    with pytest.raises(stripe.SignatureVerificationError):
        taken(till, last)


def test_what_is_not_taken_is_tried_again(till: Till, billing_app: App) -> None:
    billing_app.answers += [(500, {}), (302, {"location": "/"})]
    till.customer()
    wait_until(lambda: len(till.look("webhooks")["webhooks"]) == 1)
    assert [row.type for row in till.v1.events.list({"delivery_success": False}).data] == ["customer.created"]
    till.advance(5 * 60)
    wait_until(lambda: len(till.look("webhooks")["webhooks"]) == 2)
    till.advance(30 * 60)
    assert types(till) == ["customer.created"] * 3
    assert till.v1.events.list({"delivery_success": False}).data == []
    assert [row["status"] for row in till.look("webhooks")["webhooks"]] == [500, 302, 200]


def test_events_come_twice_late_and_in_another_order(till: Till) -> None:
    fault(till, "duplicate", copies=3, match={"type": "customer.created"})
    customer = till.customer()
    assert types(till) == ["customer.created"] * 3
    fault(till, "reorder", seconds=3, match={"name": "one"})
    for name in ("one", "two", "three"):
        till.v1.customers.update(customer.id, {"name": name})
    names = [json.loads(one.body)["data"]["object"]["name"] for one in heard(till)[3:]]
    assert names == ["two", "one", "three"]
    fault(till, "delay", seconds=0.3, match={"name": "four"})
    till.v1.customers.update(customer.id, {"name": "four"})
    till.v1.customers.update(customer.id, {"name": "five"})
    assert [json.loads(one.body)["data"]["object"]["name"] for one in heard(till)[6:]] == ["five", "four"]


def test_a_lost_event_is_found_by_the_list(till: Till) -> None:
    fault(till, "drop")
    customer = till.customer()
    assert heard(till) == []
    (lost,) = till.v1.events.list({"delivery_success": False, "types": ["customer.*"]}).data
    assert lost.data.object["id"] == customer.id
    till.control("resend", event=lost.id)
    assert types(till) == ["customer.created"]


@pytest.mark.parametrize("kind", ["bad_signature", "old_timestamp", "future_timestamp"])
def test_a_spoiled_signature_is_spoiled_once(till: Till, billing_app: App, kind: str) -> None:
    fault(till, kind)
    billing_app.answers.append((400, {}))
    till.customer()
    wait_until(lambda: len(till.look("webhooks")["webhooks"]) == 1)
    first = billing_app.heard[0]
    if kind == "future_timestamp":  # the library lets it pass; whoever receives it has to look
        at = int(first.headers["stripe-signature"].split(",")[0].removeprefix("t="))
        assert at > time.time() + HOUR
    else:
        with pytest.raises(stripe.SignatureVerificationError):
            taken(till, first)
    till.advance(5 * 60)
    assert taken(till, heard(till)[-1]).type == "customer.created"


def test_another_version_is_told_by_the_body(till: Till) -> None:
    fault(till, "api_version", api_version="2024-06-20")
    till.customer()
    assert json.loads(heard(till)[0].body)["api_version"] == "2024-06-20"


def test_an_endpoint_gets_what_it_asked_for_until_it_is_gone(till: Till, billing_app: App) -> None:
    asked = {"url": f"{billing_app.url}/hook", "enabled_events": ["customer.updated"], "api_version": VERSION}
    made = till.v1.webhook_endpoints.create(asked)
    customer = till.customer()
    till.v1.customers.update(customer.id, {"name": "Acme"})
    till.settled()
    (one,) = [one for one in billing_app.heard if one.path == "/hook"]
    assert taken(till, one, made.secret).type == "customer.updated"
    assert not hasattr(till.v1.webhook_endpoints.retrieve(made.id), "secret")
    till.v1.webhook_endpoints.delete(made.id)
    till.v1.customers.update(customer.id, {"name": "Acme GmbH"})
    till.settled()
    assert len([one for one in billing_app.heard if one.path == "/hook"]) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "app"},
        {"enabled_events": ["customer.vanished"]},
        {"enabled_events": []},
        {"api_version": "2020"},
    ],
)
def test_an_endpoint_that_cannot_be_is_refused(till: Till, wrong: dict[str, object]) -> None:
    asked = {"url": "http://localhost:9/hook", "enabled_events": ["*"], **wrong}
    with pytest.raises(stripe.InvalidRequestError):
        till.v1.webhook_endpoints.create(asked)
