"""The visitor_token: proves a visitor of one site. Signed, so that nothing is stored before the first message.

`vt_` + base64url(visitor id 16 bytes, secret 16 bytes, HMAC-SHA256 over site, id and secret cut to 16 bytes). Once the
visitor has a row, the row keeps the token's SHA-256 and only that token is theirs.
"""

import base64
import binascii
import hashlib
import secrets
import uuid
from dataclasses import dataclass

from django.utils.crypto import constant_time_compare, salted_hmac

PREFIX = "vt_"


@dataclass(frozen=True, slots=True)
class VisitorClaim:
    """A verified token, bound to its site. `token_hash` is what a Visitor row must hold."""

    site_id: uuid.UUID
    visitor_id: uuid.UUID
    token_hash: str
    visitor_token: str


def _mac(site_id: uuid.UUID, secret_part: bytes) -> bytes:
    return salted_hmac("livechat.visitor_token", site_id.bytes + secret_part, algorithm="sha256").digest()[
        :16
    ]


def _claim(site_id: uuid.UUID, raw: bytes, visitor_token: str) -> VisitorClaim:
    digest = hashlib.sha256(visitor_token.encode()).hexdigest()
    return VisitorClaim(site_id, uuid.UUID(bytes=raw[:16]), digest, visitor_token)


def new_claim(site_id: uuid.UUID) -> VisitorClaim:
    part = uuid.uuid4().bytes + secrets.token_bytes(16)
    raw = part + _mac(site_id, part)
    return _claim(site_id, raw, PREFIX + base64.urlsafe_b64encode(raw).decode().rstrip("="))


def read_claim(site_id: uuid.UUID, visitor_token: str) -> VisitorClaim | None:
    """None for anything that this product did not sign for this very site."""
    if not visitor_token.startswith(PREFIX) or len(visitor_token) != len(PREFIX) + 64:
        return None
    try:
        raw = base64.b64decode(visitor_token[len(PREFIX) :], altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != 48 or not constant_time_compare(raw[32:], _mac(site_id, raw[:32])):
        return None
    return _claim(site_id, raw, visitor_token)
