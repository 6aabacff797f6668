"""Impersonation: an operator sees what somebody sees. It is read-only, lasts an hour at most, and is written down.

The session stays the operator's. `request.user` is the somebody while pages of the console are read; whatever would
write is refused, by its method and, below that, by the database connection.
"""

import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest

from accounts.models import User

SEEN_AS = "seen_as"
LONGEST = timedelta(minutes=60)
ONLY_LOOKS = "You see this as somebody else sees it, read-only. Stop first, then act in your own name."
THEIRS_ALONE = (
    "What belongs to the person alone, such as how they log in, is not shown. Stop to see your own pages."
)
# a session is the operator's own
WRITES = re.compile(
    r'\s*(?:insert|update|delete|replace)\b(?!.*?"django_session")', re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Seeing:
    """`until` is a Unix time. The user is None once their account is gone."""

    operator: User
    user: User | None
    until: float

    @property
    def is_over(self) -> bool:
        return time.time() >= self.until or not may_be_seen(self.user)

    @property
    def minutes_left(self) -> int:
        return max(1, -(-int(self.until - time.time()) // 60))


def is_operator(user: Any) -> bool:
    return bool(user.is_authenticated and user.is_active and user.is_superuser)


def may_be_seen(user: User | None) -> bool:
    return user is not None and user.is_active and not user.is_staff and not user.is_superuser


def seeing_in(session: Any, operator: Any) -> Seeing | None:
    """None for whoever is no operator (any more), whatever their session holds."""
    kept = session.get(SEEN_AS)
    if kept is None or not is_operator(operator):
        return None
    return Seeing(operator, User.objects.filter(pk=uuid.UUID(kept["user"])).first(), kept["until"])


def remember(session: Any, user: User) -> None:
    session[SEEN_AS] = {"user": str(user.pk), "until": time.time() + LONGEST.total_seconds()}


def only_looks(request: HttpRequest) -> bool:
    return getattr(request, "seeing", None) is not None


@contextmanager
def nothing_is_written() -> Iterator[None]:
    """PermissionDenied for whatever would write by this thread's connection, but for the session."""
    with connection.execute_wrapper(_refuse_writes):
        yield


def _refuse_writes(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    if WRITES.match(sql):
        raise PermissionDenied(ONLY_LOOKS)
    return execute(sql, params, many, context)
