"""Presses that come to nothing: whoever pressed hears it all the same."""

from typing import Any

from django.db import transaction

from slackapp.handlers.heard import Act, Heard
from slackapp.presses.press import press_of, respond, whisper

FAILED = "That did not work, and nothing was changed. You can do the same in the console."
NOT_CONNECTED = "This Slack is no longer connected here. You find the chat in the console."


def on_unknown_team(event: dict[str, Any]) -> Act | None:
    """A button that outlived its connection: there is no key to answer with, but Slack gave an address for it."""
    address = event.get("response_url")
    if not isinstance(address, str) or not address:
        return None
    return lambda: transaction.on_commit(lambda: _answer(address), robust=True)


def _answer(address: str) -> None:
    respond(address, NOT_CONNECTED)


def on_failure(heard: Heard) -> None:
    """Inside the transaction that puts the press aside."""
    if (press := press_of(heard)) is not None:
        whisper(press, FAILED)
