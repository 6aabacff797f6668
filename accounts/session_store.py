"""Sessions in the database, which end after twelve idle hours and fourteen days, whoever reads them: pages and sockets.

The session itself says when it began and was last used. It is written anew every ten minutes of use at most.
"""

import time
from datetime import timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY, user_logged_in
from django.contrib.sessions.backends import db
from django.dispatch import receiver
from django.http import HttpRequest

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=14)
NOTED_EVERY = timedelta(minutes=10)
BEGAN, SEEN = "began_at", "seen_at"


class SessionStore(db.SessionStore):
    def load(self) -> dict[str, Any]:
        session: dict[str, Any] = super().load()
        if SESSION_KEY not in session:
            return session
        now = int(time.time())
        if is_over(session, now):
            self.flush()
            return {}
        if now - session.get(SEEN, 0) >= NOTED_EVERY.total_seconds():
            session[SEEN] = now
            session.setdefault(BEGAN, now)
            self.modified = True
        return session

    def as_stored(self) -> dict[str, Any]:
        """What is in the row, for whoever looks at the session of another browser: that is no use of it."""
        stored: dict[str, Any] = super().load()
        return stored


def is_over(session: dict[str, Any], now: float) -> bool:
    """A session from before it was noted is as young as can be."""
    idle, age = now - session.get(SEEN, now), now - session.get(BEGAN, now)
    return bool(idle > IDLE.total_seconds() or age > LONGEST.total_seconds())


@receiver(user_logged_in)
def note_beginning(request: HttpRequest, **_: Any) -> None:
    request.session[BEGAN] = request.session[SEEN] = int(time.time())
