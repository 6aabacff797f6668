"""What would hurt a deployment is refused at start, with the mend and without the secret."""

import os
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


def test_a_process_with_a_malformed_key_ends_with_a_sentence() -> None:
    given = {
        **os.environ,
        "FIELD_ENCRYPTION_KEY": "short-secret",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    command = [sys.executable, "manage.py", "check"]
    ended = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=50)
    assert ended.returncode != 0
    assert "Key 1 of FIELD_ENCRYPTION_KEY is no Fernet key. Make one:" in ended.stderr
    assert "short-secret" not in ended.stderr


def test_a_wait_for_slack_that_outlives_a_workers_lease_is_refused() -> None:
    """A second worker would look for the post while the first still waits for its answer, and post again."""
    given = {**os.environ, "SLACK_CALL_TIMEOUT": "40", "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "manage.py", "check"]
    ended = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=50)
    assert ended.returncode != 0
    assert "SLACK_CALL_TIMEOUT must be between 0.5 and 20" in ended.stderr
