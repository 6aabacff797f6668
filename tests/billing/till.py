"""Stripe on the wire for these tests: the sandbox as a process, and what a test asks of it."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from accounts.models import Member
from billing import gateway
from billing.models import Customer
from billing.plans import PLANS
from house.children import free_port
from tests.billing.stripe_says import SECRET

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk_test_tests"
START = 1_798_761_600  # 2027-01-01T00:00:00Z
DAY = 86_400
PAYS, ASKS_AT_RENEWALS, FAILS_LATER = "4242424242424242", "4000003800000446", "4000000000000341"
Json = dict[str, Any]


def known_as(member: Member, stripe_customer_id: str) -> Customer:
    """Their workspace as somebody who goes by this id at Stripe, and whose trial is long over."""
    return Customer.unscoped.update_or_create(
        workspace=member.workspace,
        defaults={"stripe_customer_id": stripe_customer_id, "trial_ends_at": None, "settle_at": None},
    )[0]


class Till:
    """`app_url` is where it sends its events."""

    def __init__(self, app_url: str) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.http = httpx.Client(base_url=self.url, timeout=10)
        command = [sys.executable, "-m", "stripe_sandbox", "--port", str(port), "--app-url", app_url]
        command += ["--public-url", self.url, "--start", str(START), "--clock", "1000", "--quiet"]
        command += ["--secret-key", KEY, "--webhook-secret", SECRET]
        self.process = subprocess.Popen(command, cwd=ROOT, env={**os.environ})

    def start(self) -> "Till":
        for _ in range(500):
            try:
                if self.http.get("/healthz").status_code == 200:
                    return self
            except httpx.TransportError:
                time.sleep(0.02)
        raise AssertionError("the sandbox did not start")

    def stop(self) -> None:
        self.http.close()
        self.process.terminate()
        self.process.wait(10)

    def act(self, deed: str, **asked: object) -> Json:
        answer: Json = self.http.post(f"/_control/{deed}", json=asked).json()
        assert answer["ok"], answer
        return answer

    def look(self, what: str) -> Json:
        return dict(self.http.get(f"/_control/{what}").json())

    @property
    def v1(self) -> Any:
        """The product's own client; untyped, as tests make what production only reads."""
        return gateway.client().v1

    def prices(self) -> dict[str, str]:
        """The id of each price by the plan's key: its catalogue has our plans from the start."""
        keys = {plan.price.lookup_key: plan.key for plan in PLANS if plan.price is not None}
        found = self.v1.prices.list({"lookup_keys": list(keys)}).data
        return {keys[price.lookup_key]: price.id for price in found}

    def subscribe(self, customer: Customer, price: str, seats: int = 2, card: str = PAYS) -> None:
        """Through Checkout, as everybody subscribes."""
        session = self.v1.checkout.sessions.create(
            {
                "mode": "subscription",
                "customer": customer.stripe_customer_id,
                "line_items": [{"price": price, "quantity": seats}],
                "success_url": "http://localhost:8000/done",
                "cancel_url": "http://localhost:8000/",
            }
        )
        self.act("pay", session=session.id, card=card, challenge="pass")

    def advance(self, days: float) -> None:
        self.act("clock", advance=days * DAY)

    def settled(self) -> None:
        """Everything that it wants to tell has been told, or is dropped."""
        end = time.monotonic() + 15
        while self.look("pending")["webhooks"]:
            assert time.monotonic() < end, "it is not told"
            time.sleep(0.01)

    def hushed(self) -> None:
        """A while after which it has told what anybody takes; what the door refuses it says again for days."""
        end = time.monotonic() + 0.6
        while self.look("pending")["webhooks"] and time.monotonic() < end:
            time.sleep(0.01)
