"""Slack's id tokens: RS256 by one of the keys that Slack publishes, for us, from Slack, fresh, and for this browser."""

import threading
import time
from typing import Any

import jwt
from django.conf import settings
from django.utils.crypto import constant_time_compare

from accounts.errors import Refused
from slackapp import client

KEYS_PATH = "/openid/connect/keys"
# Slack changes its keys seldom; an unknown one is asked for at once anyway
KEYS_LIVE = 3600
LEEWAY = 60
ALGORITHM = "RS256"
NEEDED = ["iss", "sub", "aud", "exp", "iat", "nonce"]
MOST_KEYS = 20


class Keys:
    """What Slack published last. One fetch at a time; none is held while Slack is asked twice for the same."""

    def __init__(self) -> None:
        self._keys: dict[str, jwt.PyJWK] = {}
        self._of = ""
        self._until = 0.0
        self._lock = threading.Lock()

    def get(self, kid: str) -> jwt.PyJWK | None:
        """Fetched anew once when it is not known. Raises SlackError when Slack does not answer."""
        with self._lock:
            if self._of != settings.SLACK_WEB_URL or time.monotonic() > self._until or kid not in self._keys:
                self._fetch()
            return self._keys.get(kid)

    def _fetch(self) -> None:
        self._keys = _usable(client.published(KEYS_PATH).get("keys"))
        self._of, self._until = settings.SLACK_WEB_URL, time.monotonic() + KEYS_LIVE


def _usable(published: Any) -> dict[str, jwt.PyJWK]:
    """RSA signing keys by their id; whatever else stands there is none of ours."""
    found = {}
    for key in published[:MOST_KEYS] if isinstance(published, list) else []:
        if not isinstance(key, dict) or key.get("kty") != "RSA" or key.get("use", "sig") != "sig":
            continue
        try:
            found[str(key["kid"])] = jwt.PyJWK(key, ALGORITHM)
        except (jwt.PyJWTError, KeyError, ValueError):
            continue
    return found


keys = Keys()


def read(token: str, nonce: str) -> dict[str, Any]:
    """The claims of a token that is right in every way; Refused("bad_token") otherwise. May raise SlackError."""
    try:
        header = jwt.get_unverified_header(token)
        key = keys.get(str(header.get("kid"))) if header.get("alg") == ALGORITHM else None
        if key is None:
            raise _refused()
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=settings.SLACK_CLIENT_ID,
            issuer=settings.SLACK_WEB_URL,
            leeway=LEEWAY,
            options={"require": NEEDED},
        )
    except (jwt.PyJWTError, ValueError) as error:
        raise _refused() from error
    given = claims["nonce"]
    # several audiences would mean that somebody else may use the token as well
    if claims["aud"] not in (settings.SLACK_CLIENT_ID, [settings.SLACK_CLIENT_ID]):
        raise _refused()
    if not isinstance(given, str) or not constant_time_compare(given, nonce):
        raise _refused()
    return claims


def _refused() -> Refused:
    return Refused("bad_token", "What Slack sent does not prove who you are. Nothing was changed.")
