"""Which chats are too old, how many that is, and the sweep that lets them go (L4)."""

import uuid
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import mails
from accounts.actions.keeping import begin_keeping, begin_keeping_by_plan
from accounts.keeping import PLAN_TOLD_BEFORE, TOLD_BEFORE
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
    by_rule, by_plan = Q(keep_days__isnull=False), Q(most_keep_days__isnull=False)
    ruled = Workspace.objects.filter(by_rule | by_plan, ending_since=None)
    found = list(ruled.order_by("pk").values_list("pk", flat=True))
    # each is read when its turn comes: what went before took its time
    return sum(_forget_some(workspace, most) for pk in found for workspace in ruled.filter(pk=pk))


def _forget_some(workspace: Workspace, most: int) -> int:
    _announce(workspace)
    before = _in_force(workspace)
    if before is None:
        return 0
    found: list[uuid.UUID] = list(
        too_old(workspace, before).order_by("closed_at").values_list("pk", flat=True)[:most]
    )
    if not found or any(is_busy(workspace) for is_busy in busy):
        return 0
    return sum(forget_chat(workspace, chat_id, before, Erasure.Why.RULE) for chat_id in found)


def _in_force(workspace: Workspace) -> datetime | None:
    """Chats that were closed before then go now: by the rule, or sooner by the plan, as far as each of them holds."""
    now = timezone.now()
    rules = (workspace.keep_days, workspace.keep_from), (workspace.most_keep_days, workspace.plan_keep_from)
    days = [days for days, begins in rules if days is not None and begins is not None and begins <= now]
    return workspace.old_before(min(days)) if days else None


def _announce(workspace: Workspace) -> None:
    """A rule that nobody chose, and a plan that keeps less than the rule, are told once they would let something go."""
    days, most = workspace.keep_days, workspace.most_keep_days
    if days is not None and workspace.keep_from is None and _is_any_older(workspace, days):
        _tell(workspace)
    if most is None or (days is not None and days <= most) or workspace.plan_keep_from is not None:
        return
    if _is_any_older(workspace, most):
        _tell_of_plan(workspace)


def _is_any_older(workspace: Workspace, days: int) -> bool:
    """The oldest is asked for: without an order PostgreSQL, which takes many to be old, goes through the table."""
    before = workspace.old_before(days)
    return before is not None and too_old(workspace, before).order_by("closed_at").first() is not None


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


def _tell_of_plan(workspace: Workspace) -> None:
    """The same for what the plan keeps no longer, be it that the plan has shrunk or that chats have grown old."""
    begins = timezone.now() + PLAN_TOLD_BEFORE
    body = (
        f"Your workspace {workspace.name} is on the plan {workspace.plan_name}, which keeps closed chats for "
        f"{workspace.most_keep_days} days. Some chats are older than that. They go from {begins:%-d %B %Y} on: their "
        f"words, files and visitors, here and as far as Slack lets us there. What your reports count stays. Until then "
        f"nothing goes, and with a plan that keeps them longer nothing goes then.\n\n"
        f"Choose a larger plan: {settings.CONSOLE_URL}/console/settings/billing\n"
        f"Take your chats out first: {settings.CONSOLE_URL}/console/settings/data\n"
    )
    subject = f"Chats of {workspace.name} that its plan keeps no longer go from {begins:%-d %B} on"
    if mails.tell_owners(workspace, subject, body):
        begin_keeping_by_plan(workspace, begins)
