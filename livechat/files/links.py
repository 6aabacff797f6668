"""Addresses of stored files: signed, soon expired, without a cookie (FILES_URL may be another domain).

A link tells for whom it was made: what was turned into a note is out of the visitor's reach at once, and still in the
console's. It is the same for all who ask within ten minutes, so that a picture shown twice is fetched once.
"""

import time
import uuid
from enum import StrEnum
from urllib.parse import quote

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

LIVES = 600
_SALT = "livechat.file_link"


class For(StrEnum):
    VISITOR = "v"
    CONSOLE = "c"


class Part(StrEnum):
    WHOLE = "whole"
    THUMBNAIL = "thumbnail"


def link(site_id: uuid.UUID, file_id: uuid.UUID, name: str, reader: For, part: Part = Part.WHOLE) -> str:
    """Good for ten to twenty minutes."""
    until = (int(time.time()) // LIVES + 2) * LIVES
    signature = _signature(site_id, file_id, reader, part, until)
    query = f"for={reader}&until={until}&key={signature}"
    if part is Part.THUMBNAIL:
        return f"{settings.FILES_URL}/files/{file_id}/thumbnail.webp?part={part}&{query}"
    return f"{settings.FILES_URL}/files/{file_id}/{quote(name, safe='')}?{query}"


def is_ours(site_id: uuid.UUID, file_id: uuid.UUID, reader: For, part: Part, until: int, given: str) -> bool:
    """Whether we signed it, at whatever time."""
    return constant_time_compare(given, _signature(site_id, file_id, reader, part, until))


def has_expired(until: int) -> bool:
    return until < time.time()


def _signature(site_id: uuid.UUID, file_id: uuid.UUID, reader: For, part: Part, until: int) -> str:
    words = f"{site_id.hex}:{file_id.hex}:{reader}:{part}:{until}"
    return salted_hmac(_SALT, words, algorithm="sha256").hexdigest()[:40]
