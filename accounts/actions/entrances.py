"""Who came in, and who tried to, in the audit logs of the workspaces of whoever it is."""

from accounts.access import members_of
from accounts.actions.auditing import audit
from accounts.models import User

LOGGED_IN, FAILED = "user.logged_in", "user.login_failed"


def note_login(user: User) -> None:
    for member in members_of(user):
        audit(member.workspace, user, LOGGED_IN, f"user:{user.pk}")


def note_failure(email: str) -> None:
    """Nobody is named as the actor: whoever tried has not shown who they are. Unknown addresses leave nothing."""
    user = User.objects.filter(email=email.lower()).first()
    for member in members_of(user) if user is not None else []:
        audit(member.workspace, None, FAILED, f"user:{user.pk}" if user is not None else "")
