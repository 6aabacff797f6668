"""Who has a second factor, and who needs one. Recovery codes alone are none: they come with one."""

import uuid

from allauth.mfa.models import Authenticator

from accounts.access import members_of
from accounts.models import Member, User, Workspace

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def of(user: User) -> list[Authenticator]:
    return list(Authenticator.objects.filter(user=user, type__in=FACTORS).order_by("created_at", "pk"))


def has_one(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


def recovery_codes_left(user: User) -> int | None:
    """None for those who have none at all."""
    codes = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return len(codes.wrap().get_unused_codes()) if codes else None


def is_missing(member: Member) -> bool:
    """Whether the workspace asks for one that this member does not have. Costs a query only where it asks."""
    return member.workspace.requires_second_factor and not has_one(member.user)


def members_without(workspace: Workspace) -> list[User]:
    """Who works here and has none, by name."""
    having = Authenticator.objects.filter(type__in=FACTORS).values("user_id")
    people = User.objects.filter(memberships__workspace=workspace).exclude(pk__in=having)
    return list(people.order_by("name", "email"))


def members_with(workspace: Workspace) -> set[uuid.UUID]:
    """The ids of the users who work here and have one."""
    having = Authenticator.objects.filter(type__in=FACTORS, user__memberships__workspace=workspace)
    return set(having.values_list("user_id", flat=True))


def is_asked_for(user: User) -> bool:
    """Whether any workspace of theirs asks for one."""
    return any(member.workspace.requires_second_factor for member in members_of(user))
