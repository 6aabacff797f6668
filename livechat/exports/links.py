"""The way to an export's file: a page that is signed for a day, and behind it a link that is good for minutes.

The page asks who somebody is and what they may; the link needs no cookie, so that the files' own host can serve it.
"""

import time
import uuid

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from livechat.models import Export

LIVES = 600
_PAGE, _FILE = "livechat.export_page", "livechat.export_file"
PATH = "/files/exports/"


def page(export: Export) -> str:
    """Good while it is made and for as long as the file is there."""
    return f"{settings.CONSOLE_URL}{reverse('export_fetch', args=[export.pk])}?key={page_key(export)}"


def page_key(export: Export) -> str:
    return _signature(_PAGE, export.pk.hex)


def is_page_key(export: Export, given: str) -> bool:
    return constant_time_compare(given, page_key(export))


def file(export: Export) -> str:
    """Made for whoever was let in a moment ago."""
    until = int(time.time()) + LIVES
    return f"{settings.FILES_URL}{PATH}{export.pk}?until={until}&key={_of_file(export.pk, until)}"


def is_ours(export_id: uuid.UUID, until: int, given: str) -> bool:
    return constant_time_compare(given, _of_file(export_id, until))


def _of_file(export_id: uuid.UUID, until: int) -> str:
    return _signature(_FILE, f"{export_id.hex}:{until}")


def _signature(salt: str, words: str) -> str:
    return salted_hmac(salt, words, algorithm="sha256").hexdigest()[:40]
