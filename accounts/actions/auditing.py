"""The trail of privileged acts: each entry is written with its deed and sealed into a chain after the commit.

An entry's seal covers the seal before it, so that a changed or missing entry breaks every later one. Sealing waits for
the commit because it takes the chain's lock: inside the deed it would be one more lock to order.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils import timezone

from accounts.asking import asker
from accounts.changed import Changes, changed_fields
from accounts.models import AuditChain, AuditEntry, User, Workspace
from accounts.names import clean_name
from accounts.trail import seal_of

AT_ONCE = 500
# how long an entry is kept (the public page on privacy says so)
TERM = timedelta(days=400)


def audit(
    workspace: Workspace, actor: User | None, verb: str, subject: str, changes: Changes | None = None
) -> None:
    """Call it inside the transaction of the deed. `subject` is "kind:id"; `changes` is {field: [before, after]}.

    Neither holds a secret or a text of a chat. Each verb has its sentence in accounts/sentences.py.
    """
    who = asker()
    AuditEntry.unscoped.create(
        workspace=workspace,
        actor=actor,
        actor_name=clean_name(str(actor)) if actor is not None else "",
        verb=verb[:60],
        subject=subject[:120],
        changes=changes or {},
        address=who.address,
        session=who.session,
    )
    transaction.on_commit(lambda: seal_entries(workspace.pk), robust=True)


@contextmanager
def audited(
    workspace: Workspace, actor: User | None, verb: str, subject: str, read: Callable[[], Mapping[str, Any]]
) -> Iterator[None]:
    """A transaction around a change of settings, with its entry. `read` gives what can be told of them, from the rows.

    What the block leaves as it was has no entry.
    """
    with transaction.atomic():
        before = read()
        yield
        if changes := changed_fields(before, read()):
            audit(workspace, actor, verb, subject, changes)


def seal_entries(workspace_id: uuid.UUID) -> None:
    """Idempotent. What a crash left unsealed is sealed with the next entry."""
    AuditChain.unscoped.get_or_create(workspace_id=workspace_id)
    while _seal_some(workspace_id) == AT_ONCE:
        continue


def _seal_some(workspace_id: uuid.UUID) -> int:
    with transaction.atomic():
        chain = AuditChain.unscoped.select_for_update().get(workspace_id=workspace_id)
        waiting = AuditEntry.unscoped.filter(workspace_id=workspace_id, place=None).order_by("pk")
        entries = list(waiting[:AT_ONCE])
        for entry in entries:
            chain.count += 1
            chain.seal = seal_of(entry, chain.count, chain.seal)
            AuditEntry.unscoped.filter(pk=entry.pk, place=None).update(place=chain.count, seal=chain.seal)
        if entries:
            chain.save(update_fields=["count", "seal"])
    return len(entries)


def let_entries_go(workspace: Workspace, before: datetime) -> None:
    """From now on the database lets entries that were written earlier be deleted: for the end of their term only."""
    AuditChain.unscoped.filter(workspace=workspace).update(kept_from=before)


def forget_entries(workspace: Workspace, before: datetime) -> int:
    """How many went. They go from the oldest on without a gap, so that the chain begins at one that is kept."""
    with transaction.atomic():
        sealed = AuditEntry.unscoped.filter(workspace=workspace, place__isnull=False)
        kept = sealed.filter(created_at__gte=before).order_by("place").first()
        old = sealed.filter(created_at__lt=before)
        if kept is not None:
            old = old.filter(place__lt=kept.place)
        let_entries_go(workspace, before)
        return old.delete()[0]


def forget_old_entries() -> int:
    """Of every workspace those whose term is over."""
    before = timezone.now() - TERM
    old = AuditEntry.unscoped.filter(workspace=OuterRef("pk"), created_at__lt=before, place__isnull=False)
    return sum(forget_entries(one, before) for one in Workspace.objects.filter(Exists(old)))


@receiver(pre_delete, sender=Workspace)
def _end_with_the_workspace(instance: Workspace, **_: Any) -> None:
    """The one way in which a trail ends: its whole workspace goes."""
    let_entries_go(instance, datetime.max.replace(tzinfo=UTC))
