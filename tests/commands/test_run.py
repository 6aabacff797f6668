"""bin/run, without starting anything: what it refuses and what it hands to its children."""

import socket
from pathlib import Path

import pytest

from house import children, running, secrets_file, till
from slack_sandbox.options import Options
from stripe_sandbox.options import Options as StripeOptions


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "VAR", tmp_path)
    for name in ("PORT", "PUBLIC_URL", "SLACK_API_URL", "SLACK_WEB_URL", "DEMO", "SLACK_APP_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(till, "ROOT", tmp_path)
    for name in ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_API_URL"):
        monkeypatch.delenv(name, raising=False)


def test_a_busy_port_is_refused_with_the_mend(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(SystemExit):
            running.refuse_busy_ports(running.parse(["--port", str(port)]))
    assert f"Port {port} is in use" in capsys.readouterr().err


def test_a_port_that_is_no_number_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "eight")
    with pytest.raises(SystemExit):
        running.parse([])
    assert "PORT must be a number between 1 and 65535, not 'eight'." in capsys.readouterr().err


def test_the_demo_speaks_to_the_sandbox_and_to_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "of-the-real-app")
    env = running.product_environment(running.parse(["--port", "8100", "--sandbox-port", "8101"]))
    assert env["SLACK_API_URL"] == "http://localhost:8101/api/"
    assert env["SLACK_WEB_URL"] == "http://localhost:8101"
    assert env["SLACK_CLIENT_SECRET"] == running.SANDBOX_APP["SLACK_CLIENT_SECRET"]
    assert env["PUBLIC_URL"] == "http://localhost:8100"
    assert env["DEMO"] == "1"


def test_without_the_demo_slack_is_what_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_CLIENT_ID", "of-the-real-app")
    env = running.product_environment(running.parse(["--no-demo"]))
    assert env["SLACK_CLIENT_ID"] == "of-the-real-app"
    assert "SLACK_API_URL" not in env
    assert "DEMO" not in env


def test_the_products_secrets_outlive_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    first = running.product_environment(running.parse([]))
    assert first["SECRET_KEY"] == secrets_file.read(tmp_path / "secrets.env")["SECRET_KEY"]
    assert running.product_environment(running.parse([]))["SECRET_KEY"] == first["SECRET_KEY"]


def test_both_sides_of_the_demo_know_the_same_app() -> None:
    defaults = Options()
    told = running.SANDBOX_APP
    assert defaults.app_token == running.SANDBOX_APP_TOKEN
    assert (defaults.client_id, defaults.app_id) == (told["SLACK_CLIENT_ID"], told["SLACK_APP_ID"])
    assert (defaults.client_secret, defaults.signing_secret) == (
        told["SLACK_CLIENT_SECRET"],
        told["SLACK_SIGNING_SECRET"],
    )


def test_the_listener_of_socket_mode_is_started_where_its_token_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S26: nobody has to remember a second command."""
    monkeypatch.setattr(running, "ROOT", tmp_path)
    assert not running.hears_over_a_socket({})
    assert running.hears_over_a_socket({"SLACK_APP_TOKEN": "xapp-1"})
    assert running.hears_over_a_socket({"SLACK_APP_TOKEN_FILE": "/run/secrets/app"})
    (tmp_path / ".env").write_text("SLACK_APP_TOKEN=xapp-1\n")
    assert running.hears_over_a_socket({})
    assert not running.hears_over_a_socket({"SLACK_APP_TOKEN": ""})


@pytest.mark.parametrize("given", ["", "xapp-of-the-real-app"])
def test_the_demo_never_shows_the_real_apps_token_to_its_slack(
    monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", given)
    env = running.product_environment(running.parse([]))
    assert env["SLACK_APP_TOKEN"] == (running.SANDBOX_APP_TOKEN if given else "")


def settled(*arguments: str) -> tuple[int, dict[str, str]]:
    """The port of the stand-in for Stripe, 0 for none, and what the product gets to know of Stripe."""
    options = running.parse(arguments)
    running.settle_stripe(options)
    env = running.product_environment(options)
    return options.stripe_port, {name: value for name, value in env.items() if name.startswith("STRIPE_")}


def test_the_demo_has_a_stripe_of_its_own() -> None:
    port, known = settled()
    assert known == {**till.KEYS, "STRIPE_API_URL": f"http://localhost:{port}"}


def test_both_sides_of_the_demo_know_the_same_keys() -> None:
    defaults = StripeOptions()
    assert (defaults.secret_key, defaults.webhook_secret) == tuple(till.KEYS.values())
    command = till.command("127.0.0.1", 8002, "http://localhost:8000")
    assert {defaults.secret_key, defaults.webhook_secret} < set(command)


def test_a_port_that_somebody_else_has_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(till, "is_free", lambda port, host: port not in (8002, 8003))
    assert settled()[0] == 8004
    assert settled("--port", "8004")[0] == 8005


def test_a_port_that_was_asked_for_is_taken_or_refused(capsys: pytest.CaptureFixture[str]) -> None:
    port = children.free_port()
    assert settled("--stripe-port", str(port))[0] == port
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        listener.listen()
        with pytest.raises(SystemExit):
            running.refuse_busy_ports(running.parse(["--stripe-port", str(port), "--port", "0"]))
    assert f"Port {port} is in use" in capsys.readouterr().err


@pytest.mark.parametrize("key", ["sk_test_of_somebody", "rk_test_of_somebody", ""])
def test_whoever_has_a_key_of_their_own_or_wants_none_gets_no_stand_in(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """B9: an empty key shows the demo as a self-hosted server has it, without limits."""
    monkeypatch.setenv("STRIPE_SECRET_KEY", key)
    assert settled() == (0, {"STRIPE_SECRET_KEY": key})


def test_a_key_in_the_dotenv_or_in_a_file_is_ones_own_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("sk_test_of_somebody\n")
    monkeypatch.setenv("STRIPE_SECRET_KEY_FILE", str(tmp_path / "key"))
    assert settled()[0] == 0
    monkeypatch.delenv("STRIPE_SECRET_KEY_FILE")
    (tmp_path / ".env").write_text("STRIPE_SECRET_KEY=sk_test_of_somebody\n")
    assert settled()[0] == 0


@pytest.mark.parametrize("key", ["sk_live_x", "rk_live_x"])
def test_a_demo_takes_nobodys_money(
    key: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", key)
    with pytest.raises(SystemExit):
        settled()
    said = capsys.readouterr().err
    assert "bin/run --no-demo" in said
    assert key not in said
    assert settled("--no-demo") == (0, {"STRIPE_SECRET_KEY": key})
