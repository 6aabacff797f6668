"""Slack's rate limits: a token bucket per method and team, one per channel for posting."""

import math
from dataclasses import dataclass

from slack_sandbox.clock import Clock

PER_MINUTE = {"t1": 1, "t2": 20, "t3": 50, "t4": 100, "special": 600}
POST_PER_CHANNEL = (1.0, 4.0)  # a message a second, and a short burst


@dataclass
class Bucket:
    level: float
    at: float


class Limits:
    def __init__(self, factor: float, clock: Clock) -> None:
        self.factor, self.clock = factor, clock
        self.replies_per_minute: float | None = None
        self._buckets: dict[tuple[str, ...], Bucket] = {}

    def reset(self) -> None:
        self._buckets.clear()

    def wait_for_method(self, team: str, method: str, tier: str) -> int:
        """Seconds to wait before this call is allowed; 0 takes the slot."""
        per_minute: float = PER_MINUTE[tier]
        if (
            method in ("conversations.history", "conversations.replies")
            and self.replies_per_minute is not None
        ):
            per_minute = self.replies_per_minute
        return self._take((team, method), per_minute / 60, max(1.0, per_minute))

    def wait_for_post(self, team: str, channel: str) -> int:
        return self._take((team, channel, "post"), *POST_PER_CHANNEL)

    def _take(self, key: tuple[str, ...], per_second: float, burst: float) -> int:
        now, rate, capacity = self.clock.now(), per_second * self.factor, burst * self.factor
        bucket = self._buckets.setdefault(key, Bucket(capacity, now))
        bucket.level = min(capacity, bucket.level + (now - bucket.at) * rate)
        bucket.at = now
        if bucket.level < 1:
            return max(1, math.ceil((1 - bucket.level) / rate)) if rate else 60
        bucket.level -= 1
        return 0
