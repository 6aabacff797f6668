"""How the audit log names what belongs to chats."""

import uuid

from accounts.models import Workspace
from livechat.models import SavedReply, Site, Tag


def _sites(workspace: Workspace, ids: set[uuid.UUID]) -> dict[str, str]:
    found = Site.objects.in_workspace(workspace).filter(pk__in=ids)
    return {str(site.pk): site.name for site in found}


def _saved_replies(workspace: Workspace, ids: set[uuid.UUID]) -> dict[str, str]:
    found = SavedReply.objects.in_workspace(workspace).filter(pk__in=ids)
    return {str(reply.pk): f"“{reply.title or reply.name}”" for reply in found}


def _tags(workspace: Workspace, ids: set[uuid.UUID]) -> dict[str, str]:
    found = Tag.objects.in_workspace(workspace).filter(pk__in=ids)
    return {str(tag.pk): tag.name for tag in found}


NAMING = {"site": _sites, "saved_reply": _saved_replies, "tag": _tags}
