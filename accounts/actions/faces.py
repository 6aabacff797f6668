"""What people look like to visitors."""

import uuid
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction

from accounts.actions.auditing import audit
from accounts.changed import changed_fields
from accounts.errors import Refused
from accounts.models import Agent, User, Workspace
from accounts.names import clean_name
from config.prepared import Prepared

MAX_AVATAR_URL = 500
# called with an agent's id after the commit that changed how visitors see them; apps above add theirs in `ready()`
face_changed: list[Callable[[uuid.UUID], None]] = []

_BY_EXTERNAL_ID = Prepared(
    lambda workspace_id, external_id: Agent.unscoped.filter(
        workspace_id=workspace_id, external_id=external_id
    )
)


def update_agent(
    agent: Agent, *, name: str, title: str = "", avatar_url: str = "", actor: User | None = None
) -> Agent:
    name = clean_name(name)
    if not name:
        raise Refused("refused", "Visitors need a name to see. Please type one.")
    looks = {"name": name, "title": clean_name(title, 120), "avatar_url": safe_avatar(avatar_url)}
    _change(agent, looks, actor)
    return agent


def disguise_agent(agent: Agent, *, alias: str, title: str, hide_photo: bool, actor: User) -> Agent:
    """What visitors see in place of the person's own name, title and photo; empty texts give those back."""
    looks = {"alias": clean_name(alias), "alias_title": clean_name(title, 120), "hide_photo": hide_photo}
    _change(agent, looks, actor)
    return agent


def _change(agent: Agent, looks: dict[str, Any], actor: User | None) -> None:
    before = {field: getattr(agent, field) for field in looks}
    with transaction.atomic():
        if _show_as(agent, looks):
            changes = changed_fields(before, looks)
            audit(agent.workspace, actor, "agent.changed", f"agent:{agent.pk}", changes)


def upsert_external_agent(
    workspace: Workspace,
    external_id: str,
    name: str,
    title: str = "",
    avatar_url: str = "",
    *,
    picture: str = "",
    is_gone: bool = False,
) -> Agent:
    """The face of somebody who is only known from outside; harmless to repeat, also at the same time.

    Without a name they appear under the company's. What the workspace shows instead stays as it is.
    """
    looks = {
        "name": clean_name(name),
        "title": clean_name(title, 120),
        "avatar_url": safe_avatar(avatar_url),
        "picture": picture,
        "is_gone": is_gone,
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


def forget_outside_faces(prefix: str) -> None:
    """What only the outside knew of people goes; the names under which they answered stay with their answers."""
    faces = Agent.unscoped.filter(external_id__startswith=prefix)
    faces.update(external_id=None, title="", avatar_url="", picture="")


def _show_as(agent: Agent, looks: dict[str, Any]) -> bool:
    changed = [field for field, value in looks.items() if getattr(agent, field) != value]
    for field in changed:
        setattr(agent, field, looks[field])
    if changed:
        with transaction.atomic():
            agent.save(update_fields=changed)
            for told in face_changed:
                transaction.on_commit(lambda told=told: told(agent.pk), robust=True)  # type: ignore[misc]
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
