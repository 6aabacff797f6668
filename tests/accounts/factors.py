"""An authenticator app, as RFC 6238 describes it, and what people do with one."""

import base64
import hashlib
import hmac
import re
import struct
import time

from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.factor_adapter import FactorAdapter
from accounts.models import User

ACTIVATE = "/accounts/2fa/totp/activate/"


def code_of(secret: str, at: float | None = None) -> str:
    counter = struct.pack(">Q", int(at or time.time()) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def set_up_app(browser: Client) -> tuple[str, list[str]]:
    """The secret, and the recovery codes that are shown now and never again."""
    page = browser.get(ACTIVATE).content.decode()
    found = re.search(r"data-secret>([A-Z2-7]{32})<", page)
    assert found, page
    answer = browser.post(ACTIVATE, {"code": code_of(found[1])}, follow=True)
    return found[1], re.findall(r"<li><code>(\d{8})</code>", answer.content.decode())


def with_app(user: User) -> str:
    """Somebody who set one up long ago; its secret."""
    secret = base64.b32encode(hashlib.sha1(str(user.pk).encode()).digest()).decode()
    data = {"secret": FactorAdapter().encrypt(secret)}
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=data)
    return secret
