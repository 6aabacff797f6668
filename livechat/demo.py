"""The demo's fixed people and the link that lets its visitor into the console without a password."""

from django.core import signing

OWNER_EMAIL = "alice@acme.example"
AGENT_EMAIL = "bob@acme.example"
WORKSPACE_NAME = "Acme"
SITE_NAME = "Acme shop"
CHANNEL_NAME = "website-chat"
KEY_SECONDS = 24 * 3600
_SALT = "demo.enter"


def enter_key() -> str:
    """Opens the console as the demo's owner for a day, from this machine only."""
    return signing.dumps(OWNER_EMAIL, salt=_SALT)


def owner_of_key(key: str) -> str | None:
    """The e-mail address a key stands for, or None for a forged or an old one."""
    try:
        return str(signing.loads(key, salt=_SALT, max_age=KEY_SECONDS))
    except signing.BadSignature:
        return None
