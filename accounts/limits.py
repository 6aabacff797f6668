"""How often somebody may do something: one table, counted in this process, two or three microseconds a hit.

Each limit is a bucket that holds `burst` and refills evenly at `amount` in `seconds`: one float per key. (The memory
storage of the `limits` package was measured at 7 to 11 µs a hit, starts a thread for it and never forgets a key.)

Counters are local to the process even when scaled out, so that no chat frame waits for Redis. What must count across
processes, signing in, is limited by allauth in Django's cache (ACCOUNT_RATE_LIMITS), which is Redis when scaled.
"""

import time
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from threading import Lock
from typing import Any

from django.conf import settings

MINUTE, HOUR, DAY = 60, 3600, 86_400


@dataclass(frozen=True, slots=True)
class Rate:
    """`amount` in `seconds`, of which `burst` may come at once (all of them unless said)."""

    amount: int
    seconds: int
    burst: int | None = None

    def shape(self, scale: float) -> tuple[float, float]:
        """Seconds that one hit costs, and how many seconds of cost may stand open."""
        cost = self.seconds / (self.amount * scale)
        return cost, cost * (max((self.burst or self.amount) * scale, 1) - 1)


@dataclass(frozen=True, slots=True)
class Limit:
    """All rates must hold. `mute_after` refusals within a minute refuse everything for a minute."""

    rates: tuple[Rate, ...]
    by_address: bool = False
    mute_after: int | None = None


# One address may be a whole office: 200 honest visitors behind it must still be able to chat.
LIMITS: Mapping[str, Limit] = {
    "configs_per_address": Limit((Rate(600, MINUTE, burst=400),), by_address=True),
    "hello_per_address": Limit((Rate(600, MINUTE, burst=400),), by_address=True),
    "rejections_per_address": Limit((Rate(120, MINUTE, burst=60),), by_address=True),
    "chats_per_visitor": Limit((Rate(3, 10 * MINUTE), Rate(10, DAY))),
    "chats_per_address": Limit((Rate(300, HOUR),), by_address=True),
    "chats_per_site": Limit((Rate(600, MINUTE),)),
    "chats_started_per_user": Limit((Rate(30, 10 * MINUTE, burst=15),)),
    "messages_per_visitor": Limit((Rate(1, 1, burst=10), Rate(300, DAY)), mute_after=3),
    "messages_per_address": Limit((Rate(50, 1),), by_address=True),
    "messages_per_site": Limit((Rate(50, 1),)),
    "changes_per_visitor": Limit((Rate(30, MINUTE, burst=10), Rate(300, DAY))),
    "typing_per_visitor": Limit((Rate(1, 2, burst=1),)),
    "pages_per_visitor": Limit((Rate(30, MINUTE, burst=10),)),
    "marks_per_visitor": Limit((Rate(120, MINUTE, burst=40),)),
    "ends_per_visitor": Limit((Rate(10, MINUTE),)),
    "forms_per_visitor": Limit((Rate(10, MINUTE), Rate(60, DAY))),
    "forms_per_address": Limit((Rate(300, HOUR),), by_address=True),
    "ratings_per_visitor": Limit((Rate(10, MINUTE),)),
    "syncs_per_visitor": Limit((Rate(60, MINUTE, burst=20),)),
    # whether what came too fast is stored already
    "repeats_per_visitor": Limit((Rate(60, MINUTE, burst=20),)),
    "files_per_visitor": Limit((Rate(5, MINUTE), Rate(200, DAY))),
    "files_per_address": Limit((Rate(120, MINUTE),), by_address=True),
    "downloads_per_address": Limit((Rate(1200, MINUTE),), by_address=True),
    # starts of a way through Slack and returns from it; each start writes a row
    "slack_ways_per_address": Limit((Rate(60, MINUTE),), by_address=True),
    # each sends a mail to whoever runs the server
    "support_per_address": Limit((Rate(5, HOUR),), by_address=True),
    "support_per_server": Limit((Rate(200, DAY, burst=60),)),
    # each sends a mail to an address that somebody wrote
    "transcripts_per_workspace": Limit((Rate(60, HOUR),)),
    # each sends a mail to an address that somebody wrote
    "invitations_per_workspace": Limit((Rate(50, DAY, burst=30),)),
    "invitations_per_email": Limit((Rate(5, DAY),)),
    # pages that ask another company, which counts the calls of all of us together
    "stripe_per_workspace": Limit((Rate(60, MINUTE),)),
    "workspaces_per_user": Limit((Rate(10, DAY),)),
    "invitation_links_per_address": Limit((Rate(60, MINUTE),), by_address=True),
    "visitor_mails_per_workspace": Limit((Rate(600, HOUR),)),
    # whoever wrote the address into chats need not be the one who reads the mails
    "visitor_mails_per_email": Limit((Rate(3, DAY),)),
    "console_per_user": Limit((Rate(300, MINUTE),)),
}
MUTE_SECONDS = 60
FORGET_EVERY = 20_000


class Buckets:
    """For each key the moment at which its bucket is full again."""

    def __init__(self) -> None:
        self._full_at: dict[object, float] = {}
        self._forget_at = FORGET_EVERY
        self._lock = Lock()

    def take(self, shapes: Iterable[tuple[object, float, float]], now: float) -> float:
        """Seconds to wait, or 0 and every bucket is charged: all of them or none."""
        with self._lock:
            charged = []
            for key, cost, room in shapes:
                full_at = max(self._full_at.get(key, 0.0), now)
                # a part of the cost, so that rounding never refuses the hit after exactly the wait told
                if full_at - now > room + cost * 1e-6:
                    return full_at - now - room
                charged.append((key, full_at + cost))
            self._full_at.update(charged)
            if len(self._full_at) > self._forget_at:
                self._forget(now)
        return 0.0

    def _forget(self, now: float) -> None:
        self._full_at = {key: full_at for key, full_at in self._full_at.items() if full_at > now}
        self._forget_at = len(self._full_at) + FORGET_EVERY

    def clear(self) -> None:
        with self._lock:
            self._full_at.clear()

    def __len__(self) -> int:
        return len(self._full_at)


buckets = Buckets()
_muted_until: dict[object, float] = {}


@lru_cache(maxsize=256)
def _shapes(name: str, scale: float) -> tuple[tuple[int, float, float], ...]:
    return tuple((place, *rate.shape(scale)) for place, rate in enumerate(LIMITS[name].rates))


def hit(name: str, *key: str) -> int:
    """0 and counted, or the milliseconds after which it may be tried again and nothing counted.

    `key` says who: ids of workspace, site, visitor or user, or the address as `client_ip` tells it.
    """
    limit = LIMITS[name]
    who = (name, *(address_block(part) for part in key)) if limit.by_address else (name, *key)
    now = time.monotonic()
    if limit.mute_after and (mute := _muted_until.get(who, 0.0) - now) > 0:
        return int(mute * 1000) + 1
    shapes = [((who, place), cost, room) for place, cost, room in _shapes(name, settings.LIMITS_SCALE)]
    wait = buckets.take(shapes, now)
    if not wait:
        return 0
    if limit.mute_after and _is_stubborn(who, limit.mute_after, now):
        wait = max(wait, MUTE_SECONDS)
    return int(wait * 1000) + 1


def _is_stubborn(who: object, most: int, now: float) -> bool:
    """Counts a refusal; at the last one that is borne the mute begins."""
    cost = MUTE_SECONDS / most
    # the refusal that fills the bucket is itself the last one borne
    if buckets.take([(("refused", who), cost, cost * (most - 2))], now) == 0:
        return False
    for known in [known for known, until in _muted_until.items() if until <= now]:
        del _muted_until[known]
    _muted_until[who] = now + MUTE_SECONDS
    return True


def forget_everything() -> None:
    """For tests and for whoever operates a process."""
    buckets.clear()
    _muted_until.clear()


# --- whose address is it ---------------------------------------------------------------------------------------------


def client_ip(scope: MutableMapping[str, Any]) -> str:
    """The client's address of an ASGI scope; `X-Forwarded-For` counts only behind one of TRUSTED_PROXIES."""
    peer = (scope.get("client") or ("",))[0]
    forwarded = [
        value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"x-forwarded-for"
    ]
    return behind_proxies(peer, ",".join(forwarded))


def behind_proxies(peer: str, forwarded: str) -> str:
    """Walks from our side outwards and stops at the first address that is none of ours, or at junk."""
    proxies = _networks(tuple(settings.TRUSTED_PROXIES))
    known = _parse(peer)
    for hop in reversed(forwarded.split(",")):
        if known is None or not any(
            known in network for network in proxies if network.version == known.version
        ):
            break
        further = _parse(hop)
        if further is None:
            break
        known = further
    return str(known) if known else "unknown"


@lru_cache(maxsize=8)
def _networks(values: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(ip_network(value) for value in values)


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or ip_address(int(address))
    return address


@lru_cache(maxsize=4096)
def address_block(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 that an IPv6 household gets."""
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((int(parsed), 64), strict=False))
    return str(parsed) if parsed else "unknown"
