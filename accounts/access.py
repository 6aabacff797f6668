"""Who somebody is in a workspace. Untrusted ids come in here."""

import hashlib
import uuid

from django.contrib.auth.models import AnonymousUser

from accounts.errors import NotFound
from accounts.models import Agent, Invitation, Member, Role, User, Workspace
from accounts.permissions import MANAGING, roles_to_give
from accounts.seeing import is_operator


def person_for(operator: User | AnonymousUser, user_id: object) -> User:
    """Somebody of whatever workspace, for operators alone; NotFound for all others."""
    found = User.objects.filter(pk=_uuid(user_id)).first() if is_operator(operator) else None
    if found is None:
        raise NotFound
    return found


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


def agent_for(member: Member, agent_id: object) -> Agent:
    """NotFound for faces of other workspaces."""
    agent = Agent.objects.in_workspace(member.workspace).filter(pk=_uuid(agent_id)).first()
    if agent is None:
        raise NotFound
    return agent


def external_agent(workspace: Workspace, external_id: str) -> Agent | None:
    return Agent.objects.in_workspace(workspace).filter(external_id=external_id).first()


def agents_in(workspace: Workspace) -> list[Agent]:
    return list(Agent.objects.in_workspace(workspace).order_by("name", "pk"))


def people_in(workspace: Workspace) -> list[Member]:
    """Everybody who works in it, by name."""
    members = Member.objects.in_workspace(workspace).select_related("user", "agent")
    return list(members.order_by("user__name", "user__email", "pk"))


def colleague_for(member: Member, member_id: object) -> Member:
    """Somebody of the same workspace, oneself included; NotFound for all others."""
    found = Member.objects.in_workspace(member.workspace).filter(pk=_uuid(member_id))
    colleague = found.select_related("user", "workspace").first()
    if colleague is None:
        raise NotFound
    return colleague


def invitations_in(workspace: Workspace) -> list[Invitation]:
    invitations = Invitation.objects.in_workspace(workspace).select_related("invited_by")
    return list(invitations.order_by("email"))


def invitation_for(member: Member, invitation_id: object) -> Invitation:
    found = Invitation.objects.in_workspace(member.workspace).filter(pk=_uuid(invitation_id)).first()
    if found is None:
        raise NotFound
    return found


def lapsed_invitations(workspace: Workspace) -> set[uuid.UUID]:
    """Those whose senders may no longer give their roles: they left, or are less than they were."""
    senders: dict[uuid.UUID | None, Member] = {
        one.user_id: one for one in Member.objects.in_workspace(workspace).filter(role__in=MANAGING)
    }
    rows = Invitation.objects.in_workspace(workspace)
    return {row.pk for row in rows if not _may_give(senders.get(row.invited_by_id), Role(row.role))}


def _may_give(sender: Member | None, role: Role) -> bool:
    return sender is not None and role in roles_to_give(sender)


def invitation_by_link(secret: str) -> Invitation:
    """NotFound for links that are over, were used, were followed by a newer mail, or never were; and for those that
    nobody could send today: the sender may no longer give that role, or the workspace is about to go."""
    found = Invitation.unscoped.filter(link_hash=hash_of(secret)).select_related("workspace", "invited_by")
    invitation = found.first()
    if invitation is None or invitation.is_over or invitation.workspace.is_ending:
        raise NotFound
    sender = Member.unscoped.filter(workspace=invitation.workspace, user=invitation.invited_by).first()
    if not _may_give(sender, Role(invitation.role)):
        raise NotFound
    return invitation


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
