"""Idempotency keys: the first result of a POST is kept and answered again for a day."""

import hashlib
from dataclasses import dataclass

from stripe_sandbox.clock import Clock
from stripe_sandbox.model import Json
from stripe_sandbox.refusals import Refusal

LONGEST = 255
KEPT_SECONDS = 24 * 3600


@dataclass
class Kept:
    fingerprint: str
    at: int
    request_id: str
    status: int = 0
    """0 while the first request is still being worked."""
    answer: Json | None = None


def fingerprint(method: str, path: str, body: str) -> str:
    return hashlib.sha256(f"{method} {path}\n{body}".encode()).hexdigest()


class Keys:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._kept: dict[str, Kept] = {}

    def clear(self) -> None:
        self._kept.clear()

    def begin(self, key: str, print_of: str, request_id: str) -> Kept | None:
        """What was answered before, or None for a request that is to be worked now."""
        if len(key) > LONGEST:
            raise Refusal(f"Idempotency keys have at most {LONGEST} characters.", started=False)
        kept = self._kept.get(key)
        if kept and self.clock.there - kept.at > KEPT_SECONDS:
            kept = None
        if kept is None:
            self._kept[key] = Kept(print_of, self.clock.there, request_id)
            return None
        if not kept.status:
            message = f"There is currently another in-progress request using this Idempotent Key ({key})."
            raise Refusal(
                message, code="idempotency_key_in_use", status=409, kind="idempotency_error", started=False
            )
        if kept.fingerprint != print_of:
            message = (
                f"Keys for idempotent requests can only be used with the same parameters they were first used "
                f"with. Try using a key other than '{key}'."
            )
            raise Refusal(message, kind="idempotency_error", started=False)
        return kept

    def end(self, key: str, status: int, answer: Json) -> None:
        kept = self._kept[key]
        kept.status, kept.answer = status, answer

    def drop(self, key: str) -> None:
        """Nothing had begun: the key is free again."""
        self._kept.pop(key, None)
