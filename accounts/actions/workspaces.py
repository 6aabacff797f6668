"""Workspaces, and the people who begin one."""

from collections.abc import Callable

from django.db import transaction

from accounts.actions.auditing import audit
from accounts.actions.members import add_member
from accounts.errors import Refused
from accounts.keeping import USUAL_DAYS
from accounts.models import AuditChain, Member, Role, User, Workspace
from accounts.names import clean_name, name_from_email

# called inside the transaction that makes a workspace, with its owner in it; apps above add theirs
begun: list[Callable[[Workspace], None]] = []


def sign_up(user: User, *, verified: bool) -> Member:
    """Saves a new user with a workspace of their own, whose owner they are. The e-mail is kept once it is verified."""
    email, user.name = user.email or "", clean_name(user.name)
    with transaction.atomic():
        user.email = email if verified else None
        user.save()
        called = user.name or name_from_email(email)
        member = create_workspace(f"{called}’s workspace", user, agent_name=called)
    user.email = email
    return member


def sign_up_by_identity(name: str, workspace_name: str) -> Member:
    """Somebody whose identity elsewhere is proved: a user without e-mail and password, owner of a new workspace."""
    with transaction.atomic():
        user = User.objects.create_user(None, None, name=clean_name(name))
        return create_workspace(workspace_name, user, agent_name=user.name)


def note_email_verified(user: User, email: str) -> None:
    """The database decides when two people prove the same address at once: the second gets IntegrityError."""
    User.objects.filter(pk=user.pk).update(email=email.lower())
    user.email = email.lower()


def create_workspace(name: str, owner: User, *, agent_name: str = "") -> Member:
    """A workspace with its owner; the owner's Member is given back."""
    name = clean_name(name)
    if not name:
        raise Refused("refused", "A workspace needs a name. Please type one.")
    with transaction.atomic():
        workspace = Workspace.objects.create(name=name, keep_days=USUAL_DAYS)
        AuditChain.unscoped.create(workspace=workspace)
        audit(workspace, owner, "workspace.created", f"workspace:{workspace.pk}")
        member = add_member(workspace, owner, Role.OWNER, agent_name=agent_name)
        for begin in begun:
            begin(workspace)
        return member
