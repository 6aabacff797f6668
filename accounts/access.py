"""Who somebody is in a workspace. Untrusted ids come in here."""

import uuid

from django.contrib.auth.models import AnonymousUser

from accounts.errors import NotFound
from accounts.models import Agent, Member, User, Workspace


def members_of(user: User) -> list[Member]:
    """Every membership of a user, the oldest first."""
    rows = Member.unscoped.filter(user=user).select_related("workspace", "user")
    return list(rows.order_by("created_at", "pk"))


def member_for(user: User | AnonymousUser, workspace_id: object = None) -> Member:
    """The membership in this workspace, or the oldest one; NotFound for strangers, whatever they name."""
    if not isinstance(user, User) or not user.is_active:
        raise NotFound
    rows = Member.unscoped.filter(user=user).select_related("workspace", "user")
    if workspace_id is not None:
        rows = rows.filter(workspace_id=_uuid(workspace_id))
    member = rows.order_by("created_at", "pk").first()
    if member is None:
        raise NotFound
    return member


def _uuid(value: object) -> uuid.UUID:
    try:
        return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
    except ValueError:
        raise NotFound from None


def agent_of(member: Member) -> Agent:
    """The face of a member. It is made with the member, so that its lack is a broken row and raises."""
    return Agent.unscoped.get(member=member)


def agents_in(workspace: Workspace) -> list[Agent]:
    return list(Agent.objects.in_workspace(workspace).order_by("name", "pk"))
