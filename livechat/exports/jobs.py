"""Whoever makes exports: one at a time in a process, taken before it is made, told by mail when it is ready."""

import logging
import tempfile
import threading
import time

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import mails
from livechat.actions import exports
from livechat.exports import links, writing
from livechat.files import store
from livechat.models import Export

log = logging.getLogger(__name__)

# how often it is written down how far one is
TELL_SECONDS = 1.0
_making = threading.Lock()


def _due() -> QuerySet[Export]:
    now = timezone.now()
    found = Export.unscoped.filter(
        Q(try_at__lte=now) | Q(mail_at__lte=now) | Q(expires_at__lte=now, state="ready")
    )
    return found.select_related("workspace", "asked_by", "visitor").order_by("created_at")


def is_any_due() -> bool:
    return not _making.locked() and _due().exists()


def work() -> None:
    """What is due: files whose day is over go, the oldest export that waits is made, whoever asked is told."""
    if not _making.acquire(blocking=False):
        return
    try:
        exports.forget_old_ones()
        for export in list(_due()):
            if export.is_waiting and exports.take(export):
                make(export)
        for export in list(_due().filter(mail_at__isnull=False)):
            tell(export)
    finally:
        _making.release()


def make(export: Export) -> None:
    """The claim is held. Whatever breaks is tried again; what is no longer wanted is dropped."""
    try:
        _make(export)
    except exports.Lost:
        log.info("export %s is made by somebody else, or is no longer wanted", export.pk)
    except Exception:
        log.exception("export %s failed", export.pk)
        exports.note_failed(export)


def _make(export: Export) -> None:
    key = store.new_key()
    with tempfile.TemporaryFile() as archive:
        writing.write(export, archive, Teller(export))
        exports.note_place(key)
        exports.finish(export, key, store.put(key, archive))


class Teller:
    """Writes down how far it is, at most once a second."""

    def __init__(self, export: Export) -> None:
        self.export, self.next = export, 0.0

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() >= self.next:
            self.next = time.monotonic() + TELL_SECONDS
            exports.move_on(self.export, done, total)


def tell(export: Export) -> None:
    """Taken before it is sent: a worker that dies with it costs the mail, and the page has the same link."""
    if not exports.take_mail(export) or export.asked_by is None or not export.asked_by.email:
        return
    what = "a visitor’s data" if export.visitor_id else f"the data of {export.workspace.name}"
    body = (
        f"The file with {what} that you asked for is ready. It can be fetched for a day, by people of the workspace "
        f"who may export, after they have shown again who they are.\n\n{links.page(export)}\n"
    )
    mails.tell(export.asked_by.email, f"Your export of {what} is ready", body)
