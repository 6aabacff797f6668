"""System checks: what would hurt a deployment is refused at start, with the mend."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution

from accounts import keyring

MIN_SECRET_KEY = 32


@register(Tags.security)
def field_encryption_keys(**_: Any) -> list[CheckMessage]:
    try:
        keyring.ring()
    except keyring.BadKeys as error:
        return [Error(str(error), id="accounts.E001")]
    return []


@register(Tags.security)
def production_secrets(**_: Any) -> list[CheckMessage]:
    if settings.DEBUG:
        return []
    found: list[CheckMessage] = []
    if len(settings.SECRET_KEY) < MIN_SECRET_KEY:
        found.append(
            Caution(
                f"SECRET_KEY is shorter than {MIN_SECRET_KEY} characters: sessions and visitor tokens could be forged.",
                hint='Make one: python -c "import secrets; print(secrets.token_urlsafe(48))"',
                id="accounts.W002",
            )
        )
    if keyring.DEBUG_KEY in settings.FIELD_ENCRYPTION_KEY:
        found.append(
            Error(
                "FIELD_ENCRYPTION_KEY holds the public key of debug mode.",
                hint=keyring.HOW,
                id="accounts.E003",
            )
        )
    parts = urlsplit(settings.PUBLIC_URL)
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        found.append(
            Caution(
                "PUBLIC_URL is plain http: passwords and chats travel readable.",
                hint="Put the product behind https and set PUBLIC_URL to the https address.",
                id="accounts.W001",
            )
        )
    return found
