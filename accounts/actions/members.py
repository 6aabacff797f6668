"""Who works in a workspace."""

import uuid
from collections.abc import Callable

from django.db import transaction
from django.db.models import Q

from accounts.actions.auditing import audit
from accounts.actions.entitlements import SEATED, locked, require_seat, tell_of_seats
from accounts.changed import Changes
from accounts.errors import NotFound, Refused
from accounts.models import Agent, Member, Role, User, Workspace
from accounts.names import clean_name, name_from_email
from accounts.permissions import may_manage, roles_to_give

# called inside the transaction, before the member goes, with the lock of nothing held; apps above add theirs
leaving: list[Callable[[Member], None]] = []
# called with the member's id after the commit that changed or ended what they may do
rights_changed: list[Callable[[uuid.UUID], None]] = []
LAST_OWNER = "A workspace needs an owner. Make somebody else an owner first."
NOT_YOURS = "Only an owner changes what owners are and may. Ask one of them."


def add_member(
    workspace: Workspace, user: User, role: Role, *, agent_name: str = "", actor: User | None = None
) -> Member:
    """Idempotent for somebody who is in already: their role stays as it is."""
    with transaction.atomic():
        member, is_new = Member.unscoped.get_or_create(
            workspace=workspace, user=user, defaults={"role": Role(role)}
        )
        if is_new:
            called = clean_name(agent_name) or clean_name(user.name) or name_from_email(user.email or "")
            Agent.unscoped.create(workspace=workspace, member=member, name=called)
            verb = "member.joined" if actor in (None, user) else "member.added"
            audit(workspace, actor or user, verb, f"member:{member.pk}")
            tell_of_seats(workspace.pk)
    return member


def know_agent_as(member: Member, external_id: str) -> None:
    """Who answers from outside under this id is this member, unless somebody is known by it in the workspace."""
    others = Agent.objects.in_workspace(member.workspace).filter(external_id=external_id)
    if not others.exists():
        Agent.unscoped.filter(member=member, external_id=None).update(external_id=external_id)


def change_role(by: Member, member: Member, role: Role) -> None:
    """Refused for what is above one's own role, and for the last owner."""
    with transaction.atomic():
        locked(member.workspace_id)
        own, found = _locked(by, member)
        if not may_manage(own, found) or role not in roles_to_give(own):
            raise Refused("above", NOT_YOURS)
        _seat(found, role)
        _keep_an_owner(found, stays_owner=role == Role.OWNER)
        _set_role(found, role, by.user)


def transfer(by: Member, to: Member) -> None:
    """The owner hands the workspace over and goes on as an admin. Other owners stay what they are."""
    if by.role != Role.OWNER or by.pk == to.pk:
        raise Refused("above", NOT_YOURS)
    with transaction.atomic():
        locked(to.workspace_id)
        own, heir = _locked(by, to)
        if own.role != Role.OWNER:
            raise Refused("above", NOT_YOURS)
        _seat(heir, Role.OWNER)
        _set_role(heir, Role.OWNER, by.user)
        _set_role(own, Role.ADMIN, by.user)


def take_out(by: Member, member: Member) -> None:
    """Their chats are free for others, their windows of this workspace close, what they wrote keeps their name."""
    if by.pk != member.pk and not may_manage(by, member):
        raise Refused("above", NOT_YOURS)
    with transaction.atomic():
        # what they leave locks chats, which come before members
        for leave in leaving:
            leave(member)
        own, found = _locked(by, member)
        if own.pk != found.pk and not may_manage(own, found):
            raise Refused("above", NOT_YOURS)
        _keep_an_owner(found, stays_owner=False)
        Agent.unscoped.filter(member=found, external_id=None).update(is_gone=True)
        verb = "member.left" if by.pk == member.pk else "member.removed"
        audit(found.workspace, by.user, verb, f"user:{found.user_id}", {"name": [str(found.user), None]})
        Member.unscoped.filter(pk=found.pk).delete()
        tell_of_seats(found.workspace_id)
        tell_of_rights(member.pk)


def _locked(by: Member, member: Member) -> tuple[Member, Member]:
    """Both as they are now: what somebody may do is asked of the row that nobody changes meanwhile.

    With the workspace's owners, so that two who leave at once do not both believe that the other stays.
    """
    same = Member.unscoped.filter(workspace_id=member.workspace_id).filter(
        Q(pk__in=(by.pk, member.pk)) | Q(role=Role.OWNER)
    )
    rows = same.select_for_update(of=("self",), no_key=True).select_related("user", "workspace")
    found = {row.pk: row for row in rows.order_by("pk")}
    if by.pk not in found or member.pk not in found:
        raise NotFound
    return found[by.pk], found[member.pk]


def _seat(member: Member, role: Role) -> None:
    """The caller has locked the workspace, and then the member: a seat may have gone since they were read."""
    if role in SEATED and member.role not in SEATED:
        require_seat(member.workspace_id)


def _keep_an_owner(member: Member, *, stays_owner: bool) -> None:
    """The caller has locked the owners."""
    if stays_owner or member.role != Role.OWNER:
        return
    others = Member.unscoped.filter(workspace_id=member.workspace_id, role=Role.OWNER).exclude(pk=member.pk)
    if not others.filter(user__is_active=True).exists():
        raise Refused("last_owner", LAST_OWNER)


def _set_role(member: Member, role: Role, actor: User) -> None:
    if member.role == role:
        return
    changes: Changes = {"role": [member.role, role]}
    Member.unscoped.filter(pk=member.pk).update(role=role)
    audit(member.workspace, actor, "member.role_changed", f"member:{member.pk}", changes)
    tell_of_seats(member.workspace_id)
    tell_of_rights(member.pk)


def tell_of_rights(member_id: uuid.UUID) -> None:
    for told in rights_changed:
        transaction.on_commit(lambda told=told: told(member_id), robust=True)  # type: ignore[misc]
