"""What comes from outside, before it counts: JSON that can be told again, and numbers that make sense."""

import json
import math
from typing import Any

from slack_sandbox.model import Json


def read_json(body: bytes | str) -> Any:
    """Raises ValueError, also for half a character (a lone surrogate) and for NaN: kept once, no answer could carry

    the rows that hold them, now or after a restart.
    """
    given = json.loads(body)
    try:
        json.dumps(given, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        raise ValueError("a text holds half of a character, a lone surrogate") from None
    except ValueError:
        raise ValueError("NaN and Infinity are no numbers of JSON") from None
    return given


def is_number(value: object, least: float = 0, most: float = math.inf) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def is_whole(value: object, least: int = 0, most: float = math.inf) -> bool:
    return isinstance(value, int) and is_number(value, least, most)


def number(asked: Json, name: str, default: float | None = None) -> float:
    value = asked.get(name, default)
    if value is None or not is_number(value):
        raise ValueError(f"{name} must be a number, 0 or more")
    return float(value)
