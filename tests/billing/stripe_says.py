"""What Stripe sends, signed as Stripe signs it: samples of every event, written from the types of its library."""

import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parents[1] / "payloads" / "stripe"
EVENTS, RESPONSES = SAMPLES / "events", SAMPLES / "responses"
SECRET, OLD_SECRET = "whsec_tests_new_0123456789abcdef", "whsec_tests_old_0123456789abcdef"
NAMES = sorted(path.stem for path in EVENTS.glob("*.json"))
ANSWERS = sorted(path.stem for path in RESPONSES.glob("*.json"))


def sample(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return event


def response(name: str) -> tuple[int, dict[str, str], Any]:
    """Status, headers and body of an answer."""
    found = json.loads((RESPONSES / f"{name}.json").read_text())
    return found["status"], found["headers"], found["body"]


def raw(event: object) -> bytes:
    return json.dumps(event).encode()


def signed(body: bytes, secret: str = SECRET, at: float | None = None) -> str:
    """By our own hands and not the library's, so that both must agree with the documentation."""
    stamp = int(time.time() if at is None else at)
    return f"t={stamp},v1={digest(body, secret, stamp)}"


def digest(body: bytes, secret: str, stamp: int) -> str:
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
