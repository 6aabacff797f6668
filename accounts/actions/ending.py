"""A workspace ends: closed at once, gone thirty days later, and until then an owner may undo it."""

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from accounts.actions.auditing import audit
from accounts.changed import changed_fields
from accounts.errors import Refused
from accounts.keeping import ENDS_AFTER
from accounts.models import AuditChain, AuditEntry, Member, Workspace
from accounts.names import clean_name

NAMELESS = "A workspace needs a name. Please type one."
AT_ONCE = 500
# apps above add theirs: what was kept for the end alone is given up, in the transaction that undoes it
undone: list[Callable[[Workspace], None]] = []


def rename_workspace(member: Member, name: str) -> Workspace:
    name = clean_name(name)
    if not name:
        raise Refused("refused", NAMELESS)
    with transaction.atomic():
        workspace = _locked(member)
        before, workspace.name = workspace.name, name
        if before != name:
            workspace.save(update_fields=["name"])
            changes = changed_fields({"name": before}, {"name": name})
            audit(workspace, member.user, "workspace.renamed", f"workspace:{workspace.pk}", changes)
        return workspace


def begin_ending(member: Member, *, at_once: bool = False) -> Workspace:
    """Harmless to repeat. `at_once`: the last person leaves, so nobody could undo it."""
    with transaction.atomic():
        workspace = _locked(member)
        if not workspace.is_ending or at_once:
            workspace.ending_since = now = timezone.now()
            workspace.ends_at = now if at_once else now + ENDS_AFTER
            workspace.end_asked_by, workspace.end_told = member.user, 0
            workspace.save(update_fields=["ending_since", "ends_at", "end_asked_by", "end_told"])
            audit(workspace, member.user, "workspace.end_begun", f"workspace:{workspace.pk}")
        return workspace


def undo_ending(member: Member) -> Workspace:
    """Refused once it has begun to go: then there would be half a workspace."""
    with transaction.atomic():
        workspace = _locked(member)
        if workspace.ends_at is not None and workspace.ends_at <= timezone.now():
            raise Refused("too_late", "It is being deleted already and cannot be brought back.")
        if workspace.is_ending:
            workspace.ending_since = workspace.ends_at = workspace.end_asked_by = None
            workspace.save(update_fields=["ending_since", "ends_at", "end_asked_by"])
            audit(workspace, member.user, "workspace.end_undone", f"workspace:{workspace.pk}")
            for give_up in undone:
                give_up(workspace)
        return workspace


def _locked(member: Member) -> Workspace:
    """Without keeping out those who insert rows that point at it."""
    return Workspace.objects.select_for_update(no_key=True).get(pk=member.workspace_id)


def end_stands(workspace: Workspace) -> bool:
    """In a transaction of somebody who erases: nobody undoes the end that they read before it is over."""
    if workspace.ends_at is None or workspace.ends_at > timezone.now():
        return False
    rows = Workspace.objects.select_for_update(no_key=True)
    return rows.filter(pk=workspace.pk, ends_at=workspace.ends_at).exists()


def end_is_due(workspace: Workspace) -> bool:
    """As the row says now: what an owner has undone meanwhile is not due."""
    due = Workspace.objects.filter(pk=workspace.pk, ends_at=workspace.ends_at, ends_at__lte=timezone.now())
    return due.exists()


def note_told(workspace: Workspace, which: int) -> None:
    Workspace.objects.filter(pk=workspace.pk, ends_at=workspace.ends_at).update(end_told=which)


def forget_workspace(workspace: Workspace) -> bool:
    """The last steps, when the chats are gone: the log, then everything else. True once nothing is left."""
    with transaction.atomic():
        row = Workspace.objects.select_for_update(no_key=True).filter(pk=workspace.pk).first()
        if row is None:
            return True
        if row.ends_at is None or row.ends_at > timezone.now():
            return False
        # without its chain the log may go (the triggers of the table ask for it)
        AuditChain.unscoped.filter(workspace=row).delete()
    while some := list(AuditEntry.unscoped.filter(workspace=row).values_list("pk", flat=True)[:AT_ONCE]):
        AuditEntry.unscoped.filter(pk__in=some).delete()
    with transaction.atomic():
        AuditChain.unscoped.filter(workspace=row).delete()
        AuditEntry.unscoped.filter(workspace=row).delete()
        row.delete()
    return True
