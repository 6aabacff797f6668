"""B3: with a state file the sandbox goes on where it was; without one it begins anew."""

from pathlib import Path
from typing import Any

import httpx

from tests.slack_sandbox.conftest import stop
from tests.stripe_sandbox.conftest import PAYS, T0, client, start


def test_what_was_kept_is_there_after_a_restart(tmp_path: Path) -> None:
    flags = ("--state", str(tmp_path / "stripe.json"), "--webhook-path", "", "--start", str(T0))
    process, url = start("http://127.0.0.1:9", *flags)
    made = client(url).v1.customers.create({"email": "alice@acme.example"})
    stop(process)
    process, url = start("http://127.0.0.1:9", *flags)
    again = client(url).v1.customers
    assert again.retrieve(made.id).email == "alice@acme.example"
    assert again.create({"email": "bob@acme.example"}).id != made.id
    assert again.create({"email": "carol@acme.example"}).created == T0
    stop(process)


def test_on_other_ports_its_pages_and_its_endpoint_are_found_again(
    tmp_path: Path, till_http: httpx.Client
) -> None:
    flags = ("--state", str(tmp_path / "stripe.json"), "--start", str(T0))
    process, url = start("http://127.0.0.1:9", *flags)
    customer = client(url).v1.customers.create({"email": "alice@acme.example"}).id
    asked: Any = {
        "mode": "subscription",
        "customer": customer,
        "line_items": [{"price": "price_sandbox_team_month", "quantity": 1}],
        "success_url": "http://localhost:8000/done",
    }
    paid = client(url).v1.checkout.sessions.create(asked)
    till_http.post(f"{url}/_control/pay", json={"session": paid.id, "card": PAYS}).raise_for_status()
    stays_open = client(url).v1.checkout.sessions.create(asked).id
    stop(process)
    process, url = start("http://127.0.0.1:10", *flags)
    v1 = client(url).v1
    assert v1.webhook_endpoints.retrieve("we_sandbox").url == "http://127.0.0.1:10/stripe/webhook"
    assert v1.checkout.sessions.retrieve(stays_open).url == f"{url}/c/pay/{stays_open}"
    assert v1.checkout.sessions.retrieve(paid.id).success_url == "http://localhost:8000/done"
    (invoice,) = v1.invoices.list({"customer": customer}).data
    assert invoice.hosted_invoice_url == f"{url}/i/{invoice.id}"
    assert till_http.get(invoice.hosted_invoice_url).status_code == 200
    stop(process)
