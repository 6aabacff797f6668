"""Everything that is held about somebody who logs in, and whether they may take their account away."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.db import models

from accounts.models import Agent, Member, Role, User, Workspace
from accounts.personal import OURS, TABLE, Words

OF_THE_USER = ("id", "email", "name", "date_joined", "last_login")


def everything_about(user: User) -> dict[str, Any]:
    """Their account, and each row of ours that names them; keys and passwords are not part of it."""
    found: dict[str, Any] = {"account": User.objects.filter(pk=user.pk).values(*OF_THE_USER).get()}
    found["addresses"] = list(EmailAddress.objects.filter(user=user).values("email", "verified", "primary"))
    found["sessions"] = list(UserSession.objects.filter(user=user).values("ip", "user_agent", "last_seen_at"))
    found["workspaces"] = list(
        Member.unscoped.filter(user=user).values("workspace__name", "role", "created_at")
    )
    found["faces"] = _rows(Agent, Agent.unscoped.filter(member__user=user))
    for relation in User._meta.related_objects:
        model: Any = relation.related_model
        if model._meta.app_label in OURS:
            rows = _rows(model, model._base_manager.filter(**{relation.field.name: user}))
            if rows:
                found.setdefault(model._meta.db_table, []).extend(rows)
    return found


def _rows(model: type[models.Model], rows: models.QuerySet[Any]) -> list[dict[str, Any]]:
    secrets = TABLE.get(model._meta.label, Words()).secrets
    columns = [field.attname for field in model._meta.concrete_fields if field.name not in secrets]
    return list(rows.order_by("pk").values(*columns))


def owned_alone(user: User) -> list[Workspace]:
    """Workspaces that would have no owner without them."""
    owned = Member.unscoped.filter(user=user, role=Role.OWNER).select_related("workspace")
    others = Member.unscoped.filter(role=Role.OWNER).exclude(user=user)
    return [
        member.workspace
        for member in owned.order_by("created_at")
        if not others.filter(workspace=member.workspace).exists()
    ]


def in_the_way(user: User) -> list[Workspace]:
    """Those of them in which others work: somebody else has to own them first."""
    return [
        workspace
        for workspace in owned_alone(user)
        if not workspace.is_ending and workspace.members.exclude(user=user).exists()
    ]
