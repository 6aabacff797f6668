"""The visitor_token: proves a visitor of one site. Signed, so that nothing is stored before the first message.

`vt_` + base64url(visitor id 16 bytes, secret 16 bytes, HMAC-SHA256 over site, id and secret cut to 16 bytes). Once the
visitor has a row, the row keeps the token's SHA-256 and only that token is theirs.

Somebody who is logged in on the website (W14) has a token on each device, signed with another salt: it is made for
whoever brought a good identity token alone, and its secret begins with the minute of its making. Their visitor id
follows from the website's id of them, so that devices agree before there is a row.
"""

import base64
import binascii
import hashlib
import secrets
import time
import uuid
from dataclasses import dataclass

from django.utils.crypto import constant_time_compare, salted_hmac

from livechat.person import Person

PREFIX = "vt_"
UNKNOWN, PERSONS = "livechat.visitor_token", "livechat.persons_token"
# after that the page's identity token is needed again; a day before its end a device has a newer one
LIFE_MINUTES, RENEW_MINUTES = 30 * 24 * 60, 24 * 60


@dataclass(frozen=True, slots=True)
class VisitorClaim:
    """A verified token, bound to its site. `token_hash` is what a Visitor row must hold.

    `made_at`: of a person's token, in minutes since 1970. `person`: who they are, if an identity token came with it.
    """

    site_id: uuid.UUID
    visitor_id: uuid.UUID
    token_hash: str
    visitor_token: str
    made_at: int | None = None
    person: Person | None = None

    @property
    def is_persons(self) -> bool:
        return self.made_at is not None

    @property
    def is_new(self) -> bool:
        return self.made_at is not None and _minute() - self.made_at < RENEW_MINUTES


def _minute() -> int:
    return int(time.time()) // 60


def _mac(site_id: uuid.UUID, secret_part: bytes, salt: str = UNKNOWN) -> bytes:
    return salted_hmac(salt, site_id.bytes + secret_part, algorithm="sha256").digest()[:16]


def _claim(site_id: uuid.UUID, raw: bytes, visitor_token: str) -> VisitorClaim:
    digest = hashlib.sha256(visitor_token.encode()).hexdigest()
    return VisitorClaim(site_id, uuid.UUID(bytes=raw[:16]), digest, visitor_token)


def _written(raw: bytes) -> str:
    return PREFIX + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def new_claim(site_id: uuid.UUID) -> VisitorClaim:
    part = uuid.uuid4().bytes + secrets.token_bytes(16)
    raw = part + _mac(site_id, part)
    return _claim(site_id, raw, _written(raw))


def read_claim(site_id: uuid.UUID, visitor_token: str) -> VisitorClaim | None:
    """None for anything that this product did not sign for this very site."""
    if not visitor_token.startswith(PREFIX) or len(visitor_token) != len(PREFIX) + 64:
        return None
    try:
        raw = base64.b64decode(visitor_token[len(PREFIX) :], altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != 48:
        return None
    if constant_time_compare(raw[32:], _mac(site_id, raw[:32])):
        return _claim(site_id, raw, visitor_token)
    return _read_persons(site_id, raw, visitor_token)


# --- somebody who is logged in on the website ------------------------------------------------------------------------


def id_of_person(site_id: uuid.UUID, subject: str) -> uuid.UUID:
    """Tells nothing of the subject to whoever does not have our key."""
    whole = salted_hmac("livechat.person", site_id.bytes + subject.encode(), algorithm="sha256").digest()
    return uuid.UUID(bytes=whole[:16], version=5)


def hash_of_person(site_id: uuid.UUID, visitor_id: uuid.UUID) -> str:
    """What the row of a person holds in place of a token's hash: they have several tokens."""
    return salted_hmac(
        "livechat.person_row", site_id.bytes + visitor_id.bytes, algorithm="sha256"
    ).hexdigest()


def new_persons_claim(site_id: uuid.UUID, visitor_id: uuid.UUID) -> VisitorClaim:
    """For whoever has proved to be this person, and for nobody else."""
    made_at = _minute()
    part = visitor_id.bytes + made_at.to_bytes(4) + secrets.token_bytes(12)
    written = _written(part + _mac(site_id, part, PERSONS))
    return VisitorClaim(site_id, visitor_id, hash_of_person(site_id, visitor_id), written, made_at)


def _read_persons(site_id: uuid.UUID, raw: bytes, visitor_token: str) -> VisitorClaim | None:
    made_at = int.from_bytes(raw[16:20])
    is_ours = constant_time_compare(raw[32:], _mac(site_id, raw[:32], PERSONS))
    if not is_ours or not made_at <= _minute() < made_at + LIFE_MINUTES:
        return None
    visitor_id = uuid.UUID(bytes=raw[:16])
    return VisitorClaim(site_id, visitor_id, hash_of_person(site_id, visitor_id), visitor_token, made_at)
