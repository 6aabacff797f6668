"""The keys that seal secrets at rest: settings.FIELD_ENCRYPTION_KEY, the first seals, every one opens."""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

HOW = 'Make one: python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
DEBUG_KEY = "ZGVidWctb25seS1kZWJ1Zy1vbmx5LWRlYnVnLW9ubHk="


class BadKeys(ImproperlyConfigured):
    """FIELD_ENCRYPTION_KEY is missing or malformed. The message never holds a key."""


@lru_cache(maxsize=8)
def _build(keys: tuple[str, ...]) -> tuple[Fernet, ...]:
    if not keys:
        raise BadKeys(f"FIELD_ENCRYPTION_KEY is empty. {HOW}")
    ring = []
    for place, key in enumerate(keys, 1):
        try:
            ring.append(Fernet(key))
        except ValueError:
            raise BadKeys(f"Key {place} of FIELD_ENCRYPTION_KEY is no Fernet key. {HOW}") from None
    return tuple(ring)


def ring() -> tuple[Fernet, ...]:
    """Read anew at every call, so that a changed setting counts at once; the parsing is remembered."""
    return _build(tuple(settings.FIELD_ENCRYPTION_KEY))


def seal(text: str) -> str:
    return ring()[0].encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises cryptography.fernet.InvalidToken when no key opens it."""
    return MultiFernet(ring()).decrypt(sealed).decode()


def is_current(sealed: str) -> bool:
    """Whether the first key sealed it."""
    try:
        ring()[0].decrypt(sealed)
    except InvalidToken:
        return False
    return True


# Read once at import: the field package below us does so too, and its own refusal does not say how to mend it.
ring()
