"""Faults asked for through the control API: what goes wrong, where, how often. Decided by the seed."""

import itertools
import random
from dataclasses import asdict, dataclass, field

from slack_sandbox.model import Json

METHOD_KINDS = {
    "status",
    "error",
    "ratelimit",
    "hang",
    "hang_after_commit",
    "drop_before_commit",
    "drop_after_commit",
    "reset",
    "garbage",
}
EVENT_KINDS = {"duplicate", "reorder", "delay", "drop", "no_echo", "bad_signature", "old_timestamp"}
ID_TOKEN_KINDS = {"claims", "bad_signature", "alg_none", "alg_hs256", "unknown_kid"}
# what `*` leaves alone: it is all methods of the Web API
KINDS = {"events": EVENT_KINDS, "id_token": ID_TOKEN_KINDS, "response_url": METHOD_KINDS}


@dataclass
class Fault:
    id: int
    method: str
    kind: str
    count: int | None = None
    probability: float = 1.0
    seconds: float = 5.0
    status: int = 503
    error: str = "internal_error"
    retry_after: int = 1
    copies: int = 2
    parallel: bool = False
    fresh_ids: bool = False
    commit: bool = False
    match: dict[str, str] = field(default_factory=dict)
    claims: Json = field(default_factory=dict)
    hits: int = 0

    def concerns(self, method: str, args: Json) -> bool:
        here = self.method == method or (self.method == "*" and method not in KINDS)
        left = self.count is None or self.hits < self.count
        return here and left and all(str(args.get(key)) == value for key, value in self.match.items())


class Faults:
    def __init__(self, rng: random.Random) -> None:
        self.random = rng
        self._faults: dict[int, Fault] = {}
        self._ids = itertools.count(1)

    def add(self, method: str, kind: str, **settings: object) -> Fault:
        kinds = KINDS.get(method, METHOD_KINDS)
        if kind not in kinds:
            raise ValueError(f"unknown kind {kind!r} for {method}; one of {', '.join(sorted(kinds))}")
        fault = Fault(next(self._ids), method, kind, **settings)  # type: ignore[arg-type]
        self._faults[fault.id] = fault
        return fault

    def draw(self, method: str, args: Json) -> Fault | None:
        """The first fault that strikes this call; each one that concerns it has its own throw of the dice."""
        for fault in self._faults.values():
            if fault.concerns(method, args) and self.random.random() < fault.probability:
                fault.hits += 1
                return fault
        return None

    def clear(self, fault_id: int | None = None) -> None:
        if fault_id is None:
            self._faults.clear()
        else:
            self._faults.pop(fault_id, None)

    def listed(self) -> list[Json]:
        return [asdict(fault) for fault in self._faults.values()]
