"""Workspaces that end: closed for everybody, owners told twice, and in the end erased (C10).

One sweep does what is due and may die anywhere: the moments stand in the row, and each step is harmless to repeat.
"""

import logging
from collections.abc import Callable

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from accounts import mails
from accounts.actions.ending import end_is_due, forget_workspace, note_told
from accounts.keeping import WARNED_BEFORE
from accounts.models import Workspace
from livechat.actions import ending
from livechat.doorbell import ring, site_group
from livechat.models import Site

log = logging.getLogger(__name__)

BEGUN, WARNED, GONE = 1, 2, 3
ROUNDS = 20
# apps above add theirs: to part with whatever is outside, True while that still has work with the workspace, and to
# part with it for good: a sentence about what had to stay there, or nothing
closers: list[Callable[[Workspace], None]] = []
busy: list[Callable[[Workspace], bool]] = []
partings: list[Callable[[Workspace], str]] = []


def _ending() -> QuerySet[Workspace]:
    return (
        Workspace.objects.filter(ending_since__isnull=False)
        .select_related("end_asked_by")
        .order_by("ends_at")
    )


def is_any_due() -> bool:
    return _ending().exists()


def work() -> None:
    for workspace_id in list(_ending().values_list("pk", flat=True)):
        # read anew: what went before took its time, and an owner may have undone this one
        if (workspace := _ending().filter(pk=workspace_id).first()) is None:
            continue
        close(workspace)
        if workspace.ends_at is not None and workspace.ends_at <= timezone.now():
            for _ in range(ROUNDS):
                if not erase_some(workspace):
                    break
        else:
            tell(workspace)


def close(workspace: Workspace) -> None:
    """Nobody chats any more: open pages of its websites begin anew and find nothing; what is outside is parted with."""
    for part in closers:
        part(workspace)
    sites = Site.objects.in_workspace(workspace).values_list("pk", flat=True)
    ring(*((site_group(site_id), {"type": "gone"}) for site_id in sites))


def tell(workspace: Workspace) -> None:
    """Told first and written down then, so that a worker that dies tells twice rather than never."""
    ends_at = workspace.ends_at
    assert ends_at is not None
    if workspace.end_told < BEGUN:
        which, when = BEGUN, f"will be deleted on {ends_at:%-d %B %Y}"
    elif workspace.end_told < WARNED and ends_at - timezone.now() <= WARNED_BEFORE:
        which, when = WARNED, f"will be deleted in three days, on {ends_at:%-d %B %Y}"
    else:
        return
    body = (
        f"{workspace.end_asked_by or 'An owner'} has had the workspace {workspace.name} deleted. It is closed: "
        f"visitors can write no more, and Slack is disconnected. On {ends_at:%-d %B %Y at %H:%M} UTC everything in it "
        f"goes for good.\n\nUntil then any owner can undo this: {settings.CONSOLE_URL}/console/\n"
    )
    if mails.tell_owners(workspace, f"The workspace {workspace.name} {when}", body):
        note_told(workspace, which)


def erase_some(workspace: Workspace) -> bool:
    """A round. True if there is more to do now."""
    if ending.forget_chats(workspace) or ending.forget_rows(workspace):
        return True
    if any(is_busy(workspace) for is_busy in busy):
        return False
    if end_is_due(workspace):
        _part(workspace)
        if forget_workspace(workspace):
            log.info("workspace %s has ended, and nothing of it is left", workspace.pk)
    return False


def _part(workspace: Workspace) -> None:
    """Owners read what had to stay outside; twice rather than never."""
    left = " ".join(filter(None, (part(workspace) for part in partings)))
    if not left or workspace.end_told >= GONE:
        return
    body = f"The workspace {workspace.name} is deleted, as announced.\n\n{left}\n"
    if mails.tell_owners(workspace, f"The workspace {workspace.name} is deleted", body):
        note_told(workspace, GONE)
