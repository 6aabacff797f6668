"""Where somebody is logged in."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from allauth.usersessions.models import UserSession
from django.http import HttpRequest

from accounts.asking import cut_address
from accounts.browsers import plain
from accounts.errors import NotFound
from accounts.models import User
from accounts.session_store import SEEN, SessionStore, is_over


@dataclass(frozen=True, slots=True)
class Place:
    """A session in words. `seen_at` is at most ten minutes behind."""

    id: int
    browser: str
    network: str
    began_at: datetime
    seen_at: datetime
    is_this_one: bool


def places_of(request: HttpRequest, user: User) -> list[Place]:
    """This one first, then those that were used last; those that are over are forgotten on the way."""
    found = [_place(request, row) for row in UserSession.objects.purge_and_list(user)]
    places = [place for place in found if place is not None]
    return sorted(places, key=lambda place: (place.is_this_one, place.seen_at), reverse=True)


def _place(request: HttpRequest, row: UserSession) -> Place | None:
    store = SessionStore(row.session_key)
    stored = store.as_stored()
    if is_over(stored, time.time()):
        store.flush()
        return None
    seen = stored.get(SEEN)
    return Place(
        row.pk,
        plain(row.user_agent),
        cut_address(row.ip),
        row.created_at,
        datetime.fromtimestamp(seen, UTC) if seen else row.last_seen_at,
        row.session_key == request.session.session_key,
    )


def session_for(user: User, session_id: object) -> UserSession:
    """NotFound for sessions of others."""
    row = UserSession.objects.filter(user=user, pk=session_id).first()
    if row is None:
        raise NotFound
    return row
