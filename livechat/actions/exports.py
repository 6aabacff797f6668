"""Exports: asked for, made under a claim, kept for a day, forgotten. Nobody makes one without having taken it."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.actions import audit
from accounts.errors import Refused
from accounts.models import Member, Workspace
from livechat.events import VisitorErased
from livechat.models import Erasure, Export, StorageOrphan, Visitor

MOST_AT_ONCE, MOST_TRIES = 2, 5
KEPT_FOR = timedelta(hours=24)
LISTED_FOR = timedelta(days=30)
# each batch of rows moves it on, so that it is over soon after its maker has died
CLAIMED_FOR = timedelta(minutes=2)
UNFINISHED_FOR = timedelta(days=1)
TOO_MANY = "Two exports are being made already. Wait until one of them is ready, then ask again."
FAILED = (
    "The export could not be made. Ask for a new one; whoever runs this server finds the reason in its log."
)


class Lost(Exception):
    """Somebody else makes it now, or nobody wants it any more: whoever is at it stops."""


def ask(member: Member, visitor: Visitor | None = None) -> Export:
    with transaction.atomic():
        workspace = Workspace.objects.select_for_update(no_key=True).get(pk=member.workspace_id)
        waiting = Export.objects.in_workspace(workspace).filter(state=Export.State.WAITING)
        if waiting.count() >= MOST_AT_ONCE:
            raise Refused("busy", TOO_MANY)
        export = Export.unscoped.create(
            workspace=workspace, visitor=visitor, asked_by=member.user, try_at=timezone.now()
        )
        verb = "data.export_asked" if visitor is None else "visitor.export_asked"
        audit(workspace, member.user, verb, f"export:{export.pk}")
        return export


def note_fetched(member: Member, export: Export) -> None:
    audit(export.workspace, member.user, "data.export_fetched", f"export:{export.pk}")


def take(export: Export) -> bool:
    """Of several workers one has it."""
    claim = uuid.uuid4()
    same = Export.unscoped.filter(pk=export.pk, state=Export.State.WAITING, try_at=export.try_at)
    changes = {"claim": claim, "try_at": timezone.now() + CLAIMED_FOR, "tries": export.tries + 1, "done": 0}
    if not same.update(**changes):
        return False
    for name, value in changes.items():
        setattr(export, name, value)
    return True


def move_on(export: Export, done: int, total: int) -> None:
    """Raises Lost."""
    until = timezone.now() + CLAIMED_FOR
    if not _claimed(export).update(done=done, total=total, try_at=until):
        raise Lost


def note_place(key: str) -> None:
    """Before anything lies there: what a dead worker leaves is removed a day later."""
    StorageOrphan.objects.create(key=key, remove_after=timezone.now() + UNFINISHED_FOR)


def finish(export: Export, key: str, size: int) -> None:
    """Raises Lost."""
    now = timezone.now()
    with transaction.atomic():
        ready = {"state": Export.State.READY, "try_at": None, "claim": None, "ready_at": now, "mail_at": now}
        if not _claimed(export).update(**ready, storage_key=key, size=size, expires_at=now + KEPT_FOR):
            raise Lost
        StorageOrphan.objects.filter(key=key).delete()


def note_failed(export: Export) -> None:
    """Tried again later, a few times."""
    if export.tries < MOST_TRIES:
        _claimed(export).update(claim=None, try_at=timezone.now() + CLAIMED_FOR)
    else:
        _claimed(export).update(claim=None, try_at=None, state=Export.State.FAILED, problem=FAILED)


def _claimed(export: Export) -> QuerySet[Export]:
    return Export.unscoped.filter(pk=export.pk, claim=export.claim, state=Export.State.WAITING)


def take_mail(export: Export) -> bool:
    return Export.unscoped.filter(pk=export.pk, mail_at=export.mail_at).update(mail_at=None) == 1


def forget_old_ones() -> None:
    """What has had its day goes from the storage; the line in the list goes later."""
    now = timezone.now()
    _let_go(Q(state=Export.State.READY, expires_at__lte=now))
    Export.unscoped.filter(created_at__lt=now - LISTED_FOR).exclude(state=Export.State.WAITING).delete()


def on_visitor_erased(fact: VisitorErased) -> None:
    """Inside the erasure's transaction. Whoever was erased is in no file that can still be fetched."""
    if fact.erasure.why == Erasure.Why.ASKED:
        whole = Q(workspace_id=fact.erasure.workspace_id, visitor=None)
        # in this order: one that is finished between the two is ready by then and let go
        Export.unscoped.filter(whole, state=Export.State.WAITING).update(claim=None, try_at=timezone.now())
        _let_go(whole & Q(state=Export.State.READY))


def _let_go(which: Q) -> None:
    with transaction.atomic():
        for export in Export.unscoped.select_for_update().filter(which).order_by("pk"):
            note_orphan(export)
            Export.unscoped.filter(pk=export.pk).update(state=Export.State.GONE, storage_key="", mail_at=None)


def note_orphan(export: Export) -> None:
    """Its file is to be removed. Called for rows that are deleted as well, whoever does it."""
    if export.storage_key:
        StorageOrphan.objects.get_or_create(key=export.storage_key, defaults={"remove_after": timezone.now()})
