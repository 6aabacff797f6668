"""B3: a POST under the same key is done once, and what goes wrong on the way goes wrong as asked."""

import threading

import pytest
import stripe

from tests.slack_sandbox.conftest import wait_until
from tests.stripe_sandbox.conftest import DAY, Till, client


def made(till: Till) -> int:
    return len(till.v1.customers.list({"limit": 100}).data)


def create(till: Till, key: str, email: str = "a@acme.example") -> stripe.Customer:
    return till.stripe.v1.customers.create({"email": email}, {"idempotency_key": key})


def test_the_first_answer_comes_again(till: Till) -> None:
    first = create(till, "k")
    again = create(till, "k")
    assert (again.id, made(till)) == (first.id, 1)
    assert till.look("requests")["requests"][1]["replayed"]
    till.advance(DAY + 1)
    assert create(till, "k").id != first.id


def test_a_key_with_other_parameters_is_refused(till: Till) -> None:
    create(till, "k")
    with pytest.raises(stripe.IdempotencyError) as refused:
        create(till, "k", "b@acme.example")
    assert (refused.value.http_status, made(till)) == (400, 1)
    with pytest.raises(stripe.InvalidRequestError):
        create(till, "k" * 256)


def test_a_refused_parameter_leaves_the_key_free(till: Till) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        create(till, "k", "nobody")
    assert create(till, "k").email == "a@acme.example"


def test_a_500_is_kept_and_a_503_is_not(till: Till) -> None:
    till.control("faults", method="customers.create", kind="status", status=500, count=1)
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            create(till, "k")
    till.control("faults", method="customers.create", kind="status", status=503, count=1)
    with pytest.raises(stripe.APIError):
        create(till, "l")
    assert create(till, "l").id
    assert made(till) == 1


def test_two_at_once_under_one_key_are_one(till: Till) -> None:
    till.control("faults", method="customers.create", kind="hang_after_commit", seconds=0.6, count=1)
    slow = threading.Thread(target=create, args=(till, "k"))
    slow.start()
    wait_until(lambda: made(till) == 1)
    with pytest.raises(stripe.APIError) as refused:
        create(till, "k")
    assert refused.value.http_status == 409
    assert refused.value.error is not None
    assert refused.value.error.code == "idempotency_key_in_use"
    slow.join()
    assert create(till, "k").id
    assert made(till) == 1


@pytest.mark.parametrize("kind,count", [("drop_before_commit", 0), ("drop_after_commit", 1), ("garbage", 1)])
def test_a_lost_answer_is_found_again_by_its_key(till: Till, kind: str, count: int) -> None:
    till.control("faults", method="customers.create", kind=kind, count=1)
    with pytest.raises(stripe.StripeError):
        create(till, "k")
    assert made(till) == count
    assert create(till, "k").email == "a@acme.example"
    assert made(till) == 1


def test_the_librarys_own_retries_make_one_customer(till: Till) -> None:
    till.control("faults", method="customers.create", kind="drop_after_commit", count=2)
    patient = client(till.url, max_network_retries=2)
    patient.v1.customers.create({"email": "a@acme.example"})
    assert made(till) == 1


@pytest.mark.parametrize("code", ["rate_limit", "lock_timeout"])
def test_too_many_calls_are_a_429(till: Till, code: str) -> None:
    till.control("faults", method="*", kind="ratelimit", code=code, count=1)
    with pytest.raises(stripe.RateLimitError) as refused:
        till.v1.customers.list()
    assert refused.value.error is not None
    assert refused.value.error.code == code


def test_an_unknown_fault_is_refused_with_the_list(till: Till) -> None:
    assert "drop_after_commit" in till.refused("faults", method="*", kind="flood")
