"""Where bytes lie: Django's storage under random keys. What people called a file never becomes a path."""

import secrets
from typing import IO

from django.core.files import File
from django.core.files.storage import default_storage as storage


def new_key() -> str:
    name = secrets.token_hex(20)
    return f"{name[:2]}/{name}"


def put(key: str, content: IO[bytes]) -> int:
    """Streams it there and gives its size in bytes. The key must be new."""
    content.seek(0)
    kept = storage.save(key, File(content, name=key))
    if kept != key:
        storage.delete(kept)
        raise FileExistsError(key)
    return content.tell()


def open_stored(key: str) -> IO[bytes]:
    """Raises FileNotFoundError."""
    opened: IO[bytes] = storage.open(key, "rb")
    return opened


def remove(key: str) -> None:
    """Removing what is not there is harmless."""
    storage.delete(key)
