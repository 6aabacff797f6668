"""What a workspace that ends had of chats goes, some at a time: each step leaves a smaller rest for the next."""

import uuid
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.actions.ending import end_stands
from accounts.models import Workspace
from livechat.actions.retention import forget_chat
from livechat.models import (
    Attachment,
    ChatFigures,
    ChatSession,
    Erasure,
    Export,
    SavedReply,
    Visitor,
)

AT_ONCE = 200
# in this order: nothing is left that another row leans on
TABLES = (Attachment, ChatFigures, Visitor, Export, SavedReply)


def forget_chats(workspace: Workspace, most: int = AT_ONCE) -> int:
    """As erased visitors' chats go: what stands in Slack is noted first. How many went."""
    chats = ChatSession.objects.in_workspace(workspace).order_by("pk")
    found: list[uuid.UUID] = list(chats.values_list("pk", flat=True)[:most])
    return sum(forget_chat(workspace, chat_id, None, Erasure.Why.END) for chat_id in found)


def forget_rows(workspace: Workspace) -> int:
    """Of the tables that may be long; the others go with the workspace itself. How many went."""
    return sum(_forget_some(workspace, model.objects.in_workspace(workspace)) for model in TABLES)


def _forget_some(workspace: Workspace, of_it: QuerySet[Any]) -> int:
    with transaction.atomic():
        if not end_stands(workspace):
            return 0
        some = list(of_it.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        return of_it.filter(pk__in=some).delete()[0] if some else 0
