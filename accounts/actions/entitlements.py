"""What a workspace may have, and whether there is room for one more of it."""

import uuid
from collections.abc import Callable
from dataclasses import asdict

from django.db import transaction
from django.utils import timezone

from accounts.actions.auditing import audit
from accounts.entitled import Entitlements, columns
from accounts.errors import Refused
from accounts.models import Invitation, Member, Role, Workspace

SEATED = (Role.OWNER, Role.ADMIN, Role.AGENT)
NO_SEAT = (
    "{plan} has room for {most}, and they are taken. Choose a larger plan, or take somebody out of the team. "
    "Viewers need no seat."
)
NO_SITE = "{plan} has room for {most}. Choose a larger plan, or remove a site that is not used any more."

# called with the workspace's id inside the transaction that takes or frees a seat; apps above add theirs
seats_changed: list[Callable[[uuid.UUID], None]] = []


def set_entitlements(workspace_id: uuid.UUID, given: Entitlements) -> bool:
    """For billing alone. Whether anything changed; nothing that is there already is taken away."""
    with transaction.atomic():
        workspace = locked(workspace_id)
        before = workspace.entitlements
        if before == given:
            return False
        # nothing goes by another plan's time before owners were told of that
        anew = {"plan_keep_from": None} if before.most_keep_days != given.most_keep_days else {}
        Workspace.objects.filter(pk=workspace_id).update(**columns(given), **anew)
        old, new = asdict(before), asdict(given)
        changes = {name: [old[name], new[name]] for name in new if old[name] != new[name]}
        audit(workspace, None, "workspace.plan_changed", f"workspace:{workspace_id}", changes)
    return True


def require_seat(workspace_id: uuid.UUID, *, besides: str = "") -> None:
    """Call it inside the transaction that gives the seat away: it locks the workspace, so that two who ask at once for
    the last one do not both get it. `besides` is an address whose open invitation is about to be replaced."""
    _require(workspace_id, lambda: seats_taken(workspace_id, besides=besides), "most_seats", NO_SEAT, "seat")


def require_site(workspace_id: uuid.UUID, count: Callable[[], int]) -> None:
    """The same for a site; `count` says how many there are."""
    _require(workspace_id, count, "most_sites", NO_SITE, "site")


def seats_taken(workspace_id: uuid.UUID, *, besides: str = "") -> int:
    members = Member.unscoped.filter(workspace_id=workspace_id, role__in=SEATED)
    asked = Invitation.unscoped.filter(
        workspace_id=workspace_id, role__in=SEATED, expires_at__gt=timezone.now()
    )
    return members.count() + asked.exclude(email=besides).count()


def tell_of_seats(workspace_id: uuid.UUID) -> None:
    for told in seats_changed:
        told(workspace_id)


def locked(workspace_id: uuid.UUID) -> Workspace:
    return Workspace.objects.select_for_update(no_key=True).get(pk=workspace_id)


def _require(workspace_id: uuid.UUID, count: Callable[[], int], limit: str, sentence: str, what: str) -> None:
    workspace = locked(workspace_id)
    most = getattr(workspace, limit)
    if most is None or count() < most:
        return
    told = f"{most} {what}{'' if most == 1 else 's'}"
    raise Refused("over_plan", sentence.format(plan=workspace.plan_name, most=told))
