"""Which chats are too old, how many that is, and the sweep that lets them go (L4)."""

import uuid
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from accounts import mails
from accounts.actions.keeping import begin_keeping
from accounts.keeping import TOLD_BEFORE
from accounts.models import Workspace
from livechat.actions.retention import forget_chat
from livechat.models import ChatSession, Erasure

AT_ONCE = 200
# apps above add theirs: True while they have enough to do with what went before
busy: list[Callable[[Workspace], bool]] = []


def too_old(workspace: Workspace, before: datetime) -> QuerySet[ChatSession]:
    closed = ChatSession.objects.in_workspace(workspace).filter(status=ChatSession.Status.CLOSED)
    return closed.filter(closed_at__lt=before)


def would_go(workspace: Workspace, days: int | None) -> int:
    """How many chats a rule of so many days would let go today."""
    before = workspace.old_before(days) if days is not None else None
    return too_old(workspace, before).count() if before is not None else 0


def forget_what_is_old(most: int = AT_ONCE) -> int:
    """Some of each workspace's; how many went. Whoever dies in between has lost nothing and repeats nothing."""
    ruled = Workspace.objects.filter(keep_days__isnull=False, ending_since=None)
    found = list(ruled.order_by("pk").values_list("pk", flat=True))
    # each is read when its turn comes: what went before took its time
    return sum(_forget_some(workspace, most) for pk in found for workspace in ruled.filter(pk=pk))


def _forget_some(workspace: Workspace, most: int) -> int:
    before = workspace.old_before()
    if before is None:
        return 0
    found: list[uuid.UUID] = list(
        too_old(workspace, before).order_by("closed_at").values_list("pk", flat=True)[:most]
    )
    if not found or not _holds(workspace) or any(is_busy(workspace) for is_busy in busy):
        return 0
    return sum(forget_chat(workspace, chat_id, before, Erasure.Why.RULE) for chat_id in found)


def _holds(workspace: Workspace) -> bool:
    """Whether the rule holds yet. One that nobody chose is told first."""
    if workspace.keep_from is None:
        _tell(workspace)
        return False
    return workspace.keep_from <= timezone.now()


def _tell(workspace: Workspace) -> None:
    """Told first and written down then: whoever dies in between tells twice, and nothing goes unannounced."""
    begins = timezone.now() + TOLD_BEFORE
    body = (
        f"Your workspace {workspace.name} deletes closed chats after {workspace.keep_days} days: their words, files "
        f"and visitors, here and as far as Slack lets us there. Some chats are that old now. They go from "
        f"{begins:%-d %B %Y} on. What your reports count stays.\n\n"
        f"Keep them longer, or for ever: {settings.CONSOLE_URL}/console/settings/data\n"
    )
    subject = f"Old chats of {workspace.name} will be deleted from {begins:%-d %B} on"
    if mails.tell_owners(workspace, subject, body):
        begin_keeping(workspace, begins)
