"""B3: with a state file the sandbox goes on where it was; without one it begins anew."""

from pathlib import Path

from tests.slack_sandbox.conftest import stop
from tests.stripe_sandbox.conftest import T0, client, start


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
