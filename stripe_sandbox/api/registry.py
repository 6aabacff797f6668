"""How an endpoint is declared and found."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from stripe_sandbox.model import Json
from stripe_sandbox.params import RANGE
from stripe_sandbox.sandbox import Sandbox

PAGE: Mapping[str, object] = {"limit": int, "starting_after": str, "ending_before": str}
CREATED: Mapping[str, object] = {"created": RANGE}
EXPAND: Mapping[str, object] = {"expand": [str]}


@dataclass
class Call:
    box: Sandbox
    args: Json
    id: str = ""
    """Of the object in the path."""


Handler = Callable[[Call], Json]


@dataclass(frozen=True)
class Endpoint:
    name: str
    verb: str
    path: str
    handler: Handler
    shape: Mapping[str, object]
    pattern: re.Pattern[str] = field(compare=False)


ENDPOINTS: dict[str, Endpoint] = {}


def endpoint(
    name: str, route: str, shape: Mapping[str, object] | None = None
) -> Callable[[Handler], Handler]:
    """`route` is `POST /v1/customers/{id}`; `name` is what faults and the log call it."""

    def register(handler: Handler) -> Handler:
        verb, path = route.split(" ")
        pattern = re.compile(re.sub(r"\{id\}", "(?P<id>[^/]+)", path))
        ENDPOINTS[name] = Endpoint(name, verb, path, handler, {**EXPAND, **(shape or {})}, pattern)
        return handler

    return register


def found(verb: str, path: str) -> tuple[Endpoint, str] | None:
    """The endpoint and the id in the path. A fixed path goes before one with an id."""
    fits = [
        (one, match)
        for one in ENDPOINTS.values()
        if one.verb == verb and (match := one.pattern.fullmatch(path))
    ]
    if not fits:
        return None
    one, match = min(fits, key=lambda fit: fit[0].path.count("{"))
    return one, match.groupdict().get("id", "")
