"""Every write of people, workspaces and what they look like."""

from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction

from accounts.errors import Refused
from accounts.models import Agent, AuditEntry, Member, Role, User, Workspace
from accounts.names import clean_name, name_from_email
from config.prepared import Prepared

MAX_AVATAR_URL = 500


_BY_EXTERNAL_ID = Prepared(
    lambda workspace_id, external_id: Agent.unscoped.filter(
        workspace_id=workspace_id, external_id=external_id
    )
)


def audit(workspace: Workspace, actor: User | None, verb: str, subject: str) -> None:
    """Call it inside the transaction of the deed. `subject` is "kind:id", never a secret or a text of a chat."""
    AuditEntry.unscoped.create(workspace=workspace, actor=actor, verb=verb[:60], subject=subject[:120])


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
        workspace = Workspace.objects.create(name=name)
        audit(workspace, owner, "workspace.created", f"workspace:{workspace.pk}")
        return add_member(workspace, owner, Role.OWNER, agent_name=agent_name)


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
            audit(workspace, actor or user, "member.added", f"member:{member.pk}")
    return member


def update_agent(
    agent: Agent, *, name: str, title: str = "", avatar_url: str = "", actor: User | None = None
) -> Agent:
    name = clean_name(name)
    if not name:
        raise Refused("refused", "Visitors need a name to see. Please type one.")
    with transaction.atomic():
        if _show_as(
            agent, {"name": name, "title": clean_name(title, 120), "avatar_url": safe_avatar(avatar_url)}
        ):
            audit(agent.workspace, actor, "agent.changed", f"agent:{agent.pk}")
    return agent


def upsert_external_agent(
    workspace: Workspace, external_id: str, name: str, title: str = "", avatar_url: str = ""
) -> Agent:
    """The face of somebody who is only known from outside; harmless to repeat, also at the same time."""
    looks = {
        "name": clean_name(name) or "Agent",
        "title": clean_name(title, 120),
        "avatar_url": safe_avatar(avatar_url),
    }
    agent = _BY_EXTERNAL_ID.first(workspace_id=workspace.pk, external_id=external_id)
    if agent is None:
        try:
            with transaction.atomic():
                return Agent.unscoped.create(workspace=workspace, external_id=external_id, **looks)
        except IntegrityError:
            # another worker met the same person a moment ago
            agent = Agent.objects.in_workspace(workspace).get(external_id=external_id)
    _show_as(agent, looks)
    return agent


def _show_as(agent: Agent, looks: dict[str, Any]) -> bool:
    changed = [field for field, value in looks.items() if getattr(agent, field) != value]
    for field in changed:
        setattr(agent, field, looks[field])
    if changed:
        agent.save(update_fields=changed)
    return bool(changed)


@lru_cache(maxsize=1000)
def safe_avatar(url: str) -> str:
    """The address if a page may load it, else nothing: a name without a picture beats a broken or a strange one."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if (
        parts.scheme not in ("https", "http")
        or not parts.hostname
        or len(url) > MAX_AVATAR_URL
        or not url.isascii()
    ):
        return ""
    return url
