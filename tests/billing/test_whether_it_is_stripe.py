"""B5: a webhook is believed only with Stripe's signature over its raw bytes, of these five minutes."""

import json
import time
from collections.abc import Callable

import pytest

from billing.signature import NotAuthentic, authentic
from tests.billing.stripe_says import NAMES, OLD_SECRET, SECRET, digest, raw, sample, signed

SECRETS = [SECRET, OLD_SECRET]
EVENT = raw({"id": "evt_1", "object": "event", "type": "invoice.paid"})


@pytest.mark.parametrize("name", NAMES)
def test_every_documented_event_is_believed(name: str) -> None:
    body = raw(sample(name))
    assert authentic(body, signed(body), SECRETS)["type"] == sample(name)["type"]


def good(stamp: int) -> str:
    return digest(EVENT, SECRET, stamp)


@pytest.mark.parametrize(
    "header",
    [
        lambda now: signed(EVENT, OLD_SECRET),
        lambda now: f"t={now},v1={'0' * 64},v1={good(now)}",
        lambda now: f"v0=abc,v1={good(now)},t={now}",
        lambda now: signed(EVENT, at=now - 240),
        lambda now: signed(EVENT, at=now + 200),
    ],
    ids=["the older secret", "one of two", "in another order", "nearly old", "a clock that is ahead"],
)
def test_what_stripe_may_send_is_believed(header: Callable[[int], str]) -> None:
    assert authentic(EVENT, header(int(time.time())), SECRETS)["id"] == "evt_1"


REFUSED: list[tuple[Callable[[int], str | None], str]] = [
    (lambda now: None, "header"),
    (lambda now: "", "header"),
    (lambda now: "nonsense", "signature"),
    (lambda now: "t=abc,v1=def", "signature"),
    (lambda now: f"t={now},v0={good(now)}", "signature"),
    (lambda now: f"t={now + 1},v1={good(now)}", "signature"),
    (lambda now: f"t={now},v1={good(now)[:-1]}", "signature"),
    (lambda now: f"v1={good(now)}", "signature"),
    (lambda now: signed(EVENT, "whsec_of_somebody_else"), "signature"),
    (lambda now: signed(EVENT, ""), "signature"),
    (lambda now: signed(EVENT, at=now - 400), "signature"),
    (lambda now: signed(EVENT, at=now + 400), "timestamp"),
    (lambda now: f"t={now},v1=ünïcode", "header"),
    (lambda now: f"t={now}," + "v1=" + "0" * 3000, "header"),
]


@pytest.mark.parametrize(("header", "word"), REFUSED, ids=range(len(REFUSED)))
def test_everything_else_is_refused(header: Callable[[int], str | None], word: str) -> None:
    with pytest.raises(NotAuthentic, match=word):
        authentic(EVENT, header(int(time.time())), SECRETS)


def test_one_changed_byte_is_refused() -> None:
    with pytest.raises(NotAuthentic, match="signature"):
        authentic(EVENT.replace(b"paid", b"Paid"), signed(EVENT), SECRETS)


def test_without_a_secret_nothing_is_believed() -> None:
    for secrets in ([], [""]):
        with pytest.raises(NotAuthentic, match="signature"):
            authentic(EVENT, signed(EVENT, ""), secrets)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"\xff\xfe", "encoding"),
        (b"", "json"),
        (b"not json", "json"),
        (b"[" * 100_000, "json"),
        (b"[]", "shape"),
        (b'"evt_1"', "shape"),
        (json.dumps({"id": "evt_1", "object": "v2.core.event", "type": "x"}).encode(), "shape"),
        (json.dumps({"id": "1", "object": "event", "type": "x"}).encode(), "shape"),
        (json.dumps({"id": "evt_1", "object": "event", "type": 7}).encode(), "shape"),
    ],
)
def test_junk_with_a_good_signature_is_refused_without_an_error(body: bytes, word: str) -> None:
    with pytest.raises(NotAuthentic, match=word):
        authentic(body, signed(body), SECRETS)
