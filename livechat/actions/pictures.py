"""Small pictures from elsewhere (faces, a company's own emoji), kept and shown from here."""

import hashlib
from collections.abc import Iterable

from livechat.models import Picture


def key_of(source: str) -> str:
    """Another address is another picture: companies that host faces change the address with the picture."""
    return hashlib.sha256(source.encode()).hexdigest()


def is_kept(key: str) -> bool:
    return Picture.objects.filter(pk=key).exists()


def keep(source: str, content: bytes) -> str:
    """`content` is WebP that we encoded ourselves. Gives the key; keeping it twice is harmless."""
    key = key_of(source)
    Picture.objects.bulk_create([Picture(key=key, content=content)], ignore_conflicts=True)
    return key


def forget(keys: Iterable[str]) -> bool:
    """These are shown no more; True if any was there."""
    return bool(Picture.objects.filter(pk__in=list(keys)).delete()[0])
