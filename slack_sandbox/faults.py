"""Faults asked for through the control API: what goes wrong, where, how often. Decided by the seed."""

import itertools
import random
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from slack_sandbox.given import is_number, is_whole
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


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_flat(value: object) -> bool:
    return isinstance(value, dict) and not any(isinstance(one, dict | list) for one in value.values())


SETTINGS: dict[str, tuple[str, Callable[[object], bool]]] = {
    "count": ("a whole number above 0, or null", lambda value: value is None or is_whole(value, 1)),
    "probability": ("between 0 and 1", lambda value: is_number(value, 0, 1)),
    "seconds": ("a number, 0 or more", is_number),
    "status": ("a status of HTTP, 200 to 599", lambda value: is_whole(value, 200, 599)),
    "error": ("a text", lambda value: isinstance(value, str)),
    "retry_after": ("whole seconds, 0 or more", is_whole),
    "copies": ("a whole number above 0", lambda value: is_whole(value, 1)),
    "parallel": ("true or false", _is_flag),
    "fresh_ids": ("true or false", _is_flag),
    "commit": ("true or false", _is_flag),
    "match": ("an object of texts, numbers, true and false", _is_flat),
    "claims": ("an object", lambda value: isinstance(value, dict)),
}


def _check(settings: Json) -> None:
    for name, value in settings.items():
        if name not in SETTINGS:
            raise ValueError(f"a fault has no {name}; there are {', '.join(SETTINGS)}")
        mend, fits = SETTINGS[name]
        if not fits(value):
            raise ValueError(f"{name} must be {mend}")


def _as_word(value: object) -> str:
    """Forms say `true` where JSON has a boolean."""
    return str(value).lower() if isinstance(value, bool) else str(value)


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
    match: Json = field(default_factory=dict)
    claims: Json = field(default_factory=dict)
    hits: int = 0

    def concerns(self, method: str, args: Json) -> bool:
        here = self.method == method or (self.method == "*" and method not in KINDS)
        left = self.count is None or self.hits < self.count
        fits = (_as_word(args.get(key)) == _as_word(value) for key, value in self.match.items())
        return here and left and all(fits)


class Faults:
    def __init__(self, rng: random.Random) -> None:
        self.random = rng
        self._faults: dict[int, Fault] = {}
        self._ids = itertools.count(1)

    def add(self, method: str, kind: str, **settings: Any) -> Fault:
        kinds = KINDS.get(method, METHOD_KINDS)
        if kind not in kinds:
            raise ValueError(f"unknown kind {kind!r} for {method}; one of {', '.join(sorted(kinds))}")
        _check(settings)
        fault = Fault(next(self._ids), method, kind, **settings)
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
