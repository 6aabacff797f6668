"""What would hurt a deployment is refused at start, with the mend and without the secret."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from accounts import keyring
from config import env

ROOT = Path(__file__).resolve().parents[2]


def found() -> dict[str | None, str]:
    return {
        message.id: f"{message.msg} {message.hint}"
        for message in run_checks()
        if str(message.id).startswith("accounts.")
    }


@pytest.fixture
def sound(settings: Settings) -> Settings:
    settings.DEBUG, settings.SECRET_KEY = False, "k" * 50
    settings.FIELD_ENCRYPTION_KEY = [Fernet.generate_key().decode()]
    settings.PUBLIC_URL = "https://chat.example.com"
    return settings


def test_a_sound_deployment_has_nothing_to_say(sound: Settings) -> None:
    assert found() == {}


@pytest.mark.parametrize("keys", [[], ["short-secret"], [Fernet.generate_key().decode(), "short-secret"]])
def test_malformed_keys_are_named_with_the_mend(sound: Settings, keys: list[str]) -> None:
    sound.FIELD_ENCRYPTION_KEY = keys
    said = found()["accounts.E001"]
    assert "Fernet.generate_key()" in said
    assert "short-secret" not in said


def test_a_short_secret_key_is_warned_about(sound: Settings) -> None:
    sound.SECRET_KEY = "too-short"
    assert "token_urlsafe" in found()["accounts.W002"]


def test_the_public_key_of_debug_mode_is_refused(sound: Settings) -> None:
    sound.FIELD_ENCRYPTION_KEY = [*sound.FIELD_ENCRYPTION_KEY, keyring.DEBUG_KEY]
    assert "accounts.E003" in found()


@pytest.mark.parametrize(
    ("address", "warned"),
    [("http://chat.example.com", True), ("http://localhost:8000", False), ("http://[::1]:8000", False)],
)
def test_plain_http_is_warned_about_except_at_home(sound: Settings, address: str, warned: bool) -> None:
    sound.PUBLIC_URL = address
    assert ("accounts.W001" in found()) is warned


def test_debug_mode_asks_for_nothing(sound: Settings) -> None:
    sound.DEBUG, sound.SECRET_KEY = True, "x"
    assert found() == {}


@pytest.mark.parametrize("value", ["help", "help@", "Help <help@a.example>", "a@a.example, b@b.example"])
def test_an_address_that_is_none_is_refused_by_its_name(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORT_EMAIL", value)
    with pytest.raises(ImproperlyConfigured, match="SUPPORT_EMAIL must be one e-mail address"):
        env.mail_address("SUPPORT_EMAIL")


def test_one_address_is_taken_and_none_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORT_EMAIL", " help@acme.example ")
    assert env.mail_address("SUPPORT_EMAIL") == "help@acme.example"
    monkeypatch.delenv("SUPPORT_EMAIL")
    assert env.mail_address("SUPPORT_EMAIL") == ""


# --- how a process ends ---------------------------------------------------------------------------------------------


def ended(*command: str, **given: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", **given}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, timeout=50
    )


def test_a_process_with_a_malformed_key_ends_with_a_sentence() -> None:
    done = ended("manage.py", "check", FIELD_ENCRYPTION_KEY="short-secret")
    assert done.returncode != 0
    assert "Key 1 of FIELD_ENCRYPTION_KEY is no Fernet key. Make one:" in done.stderr
    assert "short-secret" not in done.stderr


def test_a_wait_for_slack_that_outlives_a_workers_lease_is_refused() -> None:
    """A second worker would look for the post while the first still waits for its answer, and post again."""
    done = ended("manage.py", "check", SLACK_CALL_TIMEOUT="40")
    assert done.returncode != 0
    assert "SLACK_CALL_TIMEOUT must be between 0.5 and 20" in done.stderr


# bin/run ends with what the first two say
@pytest.mark.parametrize("command", [("manage.py", "migrate"), ("manage.py", "seed_demo"), ("serve",)])
def test_a_name_in_the_file_that_nothing_reads_is_all_that_a_process_says(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    """Django swallows what the settings refuse and imports them again, with whatever the first time left behind."""
    (tmp_path / ".env").write_text("FOO_BAR=1\n")
    program = 'run_module("config.serve"' if command[0] == "serve" else 'run_path("manage.py"'
    start = (
        "import sys, runpy, pathlib, config.env;"
        f"config.env.BASE_DIR = pathlib.Path({str(tmp_path)!r}); sys.argv = {list(command)!r};"
        f'runpy.{program}, run_name="__main__")'
    )
    done = ended("-c", start)
    assert done.returncode != 0
    assert done.stderr == ".env sets FOO_BAR, which nothing reads. Remove it or mend its name.\n"


def test_a_name_that_nothing_reads_is_refused_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOO_BAR", "of the process")
    (tmp_path / ".env").write_text("PORT=8123\nFOO_BAR=1\n")
    for _ in range(2):
        with pytest.raises(ImproperlyConfigured, match="FOO_BAR"):
            env.load_dotenv(tmp_path / ".env")


def test_a_line_that_sets_nothing_is_refused_without_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# ours\n\nSECRET_KEY = open-sesame\n")
    with pytest.raises(ImproperlyConfigured, match=r"Line 3 of \.env must be NAME=value") as refused:
        env.load_dotenv(tmp_path / ".env")
    assert "sesame" not in str(refused.value)


# --- odd values -----------------------------------------------------------------------------------------------------

ODD = [
    ("DATABASE_URL", "junk", "sqlite:////srv/threadbell.sqlite3"),
    ("DATABASE_URL", "", "postgres://"),
    ("DATABASE_URL", "sqlite://", "sqlite:////srv"),
    ("DATABASE_URL", "sqlite://:memory:", "sqlite:////srv"),
    ("DATABASE_URL", "sqlite://name.sqlite3", "sqlite:////srv"),
    ("DATABASE_URL", "mysql://me:open-sesame@host/name", "postgres://"),
    ("DATABASE_URL", "postgres://me:open-sesame@host", "postgres://"),
    ("DATABASE_URL", "postgres://me:open-sesame@host:port/name", "postgres://"),
    ("EMAIL_URL", "junk", "smtp+tls://"),
    ("EMAIL_URL", "", "smtp+tls://"),
    ("EMAIL_URL", "foo://me:open-sesame@x", "smtp+tls://"),
    ("EMAIL_URL", "smtp://me:open-sesame@x:port", "smtp+tls://"),
    ("DEFAULT_FROM_EMAIL", "junk", "Threadbell <help@example.com>"),
    ("DEFAULT_FROM_EMAIL", "Help <help@a.example", "Threadbell <help@example.com>"),
    ("SENTRY_DSN", "junk", "https://"),
    ("SENTRY_DSN", "https://open-sesame@sentry.example", "https://"),
    ("SLACK_APP_TOKEN", "open-sesame", "xapp-"),
    ("ALLOWED_HOSTS", "chat.example.com,http://x", "chat.example.com"),
    ("ALLOWED_HOSTS", "x:8000", "chat.example.com"),
    ("PUBLIC_URL", "http://[", "http or https"),
    ("PUBLIC_URL", "http://x:port", "http or https"),
    ("PUBLIC_URL", "http://x?y", "bare origin"),
    ("WS_URL", "ftp://x", "ws or wss"),
    ("REDIS_URL", "redi://me:open-sesame@x", "redis"),
    ("VAR_DIR", "/dev/null", "directory"),
]


@pytest.mark.parametrize(("name", "value", "mend"), ODD, ids=[f"{name}={value}" for name, value, _ in ODD])
def test_an_odd_value_is_refused_with_its_name_and_what_to_write(
    name: str, value: str, mend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=f"^{name} must ") as refused:
        runpy.run_path(str(ROOT / "config" / "settings.py"))
    assert mend in str(refused.value)
    assert "sesame" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgres://me:secret@host:5432/name"),
        ("DATABASE_URL", "postgresql:///name?service=ours"),
        ("DATABASE_URL", "postgres:////var/run/postgresql/name"),
        ("DATABASE_URL", "sqlite:///var/name.sqlite3"),
        ("EMAIL_URL", "smtp+tls://me:secret@mail.example.com:587"),
        ("EMAIL_URL", "consolemail://"),
        ("DEFAULT_FROM_EMAIL", "help@a.example"),
        ("DEFAULT_FROM_EMAIL", '"Help @ Acme" <help@a.example>'),
        ("SENTRY_DSN", "https://key@sentry.example/4"),
        ("SENTRY_DSN", ""),
        ("SLACK_APP_TOKEN", "xapp-1-A0-1-a"),
        ("SLACK_APP_TOKEN", ""),
        ("ALLOWED_HOSTS", "chat.example.com, .example.com, 10.0.0.1, [::1], *"),
        ("REDIS_URL", "rediss://:secret@cache.example:6379/1"),
        ("REDIS_URL", "unix:///run/redis.sock"),
    ],
)
def test_what_is_in_order_is_taken(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    assert runpy.run_path(str(ROOT / "config" / "settings.py"))["INSTALLED_APPS"]


@pytest.mark.parametrize(
    ("given", "meant"),
    [("http://httpd.example", "ws://httpd.example"), ("wss://w.example", "wss://w.example")],
)
def test_the_address_of_sockets_may_be_given_as_that_of_a_website(
    given: str, meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WS_URL", given)
    assert runpy.run_path(str(ROOT / "config" / "settings.py"))["WS_URL"] == meant
