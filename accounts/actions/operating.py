"""What whoever runs the server does to people's accounts. It stands in the trail of each of their workspaces."""

from django.db import transaction

from accounts.access import members_of
from accounts.actions.auditing import audit
from accounts.actions.members import tell_of_rights
from accounts.changed import Changes
from accounts.errors import Refused
from accounts.models import User
from accounts.seeing import may_be_seen

SHORTEST, LONGEST = 10, 200
LET_IN, SHUT_OUT = "user.let_in", "user.shut_out"


def let_in(operator: User, user: User, is_active: bool) -> None:
    """Somebody who is shut out keeps their rows; every page and socket of theirs ends with the commit."""
    with transaction.atomic():
        if not User.objects.filter(pk=user.pk, is_active=not is_active).update(is_active=is_active):
            return
        for member in members_of(user):
            audit(member.workspace, operator, LET_IN if is_active else SHUT_OUT, f"user:{user.pk}")
            tell_of_rights(member.pk)


def begin_seeing(operator: User, user: User, reason: str) -> None:
    """Noted before anything is shown. Refused without a reason, for operators, and where there is nothing to see."""
    reason = " ".join(reason.split())
    if not SHORTEST <= len(reason) <= LONGEST:
        raise Refused("refused", f"Say why, in {SHORTEST} to {LONGEST} characters. Their workspaces read it.")
    members = members_of(user) if may_be_seen(user) else []
    if not members:
        raise Refused(
            "refused", "Only people who work in a workspace, and do not run this server, can be seen."
        )
    with transaction.atomic():
        for member in members:
            changes: Changes = {"reason": ["", reason]}
            audit(member.workspace, operator, "support.seeing_begun", f"user:{user.pk}", changes)


def end_seeing(operator: User, user: User) -> None:
    """Open sockets come back, and those of the operator find no way in."""
    with transaction.atomic():
        for member in members_of(user):
            audit(member.workspace, operator, "support.seeing_ended", f"user:{user.pk}")
            tell_of_rights(member.pk)
