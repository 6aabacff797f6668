"""B3: whatever is sent to whichever endpoint, the answer is Stripe's: done, or refused with a reason, never a crash."""

import random
from typing import Any

import httpx

from stripe_sandbox.params import Meta, Or, Range, Ref, Text
from stripe_sandbox.server import ENDPOINTS
from tests.stripe_sandbox.conftest import KEY, T0, VERSION, Till

HEADERS = {"Authorization": f"Bearer {KEY}", "Stripe-Version": VERSION}
CALLS = 400
WORDS = ["", "a", "now", "x@y.example", "https://acme.example", "cancel", "ü" * 3]
NUMBERS = [-1, 0, 1, 3, 14, T0 - 5, T0 + 3600, T0 + 40 * 86400]


class Dice:
    """Form fields that mostly fit an endpoint's shape."""

    def __init__(self, till: Till, seed: int) -> None:
        self.random = random.Random(seed)
        self.till = till
        self.known: dict[str, list[str]] = {}
        self.look()

    def look(self) -> None:
        kept = self.till.look("state")
        self.known = {
            kind: [row["id"] for row in rows] for kind, rows in kept.items() if isinstance(rows, list)
        }

    def of(self, kind: str) -> str:
        return self.random.choice([*self.known.get(kind, []), "xx_0"])

    def fields(self, shape: Any, name: str) -> dict[str, str]:
        if isinstance(shape, Or):
            return {name: ""} if self.random.random() < 0.2 else self.fields(shape.shape, name)
        if isinstance(shape, dict):
            return self.form(shape, name)
        if isinstance(shape, list):
            several = range(self.random.randint(0, 2))
            return {k: v for n in several for k, v in self.fields(shape[0], f"{name}[{n}]").items()}
        if isinstance(shape, Meta):
            return {f"{name}[org_id]": self.random.choice(WORDS)}
        return {name: self.value(shape)}

    def value(self, shape: Any) -> str:
        if self.random.random() < 0.03:
            return self.random.choice(WORDS)
        if isinstance(shape, Ref):
            return self.of(shape.kind)
        if isinstance(shape, tuple):
            return str(self.random.choice(shape))
        if shape is bool:
            return self.random.choice(["true", "false"])
        if shape in (int, float) or isinstance(shape, Range):
            return str(self.random.choice(NUMBERS))
        assert shape is str or isinstance(shape, Text)
        ids = [self.of(kind) for kind in ("subscription_item", "subscription", "customer", "coupon")]
        return self.random.choice([*WORDS, *ids])

    def form(self, shape: Any, within: str = "") -> dict[str, str]:
        made: dict[str, str] = {}
        for name, part in shape.items():
            if name == "expand" or (not name.endswith("!") and self.random.random() < 0.6):
                continue
            bare = name.rstrip("!")
            made |= self.fields(part, f"{within}[{bare}]" if within else bare)
        return made


def test_no_call_crashes(till: Till) -> None:
    till.subscribe()
    till.trial()
    dice = Dice(till, 7)
    answers: dict[int, int] = {}
    for number in range(CALLS):
        one = dice.random.choice(list(ENDPOINTS.values()))
        kind = {"checkout": "checkout.session", "billing_portal": "billing_portal.configuration"}
        family = one.path.split("/")[2]
        path = one.path.replace("{id}", dice.of(kind.get(family, family.removesuffix("s"))))
        form = dice.form(one.shape)
        asked = {"data": form} if one.verb == "POST" else {"params": form}
        answer: httpx.Response = till.http.request(one.verb, till.url + path, headers=HEADERS, **asked)  # type: ignore[arg-type]
        assert answer.status_code < 500, (one.name, form, till.look("requests")["requests"][-1])
        answers[answer.status_code] = answers.get(answer.status_code, 0) + 1
        if number % 20 == 0:
            till.advance(dice.random.choice([3600, 86400, 10 * 86400]))
            dice.look()
    assert answers[200] > CALLS / 5
    assert answers[400] > 20
