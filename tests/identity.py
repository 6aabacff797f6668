"""What a customer's server does: signs who is logged in there."""

import time
from typing import Any

import jwt

from accounts.models import Member
from livechat.actions import identity_keys
from livechat.models import IdentityKey, Site

CAROL: dict[str, Any] = {"sub": "4711", "name": "Carol Nguyen", "email": "carol@customer.example"}


def key_of(owner: Member, site: Site, mode: str = "mark") -> IdentityKey:
    """The site's first key, with which it checks from now on."""
    key = identity_keys.make_key(owner, site)
    identity_keys.set_mode(owner, site, mode)
    return key


def claims_of(site: Site, **claims: Any) -> dict[str, Any]:
    now = int(time.time())
    whole = {"aud": site.public_token, "iat": now, "exp": now + 3600, **CAROL, **claims}
    return {name: value for name, value in whole.items() if value is not ...}


def token(key: IdentityKey, *, headers: dict[str, Any] | None = None, **claims: Any) -> str:
    """`...` as a claim's value leaves it out."""
    named = {"kid": key.kid} if headers is None else headers
    return jwt.encode(claims_of(key.site, **claims), key.secret.reveal(), "HS256", headers=named)
