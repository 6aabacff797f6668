"""How long closed chats are kept: who said so, and from when on it holds."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.actions.auditing import audit
from accounts.errors import Refused
from accounts.keeping import FEWEST_DAYS, MOST_DAYS, THINK_IT_OVER
from accounts.models import Member, Workspace

OVER_PLAN = "{plan} keeps closed chats for {most} days at most. Choose a shorter time, or a larger plan."
RULE = ("keep_days", "keep_from", "most_keep_days", "plan_keep_from")
OUT_OF_RANGE = f"Choose a number of days from {FEWEST_DAYS} to {MOST_DAYS}, or keep chats for ever."


def keep_chats(member: Member, days: int | None) -> Workspace:
    """`days` None: for ever. Begins a day later; saying the same again moves nothing. Refused beyond what the plan
    keeps; what was chosen with a larger plan stays chosen, and holds again with such a one."""
    if days is not None and not FEWEST_DAYS <= days <= MOST_DAYS:
        raise Refused("out_of_range", OUT_OF_RANGE)
    with transaction.atomic():
        workspace = Workspace.objects.select_for_update(no_key=True).get(pk=member.workspace_id)
        if workspace.keep_days == days and (days is None or workspace.keep_from is not None):
            return workspace
        _require_plan(workspace, days)
        before, workspace.keep_days = workspace.keep_days, days
        workspace.keep_from = timezone.now() + THINK_IT_OVER if days is not None else None
        workspace.save(update_fields=["keep_days", "keep_from"])
        changes = {"keep_days": [before, days]}
        audit(workspace, member.user, "retention.changed", f"workspace:{workspace.pk}", changes)
        return workspace


def rule_stands(workspace: Workspace) -> bool:
    """In a transaction of somebody who lets chats go: nobody changes the rule that they read before it is over."""
    rows = Workspace.objects.select_for_update(no_key=True)
    rule = {name: getattr(workspace, name) for name in RULE}
    return rows.filter(pk=workspace.pk, ending_since=None, **rule).exists()


def begin_keeping(workspace: Workspace, moment: datetime) -> None:
    """From when the rule holds that nobody chose, once owners were told."""
    rules = Workspace.objects.filter(pk=workspace.pk, keep_days=workspace.keep_days, keep_from=None)
    rules.update(keep_from=moment)


def begin_keeping_by_plan(workspace: Workspace, moment: datetime) -> None:
    """From when chats go that the plan keeps no longer, once owners were told; nothing if it has changed meanwhile."""
    told = Workspace.objects.filter(pk=workspace.pk, plan_keep_from=None)
    told.filter(most_keep_days=workspace.most_keep_days).update(plan_keep_from=moment)


def _require_plan(workspace: Workspace, days: int | None) -> None:
    most = workspace.most_keep_days
    if most is not None and (days is None or days > most):
        raise Refused("over_plan", OVER_PLAN.format(plan=workspace.plan_name, most=most))
