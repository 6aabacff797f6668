"""Every address that the product answers, read from the table that answers them."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import get_converters

Wants = tuple[tuple[str, str], ...]
CONVERTERS = {type(one): name for name, one in get_converters().items()}


@dataclass(frozen=True)
class Address:
    """`console/chats/<uuid:chat_id>`: `wants` holds its parameters with the kind of each, in their order."""

    name: str
    route: str
    wants: Wants

    def filled(self, *values: object) -> str:
        path = self.route
        for (name, kind), value in zip(self.wants, values, strict=True):
            path = path.replace(f"<{kind}:{name}>", str(value))
        return f"/{path}"


def addresses(*begins: str) -> list[Address]:
    return [one for one in _below(get_resolver(), "") if one.route.startswith(begins or ("",))]


def _below(resolver: URLResolver, before: str, outer: Wants = ()) -> Iterator[Address]:
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        wants = (*outer, *((name, _kind(found)) for name, found in one.pattern.converters.items()))
        if isinstance(one, URLResolver):
            yield from _below(one, route, wants)
        elif isinstance(one, URLPattern):
            yield Address(one.name or "", route, wants)


def _kind(converter: object) -> str:
    return CONVERTERS[type(converter)]  # type: ignore[index]
