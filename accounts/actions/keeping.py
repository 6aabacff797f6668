"""How long closed chats are kept: who said so, and from when on it holds."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.actions.auditing import audit
from accounts.errors import Refused
from accounts.keeping import FEWEST_DAYS, MOST_DAYS, THINK_IT_OVER
from accounts.models import Member, Workspace

OUT_OF_RANGE = f"Choose a number of days from {FEWEST_DAYS} to {MOST_DAYS}, or keep chats for ever."


def keep_chats(member: Member, days: int | None) -> Workspace:
    """`days` None: for ever. Begins a day later; saying the same again moves nothing."""
    if days is not None and not FEWEST_DAYS <= days <= MOST_DAYS:
        raise Refused("out_of_range", OUT_OF_RANGE)
    with transaction.atomic():
        workspace = Workspace.objects.select_for_update(no_key=True).get(pk=member.workspace_id)
        if workspace.keep_days == days and (days is None or workspace.keep_from is not None):
            return workspace
        before, workspace.keep_days = workspace.keep_days, days
        workspace.keep_from = timezone.now() + THINK_IT_OVER if days is not None else None
        workspace.save(update_fields=["keep_days", "keep_from"])
        changes = {"keep_days": [before, days]}
        audit(workspace, member.user, "retention.changed", f"workspace:{workspace.pk}", changes)
        return workspace


def rule_stands(workspace: Workspace) -> bool:
    """In a transaction of somebody who lets chats go: nobody changes the rule that they read before it is over."""
    rows = Workspace.objects.select_for_update(no_key=True)
    rule = {"keep_days": workspace.keep_days, "keep_from": workspace.keep_from, "ending_since": None}
    return rows.filter(pk=workspace.pk, **rule).exists()


def begin_keeping(workspace: Workspace, moment: datetime) -> None:
    """From when the rule holds that nobody chose, once owners were told."""
    rules = Workspace.objects.filter(pk=workspace.pk, keep_days=workspace.keep_days, keep_from=None)
    rules.update(keep_from=moment)
