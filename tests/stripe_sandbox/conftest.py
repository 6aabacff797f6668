"""The real sandbox as a process, an app that listens to it, and Stripe's own library as it is installed."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from tests.slack_sandbox.conftest import App, Handler, Server, free_port, is_up, stop, wait_until

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests/payloads/stripe"
Json = dict[str, Any]
KEY, SECRET, VERSION = (
    "sk_test_sandbox0123456789abcdef",
    "whsec_sandbox0123456789abcdef0123456789",
    "2026-10-28.endive",
)
T0 = 1_798_761_600  # 2027-01-01T00:00:00Z, where the clock stands at first
DAY, HOUR = 86400, 3600
PAYS, ASKS, ASKS_ALWAYS, ASKS_LATER = (
    "4242424242424242",
    "4000002500003155",
    "4000002760003184",
    "4000003800000446",
)
DECLINED, FAILS_LATER = "4000000000000002", "4000000000000341"


def client(url: str, key: str = KEY, **more: Any) -> stripe.StripeClient:
    """The production client but for the address."""
    http = stripe.RequestsClient(timeout=(2, 5))
    settings = {"stripe_version": VERSION, **more}
    return stripe.StripeClient(key, base_addresses={"api": url}, http_client=http, **settings)


@dataclass
class Till:
    url: str
    app: App
    http: httpx.Client
    stripe: stripe.StripeClient

    @property
    def v1(self) -> Any:
        """Untyped: tests send wrong things on purpose."""
        return self.stripe.v1

    def control(self, act: str, **asked: object) -> Json:
        answer: Json = self.http.post(f"{self.url}/_control/{act}", json=asked).json()
        assert answer["ok"], answer
        return answer

    def refused(self, act: str, **asked: object) -> str:
        answer = self.http.post(f"{self.url}/_control/{act}", json=asked).json()
        assert not answer["ok"], answer
        return str(answer["error"])

    def look(self, what: str, **query: Any) -> Json:
        return dict(self.http.get(f"{self.url}/_control/{what}", params=query).json())

    def advance(self, seconds: float) -> None:
        self.control("clock", advance=seconds)

    def customer(self, **more: object) -> Any:
        known = {"email": "alice@acme.example", "name": "Acme GmbH", "metadata": {"org_id": "org_7f3c"}}
        return self.v1.customers.create({**known, **more})

    def session(self, customer: str, price: str = "price_sandbox_team_month", **more: object) -> Any:
        asked = {
            "mode": "subscription",
            "customer": customer,
            "client_reference_id": "org_7f3c",
            "line_items": [{"price": price, "quantity": 3}],
            "success_url": "http://localhost:8000/billing/done?session_id={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://localhost:8000/billing/",
            "subscription_data": {"metadata": {"org_id": "org_7f3c"}},
        }
        return self.v1.checkout.sessions.create({**asked, **more})

    def subscribe(self, card: str | None = PAYS, customer: str = "", **more: Any) -> Any:
        """Through Checkout, as everybody subscribes."""
        session = self.session(customer or self.customer().id, **more)
        self.control("pay", session=session.id, card=card)
        done = self.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]})
        return done.subscription

    def trial(self, card: str | None = None, **ending: object) -> Any:
        terms = {"trial_period_days": 14, "metadata": {"org_id": "org_7f3c"}}
        terms["trial_settings"] = {"end_behavior": {"missing_payment_method": "pause", **ending}}
        return self.subscribe(card, subscription_data=terms, payment_method_collection="if_required")

    def sub(self, identifier: str, *expand: str) -> Any:
        return self.v1.subscriptions.retrieve(identifier, {"expand": list(expand)})

    def told(self) -> list[str]:
        """The types of the events of thirty days, the oldest first."""
        rows = self.v1.events.list({"limit": 100}).data
        return [row.type for row in reversed(rows)]

    def last(self, kind: str) -> Json:
        """The newest event of this type, as it was sent."""
        found = self.v1.events.list({"type": kind, "limit": 1}).data
        assert found, self.told()
        return json.loads(str(found[0]))  # type: ignore[no-any-return]

    def settled(self) -> None:
        wait_until(lambda: self.look("pending")["webhooks"] == 0)


def start(app_url: str, *more: str) -> tuple[subprocess.Popen[bytes], str]:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "stripe_sandbox",
        "--port",
        str(port),
        "--app-url",
        app_url,
        "--quiet",
        *more,
    ]
    command += ["--public-url", f"http://127.0.0.1:{port}"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("STRIPE_SANDBOX_")}
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    url = f"http://127.0.0.1:{port}"
    wait_until(lambda: is_up(url), 10)
    return process, url


@pytest.fixture(scope="session")
def billing_app() -> Iterator[App]:
    app = App(0)
    server = Server(("127.0.0.1", 0), type("HearingStripe", (Handler,), {"app": app}))
    app.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield app
    server.shutdown()


@pytest.fixture(scope="session")
def till_url(billing_app: App) -> Iterator[str]:
    process, url = start(billing_app.url, "--start", str(T0))
    yield url
    stop(process)


@pytest.fixture(scope="session")
def till_http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=10) as http:
        yield http


@pytest.fixture(scope="session")
def till_client(till_url: str) -> stripe.StripeClient:
    return client(till_url)


@pytest.fixture
def till(till_url: str, billing_app: App, till_http: httpx.Client, till_client: stripe.StripeClient) -> Till:
    billing_app.answers.clear()
    billing_app.fails.clear()
    billing_app.pause = 0.0
    till = Till(till_url, billing_app, till_http, till_client)
    till.control("reset")
    billing_app.heard.clear()
    return till
