"""The board in Redis, where several web processes share it: each writes its own part, everybody reads all of them.

A part is a hash for each site and process, a field for each visitor. It expires by itself, and is renewed as a whole,
so that the onlookers of a process that was killed fade.
"""

import functools
import json
import time
import uuid
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

import redis
from django.conf import settings

from livechat.onlookers.board import Crowd, Onlooker
from livechat.person import Person

FADES_SECONDS = 45
WAIT_SECONDS = 1
BEYOND = "beyond"
PROCESS = uuid.uuid4().hex[:12]


@functools.cache
def _server(url: str) -> Any:
    return redis.Redis.from_url(
        url, socket_timeout=WAIT_SECONDS, socket_connect_timeout=WAIT_SECONDS, decode_responses=True
    )


def _parts(site_id: uuid.UUID) -> str:
    """A sorted set: the processes that have a part, by the moment until which it is good."""
    return f"threadbell:onlookers:{site_id.hex}"


def _part(site_id: uuid.UUID, process: str) -> str:
    return f"{_parts(site_id)}:{process}"


def keep(crowd: Crowd, changed: Iterable[str], process: str = PROCESS) -> None:
    """`redis.RedisError` if it could not be; the same again is harmless."""
    part = _part(crowd.site_id, process)
    with _server(settings.REDIS_URL).pipeline(transaction=True) as at_once:
        for visitor_id in changed:
            if (one := crowd.kept.get(visitor_id)) is None:
                at_once.hdel(part, visitor_id)
            else:
                at_once.hset(part, visitor_id, json.dumps(asdict(one), default=str))
        at_once.hset(part, BEYOND, crowd.beyond)
        at_once.expire(part, FADES_SECONDS)
        at_once.zadd(_parts(crowd.site_id), {process: time.time() + FADES_SECONDS})
        at_once.zremrangebyscore(_parts(crowd.site_id), "-inf", time.time())
        at_once.expire(_parts(crowd.site_id), FADES_SECONDS)
        at_once.execute()


def is_kept(crowd: Crowd, process: str = PROCESS) -> bool:
    """False once Redis has lost this process's part: all of it has to be written again."""
    return bool(_server(settings.REDIS_URL).exists(_part(crowd.site_id, process)))


def known_elsewhere(crowd: Crowd, visitor_ids: list[str], process: str = PROCESS) -> dict[str, Onlooker]:
    """Those of them who were, a moment ago, on pages that another process serves."""
    server, found = _server(settings.REDIS_URL), dict[str, Onlooker]()
    for other in server.zrangebyscore(_parts(crowd.site_id), time.time(), "+inf"):
        texts = server.hmget(_part(crowd.site_id, other), visitor_ids) if other != process else []
        found |= {one.visitor_id: one for one in map(_read, filter(None, texts))}
    return found


def read(site_id: uuid.UUID) -> tuple[list[Onlooker], int]:
    """Of all processes: each visitor once, and how many more are only counted."""
    server, merged, beyond = _server(settings.REDIS_URL), dict[str, Onlooker](), 0
    for process in server.zrangebyscore(_parts(site_id), time.time(), "+inf"):
        part = server.hgetall(_part(site_id, process))
        beyond += int(part.pop(BEYOND, 0))
        for one in map(_read, part.values()):
            merged[one.visitor_id] = _newer(one, merged.get(one.visitor_id))
    return list(merged.values()), beyond


def _newer(one: Onlooker, other: Onlooker | None) -> Onlooker:
    """Somebody with pages at two processes: who is there counts, then who moved last."""
    if other is None:
        return one
    return max((one, other), key=lambda each: (each.left_at is None, each.moved_at))


def _read(text: str) -> Onlooker:
    said = json.loads(text)
    person = said.pop("person")
    return Onlooker(**said, person=_person(person) if person else None)


def _person(said: dict[str, Any]) -> Person:
    """What JSON has made lists and texts of."""
    told = tuple((label, value) for label, value in said["attributes"])
    until = datetime.fromisoformat(said["expires_at"])
    return Person(said["subject"], until, said["name"], said["email"], told)
