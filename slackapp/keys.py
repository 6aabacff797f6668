"""Calls with an installation's key. Whoever speaks for an installation calls here; `client` knows no installations."""

from typing import IO, Any

from slackapp import client, rotation
from slackapp.errors import Answered, Do
from slackapp.models import Installation

# what a key is answered with that was replaced, or has had its time
_STALE = frozenset({"token_expired", "invalid_auth", "token_revoked", "not_authed", "account_inactive"})


def call(installation: Installation, method: str, /, **arguments: Any) -> dict[str, Any]:
    """`client.call`, repeated once with another key where this one was changed meanwhile or has had its time.

    Slack does nothing for a key that it refuses, so repeating doubles nothing. Raises what `client.call` raises, and
    NotSent while another worker is renewing the key. `installation` has the newer key afterwards.
    """
    used = installation.bot_token.reveal()
    try:
        return client.call(method, used, **arguments)
    except Answered as error:
        if error.code not in _STALE or not _has_another(installation, used, error):
            raise
    return client.call(method, installation.bot_token.reveal(), **arguments)


def fetch_file(installation: Installation, url: str, into: IO[bytes], most: int) -> None:
    """`client.fetch_file`; a key that has had its time is answered there as one that may not see the file."""
    client.fetch_file(url, installation.bot_token.reveal(), into, most)


def _has_another(installation: Installation, used: str, error: Answered) -> bool:
    if _reread(installation) not in (used, ""):
        return True
    if error.todo is not Do.REFRESH or not installation.refresh_token:
        return False
    rotation.renew_now(installation)
    return _reread(installation) not in (used, "")


def _reread(installation: Installation) -> str:
    """Empty when the installation is gone."""
    now = Installation.objects.filter(pk=installation.pk).first()
    if now is None:
        return ""
    for name in ("bot_token", "refresh_token", "installed_at", "tries"):
        setattr(installation, name, getattr(now, name))
    return now.bot_token.reveal()
