"""What was asked and what was delivered, bounded, for tests and benchmarks."""

import itertools
import time
from collections import deque

from stripe_sandbox.model import Json

KEPT = 20_000


class Journal:
    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._rows: deque[Json] = deque(maxlen=KEPT)

    def add(self, **row: object) -> Json:
        entry: Json = {"n": next(self._numbers), "t": time.time(), "t_mono": time.monotonic(), **row}
        self._rows.append(entry)
        return entry

    def since(self, number: int) -> list[Json]:
        return [row for row in self._rows if row["n"] > number]

    def clear(self) -> None:
        self._rows.clear()
