"""Signs id tokens as Slack does: RS256 with a key of our own, published as a JWK set. Spoils them on demand."""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from slack_sandbox.model import Json

LIVES = 300
BITS = 2048


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _number(value: int) -> str:
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


@dataclass
class Key:
    kid: str = field(default_factory=lambda: secrets.token_hex(8))

    @cached_property
    def private(self) -> rsa.RSAPrivateKey:
        """Made when it is first needed: most runs never sign anybody in."""
        return rsa.generate_private_key(public_exponent=65537, key_size=BITS)

    def published(self) -> Json:
        numbers = self.private.public_key().public_numbers()
        shape = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid}
        return {**shape, "n": _number(numbers.n), "e": _number(numbers.e)}

    def sign(self, text: bytes) -> bytes:
        return self.private.sign(text, padding.PKCS1v15(), hashes.SHA256())

    def public_pem(self) -> bytes:
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.private.public_key().public_bytes(serialization.Encoding.PEM, form)


@dataclass
class SigningKeys:
    """The first key signs; the others are still published."""

    keys: list[Key] = field(default_factory=lambda: [Key()])

    def rotate(self, keep: bool) -> None:
        self.keys = [Key(), *self.keys] if keep else [Key()]

    def published(self) -> list[Json]:
        return [key.published() for key in self.keys]

    def token(self, claims: Json, spoilt: str = "") -> str:
        """`spoilt`: the kind of a fault, or nothing for a token that is right."""
        key = Key() if spoilt in ("bad_signature", "unknown_kid") else self.keys[0]
        header = {"typ": "JWT", "alg": "RS256", "kid": key.kid}
        if spoilt == "bad_signature":
            header["kid"] = self.keys[0].kid
        if spoilt in ("alg_none", "alg_hs256"):
            header["alg"] = spoilt.removeprefix("alg_").replace("hs", "HS")
        text = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
        return f"{text}.{b64(_signature(key, text.encode(), header['alg']))}"


def _signature(key: Key, text: bytes, algorithm: str) -> bytes:
    if algorithm == "none":
        return b""
    if algorithm == "HS256":
        # the old confusion: the published key taken for a shared secret
        return hmac.new(key.public_pem(), text, hashlib.sha256).digest()
    return key.sign(text)
