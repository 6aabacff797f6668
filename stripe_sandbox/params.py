"""Forms as Stripe reads them: nested keys, then every name, type and choice against an endpoint's shape.

A shape is one of: `str` (not empty), `int`, `bool`, `float`, a tuple of choices, `Text()` (may be empty, which clears),
`Ref(kind)` (an id that must exist), a list with one shape (an array), a dict (an object) and META. A name that
ends in `!` is required.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from stripe_sandbox.model import Json
from stripe_sandbox.refusals import Refusal, invalid


@dataclass(frozen=True)
class Text:
    """May be empty: that clears the field."""


@dataclass(frozen=True)
class Meta:
    """Up to 50 keys of 40 characters, values of 500; an empty value takes a key out."""


@dataclass(frozen=True)
class Ref:
    kind: str


@dataclass(frozen=True)
class Or:
    """Cleared by an empty text, or of this shape."""

    shape: object


@dataclass(frozen=True)
class Range:
    """A number, or an object with `gt`, `gte`, `lt`, `lte`."""


META = Meta()
RANGE = Range()
EDGES = {"gt": int, "gte": int, "lt": int, "lte": int}
MAX_KEYS, MAX_KEY, MAX_VALUE = 50, 40, 500
Exists = Callable[[str, str], bool]


def parse(text: str) -> Json:
    """`a[b][0][c]=v` as nested dicts; arrays are dicts with numbers for keys until a shape says what they are."""
    found: Json = {}
    for key, value in parse_qsl(text, keep_blank_values=True, errors="strict"):
        _put(found, [part.rstrip("]") for part in key.split("[")], value, key)
    return found


def _put(into: Json, path: list[str], value: str, key: str) -> None:
    for part in path[:-1]:
        inner = into.setdefault(part or str(len(into)), {})
        if not isinstance(inner, dict):
            invalid(f"Invalid request: {key} is given as text and as an object.", key)
        into = inner
    into[path[-1] or str(len(into))] = value


@dataclass
class Checker:
    exists: Exists

    def check(self, shape: Mapping[str, object], given: Json, where: str = "") -> Json:
        """The values in their types. Raises Refusal for the first that does not fit."""
        known = {name.rstrip("!"): part for name, part in shape.items()}
        for name in given:
            if name not in known:
                path = _path(where, name)
                invalid(f"Received unknown parameter: {path}", path, "parameter_unknown")
        for name in shape:
            if name.endswith("!") and name[:-1] not in given:
                path = _path(where, name[:-1])
                invalid(f"Missing required param: {path}.", path, "parameter_missing")
        return {name: self.value(known[name], value, _path(where, name)) for name, value in given.items()}

    def value(self, shape: object, given: object, path: str) -> object:
        if isinstance(shape, Or):
            return None if given == "" else self.value(shape.shape, given, path)
        if isinstance(shape, Meta | Range):
            return _metadata(given, path) if isinstance(shape, Meta) else self._range(given, path)
        if isinstance(shape, dict):
            return self.check(shape, _object(given, path), path)
        if isinstance(shape, list):
            items = _array(given, path)
            return [self.value(shape[0], one, f"{path}[{n}]") for n, one in enumerate(items)]
        if not isinstance(given, str):
            invalid("Invalid string: an object was given.", path)
        return self._plain(shape, given, path)

    def _range(self, given: object, path: str) -> object:
        if isinstance(given, str):
            return {"exactly": _integer(given, path)}
        return self.check(EDGES, _object(given, path), path)

    def _plain(self, shape: object, given: str, path: str) -> object:
        if isinstance(shape, Text):
            return given or None
        if given == "":
            message = (
                f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset it."
            )
            invalid(message, path, "parameter_invalid_empty")
        if isinstance(shape, Ref):
            if not self.exists(shape.kind, given):
                message = f"No such {shape.kind.replace('_', ' ')}: '{given}'"
                raise Refusal(message, code="resource_missing", param=path)
            return given
        if isinstance(shape, tuple):
            return _choice(shape, given, path)
        return READERS[shape](given, path) if isinstance(shape, type) else given


def _path(where: str, name: str) -> str:
    return f"{where}[{name}]" if where else name


def _object(given: object, path: str) -> Json:
    if not isinstance(given, dict):
        invalid("Invalid object", path)
    return given


def _array(given: object, path: str) -> list[object]:
    if given == "":
        return []
    if not isinstance(given, dict) or not all(key.isdigit() for key in given):
        invalid("Invalid array", path)
    return [given[key] for key in sorted(given, key=int)]


def _choice(choices: tuple[str, ...], given: str, path: str) -> str:
    if given not in choices:
        invalid(f"Invalid {path}: must be one of {', '.join(choices)}", path)
    return given


def _integer(given: str, path: str) -> int:
    if not given.lstrip("-").isdecimal():
        invalid(f"Invalid integer: {given}", path, "parameter_invalid_integer")
    return int(given)


def _number(given: str, path: str) -> float:
    try:
        return float(given)
    except ValueError:
        invalid(f"Invalid decimal: {given}", path)


def _flag(given: str, path: str) -> bool:
    if given not in ("true", "false"):
        invalid(f"Invalid boolean: {given}", path)
    return given == "true"


READERS: dict[type, Callable[[str, str], object]] = {
    str: lambda given, path: given,
    int: _integer,
    float: _number,
    bool: _flag,
}


def _metadata(given: object, path: str) -> dict[str, str]:
    if given == "":
        return {}
    pairs = _object(given, path)
    if len(pairs) > MAX_KEYS:
        invalid(f"You can have up to {MAX_KEYS} metadata keys.", path)
    for key, value in pairs.items():
        if not isinstance(value, str):
            invalid("Metadata values must be strings.", f"{path}[{key}]")
        if len(key) > MAX_KEY or len(value) > MAX_VALUE:
            invalid(f"Metadata keys have up to {MAX_KEY} characters, values {MAX_VALUE}.", f"{path}[{key}]")
    return pairs


def merge_metadata(kept: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    """As Stripe merges: keys are added and replaced, an empty value removes, an empty whole removes all."""
    if not given:
        return {}
    return {key: value for key, value in {**kept, **given}.items() if value != ""}
