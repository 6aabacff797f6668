"""A workspace ends: its sites part with Slack at once. When its time is over the app's own posts are deleted, and then

the key is given back: also where Slack refused some, or did not answer for a week.
"""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Workspace
from slackapp.actions.leaving import part, release
from slackapp.models import Connection, ErasedCopy

# after that a workspace does not wait for Slack any longer
PATIENCE = timedelta(days=7)
ENOUGH = 500
OURS = (ErasedCopy.Kind.OURS, ErasedCopy.Kind.FILE, ErasedCopy.Kind.PREVIEW)


def disconnect_all(workspace: Workspace) -> None:
    """Harmless to repeat."""
    used = Connection.objects.in_workspace(workspace).exclude(state=Connection.State.DISCONNECTED)
    for connection in list(used.order_by("pk")):
        part(workspace, workspace.end_asked_by, connection)


def waits_for_slack(workspace: Workspace) -> bool:
    """Whether posts of its chats are still to be deleted in a Slack that lets the app in."""
    if workspace.ends_at is not None and workspace.ends_at + PATIENCE < timezone.now():
        return False
    return _pending(workspace) > 0


def part_for_good(workspace: Workspace) -> str:
    """The key goes; a sentence about what of ours had to stay in Slack, or nothing. Harmless to repeat."""
    release(workspace)
    ours = ErasedCopy.objects.filter(erasure__workspace=workspace, kind__in=OURS)
    left = ours.exclude(state=ErasedCopy.State.DONE).count()
    if not left:
        return ""
    what = "One post or file" if left == 1 else f"{left} posts or files"
    return f"{what} of the app in Slack could not be deleted, because Slack did not let it. People there can."


def has_enough_to_do(workspace: Workspace) -> bool:
    """Slack takes fifty deletions a minute: no more is noted than it keeps up with."""
    return _pending(workspace) > ENOUGH


def _pending(workspace: Workspace) -> int:
    pending = ErasedCopy.objects.filter(erasure__workspace=workspace, state=ErasedCopy.State.PENDING)
    return pending.filter(installation__state="active").count()
