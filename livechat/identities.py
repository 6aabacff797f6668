"""Identity tokens: what a website's server signs about whoever is logged in there (W14, docs/widget.md).

JSON Web Tokens, HS256 alone (RFC 7519, RFC 7515). Checked before anything is stored; what is wrong is said in a
sentence for whoever makes the tokens, and never shows a secret.
"""

import math
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from accounts.errors import Refused
from accounts.names import clean_name
from livechat.models import IdentityKey, Site
from livechat.person import Person
from livechat.protocol import CONTROLS, SURROGATES

ALGORITHM = "HS256"
LONGEST_TOKEN, LONGEST_SUBJECT = 4096, 255
LONGEST_LIFE, SKEW = timedelta(hours=24), timedelta(seconds=60)
MOST_ATTRIBUTES, LONGEST_LABEL, LONGEST_VALUE = 20, 40, 200
MOST_LIVE = 2
_UNCHECKED: Any = {f"verify_{claim}": False for claim in ("exp", "iat", "nbf", "aud", "iss", "sub", "jti")}


class Rejected(Refused):
    """`subject`: whom the token names, where its signature is good and it merely came too late."""

    def __init__(self, sentence: str, subject: str = "") -> None:
        super().__init__("identity_rejected", sentence)
        self.subject = subject


NEEDED = Rejected("This chat is for people who are logged in. The page has to send an identity token.")


def live_keys(site: Site) -> list[IdentityKey]:
    """The newest first."""
    now = timezone.now()
    return [key for key in site.identity_keys.order_by("-created_at", "pk") if key.is_live(now)]


def check(site: Site, token: str) -> Person:
    """Whom the token names. `Rejected` says what to mend."""
    if len(token) > LONGEST_TOKEN:
        raise Rejected(f"The token is longer than {LONGEST_TOKEN:,} characters. Send fewer attributes.")
    claims = _signed(site, token)
    _check_audience(site, claims.get("aud"))
    expires_at = _check_times(claims, subject := _subject(claims))
    left_out: list[str] = []
    return Person(
        subject,
        expires_at,
        clean_name(_text(claims, "name")),
        _address(claims, left_out),
        _attributes(claims, left_out),
        tuple(left_out),
    )


def _signed(site: Site, token: str) -> Mapping[str, Any]:
    """The claims, once one of the site's live keys has proved them."""
    keys = _keys_for(site, _header(token))
    for key in keys:
        try:
            return jwt.decode(token, key.secret.reveal(), algorithms=[ALGORITHM], options=_UNCHECKED)
        except jwt.InvalidSignatureError:
            continue
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise Rejected("The token’s claims cannot be read. They must be a JSON object.") from None
    raise Rejected(
        "The signature is wrong. Sign with this site’s secret, exactly as it was shown, and HS256."
    )


def _header(token: str) -> Mapping[str, Any]:
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise Rejected("This is not a JSON Web Token: three parts with dots between them.") from None
    if header.get("alg") != ALGORITHM:
        raise Rejected("The token is not signed with HS256. No other algorithm is taken.")
    return header


def _keys_for(site: Site, header: Mapping[str, Any]) -> list[IdentityKey]:
    keys = live_keys(site)
    if not keys:
        raise Rejected("This site has no identity key. Its owner makes one under Sites, Identity.")
    if "kid" not in header:
        return keys
    named = [key for key in keys if key.kid == header["kid"]]
    if not named:
        raise Rejected("The token’s kid names no live key of this site. Sign with the newest key.")
    return named


def _subject(claims: Mapping[str, Any]) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject.strip():
        raise Rejected("sub is missing. It must be your own id of the person, as a text.")
    if len(subject) > LONGEST_SUBJECT or CONTROLS.search(subject) or SURROGATES.search(subject):
        raise Rejected(f"sub must be a text of at most {LONGEST_SUBJECT} characters on one line.")
    return subject


def _check_audience(site: Site, audience: Any) -> None:
    if audience != site.public_token and audience != [site.public_token]:
        raise Rejected(f"aud must be this site’s key, {site.public_token}.")


def _check_times(claims: Mapping[str, Any], subject: str) -> datetime:
    now, skew = time.time(), SKEW.total_seconds()
    issued, expires = _moment(claims, "iat"), _moment(claims, "exp")
    if issued > now + skew or ("nbf" in claims and _moment(claims, "nbf") > now + skew):
        raise Rejected("The token is from the future. Set your server’s clock, and iat to now in seconds.")
    if expires <= now:
        raise Rejected("The token has expired. Make a new one for each page that is opened.", subject)
    if expires > now + LONGEST_LIFE.total_seconds() + skew:
        raise Rejected("exp is more than 24 hours ahead. An hour is enough.")
    return datetime.fromtimestamp(expires, UTC)


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Rejected(f"{name} is missing, or is no moment: seconds since 1970, as a number.")
    return value


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if value is not None and not isinstance(value, str):
        raise Rejected(f"{name} must be a text.")
    return value or ""


def _address(claims: Mapping[str, Any], left_out: list[str]) -> str:
    """The website's own data may be old: a wrong address keeps nobody out."""
    text = _text(claims, "email").strip()
    try:
        if text:
            validate_email(text)
    except ValidationError:
        left_out.append("email is no e-mail address and is left out.")
        return ""
    return text if len(text) <= 254 else ""


def _attributes(claims: Mapping[str, Any], left_out: list[str]) -> tuple[tuple[str, str], ...]:
    told = claims.get("attributes") or {}
    if not isinstance(told, dict):
        raise Rejected("attributes must be an object of texts, numbers, true and false.")
    if len(told) > MOST_ATTRIBUTES:
        left_out.append(f"Only the first {MOST_ATTRIBUTES} attributes are kept.")
    kept = list(told.items())[:MOST_ATTRIBUTES]
    read = ((clean_name(label, LONGEST_LABEL), _value(label, value)) for label, value in kept)
    return tuple((label, value) for label, value in read if label and value)


def _value(label: str, value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if value is not None and not isinstance(value, str | int | float):
        raise Rejected(
            f"The attribute “{clean_name(label, LONGEST_LABEL)}” must be a text, a number, true or false."
        )
    return clean_name("" if value is None else str(value), LONGEST_VALUE)
