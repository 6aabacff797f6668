"""Who asks at the moment, for the audit log: set for each request, and absent where nobody asks by the web."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import ip_address, ip_network


@dataclass(frozen=True, slots=True)
class Asker:
    """`address` is cut (`cut_address`); `session` tells two browsers apart and opens neither."""

    address: str = ""
    session: str = ""


NOBODY = Asker()
_asker: ContextVar[Asker] = ContextVar("asker", default=NOBODY)


def asker() -> Asker:
    return _asker.get()


@contextmanager
def asked_by(who: Asker) -> Iterator[None]:
    token = _asker.set(who)
    try:
        yield
    finally:
        _asker.reset(token)


def cut_address(address: str) -> str:
    """The network somebody came from, not the person: a /24, or a /48 of IPv6. Empty for what is no address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((address, 24 if parsed.version == 4 else 48), strict=False))


def session_hint(key: str | None) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:8] if key else ""
