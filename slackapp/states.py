"""The state that travels through Slack and back: one use, ten minutes, bound to one browser and one purpose."""

import hashlib
import re
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.errors import Refused
from accounts.models import User
from slackapp import actions
from slackapp.models import Connection, OAuthState

LIFE = timedelta(minutes=10)
# what a way through Slack is for; each comes back to one address, and what was begun for another is refused there
CONNECT, ADD = "install", "add"
LOGIN, LINK, CONFIRM, PROVE = "login", "link", "confirm", "prove"
SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def is_secret(text: str) -> bool:
    """Whether a cookie may be one that we gave. Two tabs of a browser share it, so that both find back."""
    return SECRET.fullmatch(text) is not None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def issue(
    purpose: str,
    browser_secret: str,
    *,
    user: User | None = None,
    connection: Connection | None = None,
    leads_to: str = "",
) -> str:
    """A fresh state; only hashes of it and of the browser's secret are kept."""
    state = secrets.token_urlsafe(32)
    more = {"user": user, "connection": connection, "leads_to": leads_to}
    actions.store_oauth_state(_hash(state), _hash(browser_secret), purpose, **more)
    return state


def take(state: str, browser_secret: str, *purposes: str) -> OAuthState:
    """Uses the state up, whatever is wrong with it otherwise. `Refused` unless everything fits."""
    with transaction.atomic():
        found = OAuthState.objects.select_related("user", "connection__installation")
        row = found.select_for_update(of=("self",)).filter(state_hash=_hash(state), used_at=None).first()
        if row is None:
            raise Refused(
                "bad_state", "This link was used before, or it was not made here. Nothing was changed."
            )
        actions.note_oauth_state_used(row)
    if row.purpose not in purposes:
        raise Refused("bad_state", "This link was made for something else. Nothing was changed.")
    if timezone.now() - row.created_at > LIFE:
        raise Refused("expired", "It took longer than ten minutes. Nothing was changed.")
    if not constant_time_compare(row.browser_hash, _hash(browser_secret)):
        raise other_browser()
    return row


def other_browser() -> Refused:
    return Refused("other_browser", "This was begun in another browser or account. Nothing was changed.")
