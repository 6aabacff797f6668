"""Where a workspace begins: two weeks of everything without a card, once this server sells anything at all."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.actions.entitlements import set_entitlements
from accounts.entitled import SELF_HOSTED
from accounts.models import Member, Role, Workspace
from billing.actions import mirroring
from billing.models import Customer

TRIAL = timedelta(days=14)
AT_ONCE = 200


def on_workspace_begun(workspace: Workspace) -> None:
    """Inside the transaction that makes it: there is no moment in which it has nothing, or everything."""
    if settings.STRIPE_SECRET_KEY:
        begin(workspace.pk, tries=not _has_tried(workspace))


def _has_tried(workspace: Workspace) -> bool:
    """Whoever owns it had a trial with another one of theirs: who could have one for each new workspace would never
    pay. One that is being deleted counts for as long as it is there."""
    owned = Member.unscoped.filter(role=Role.OWNER)
    theirs = owned.filter(user__in=owned.filter(workspace=workspace).values("user"))
    others = theirs.exclude(workspace=workspace).values("workspace")
    return Customer.unscoped.filter(workspace__in=others, trial_ends_at__isnull=False).exists()


def begin(workspace_id: uuid.UUID, *, tries: bool = True) -> Customer:
    """Harmless to repeat: one trial for each workspace, and no second one."""
    ends_at = timezone.now() + TRIAL if tries else None
    with transaction.atomic():
        customer, is_new = Customer.unscoped.get_or_create(
            workspace_id=workspace_id, defaults={"trial_ends_at": ends_at}
        )
        if is_new:
            mirroring.settle(customer)
            customer.refresh_from_db()
    return customer


def begin_those_waiting() -> int:
    """How many stood outside of what is sold: begun before this server had a key, or while it had none."""
    waiting = Workspace.objects.filter(plan_name=SELF_HOSTED.plan_name, ending_since=None)
    ids = list(waiting.values_list("pk", flat=True)[:AT_ONCE])
    for workspace_id in ids:
        mirroring.settle(begin(workspace_id))
    return len(ids)


def release_all() -> int:
    """How many were still bound to a plan that nobody can pay for any more: the key is gone, the limits go too."""
    bound = Workspace.objects.exclude(plan_name=SELF_HOSTED.plan_name).filter(customer__isnull=False)
    ids = list(bound.values_list("pk", flat=True)[:AT_ONCE])
    for workspace_id in ids:
        set_entitlements(workspace_id, SELF_HOSTED)
    return len(ids)
