"""Hints of people and accounts for Huey; the functions behind them are what is tested."""

from django.db import close_old_connections
from huey.contrib.djhuey import HUEY

from accounts.actions import auditing, newcomers
from accounts.session_store import SessionStore
from config import engine


@HUEY.task()  # type: ignore[untyped-decorator]
def _look_after_accounts() -> None:
    close_old_connections()
    newcomers.forget_unproved()
    SessionStore.clear_expired()
    auditing.forget_old_entries()


def look_after_accounts() -> None:
    """Harmless to run anywhere at any time."""
    if engine.carries():
        _look_after_accounts()
