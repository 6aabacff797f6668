"""bin/run, without starting anything: what it refuses and what it hands to its children."""

import socket
from pathlib import Path

import pytest

from house import running, secrets_file
from slack_sandbox.options import Options


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "VAR", tmp_path)
    for name in ("PORT", "PUBLIC_URL", "SLACK_API_URL", "SLACK_WEB_URL", "DEMO", "SLACK_APP_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def test_a_busy_port_is_refused_with_the_mend(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(SystemExit):
            running.refuse_busy_ports(running.parse(["--port", str(port)]))
    assert f"Port {port} is in use" in capsys.readouterr().err


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
