"""Closed chats grow old and go, by the rule of their workspace: words, files, and visitors who have no newer chat.

They go as an erased visitor's do, so Slack's copies follow. What reports count of a chat has no words and stays.
"""

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.actions.ending import end_stands
from accounts.actions.keeping import rule_stands
from accounts.errors import NotFound
from accounts.models import Workspace
from livechat.actions.locking import lock_visitor
from livechat.actions.messages import lock_chat
from livechat.events import VisitorErased, publish
from livechat.models import ChatSession, Erasure, Message, Visitor


def forget_chat(workspace: Workspace, chat_id: uuid.UUID, before: datetime | None, why: Erasure.Why) -> bool:
    """One chat in one transaction: harmless to repeat. False if it is gone, or was opened or closed again meanwhile.

    `before` None: whatever its state. `workspace` as it was when the sweep began: False too if an owner has changed
    its rule, or undone its end, since then.
    """
    stands = end_stands if why is Erasure.Why.END else rule_stands
    with transaction.atomic():
        if not stands(workspace):
            return False
        if not ChatSession.objects.in_workspace(workspace).filter(pk=chat_id).exists():
            return False
        try:
            chat = lock_chat(chat_id)
        except NotFound:
            return False
        if before is not None and (chat.is_open or chat.closed_at is None or chat.closed_at >= before):
            return False
        # whoever moves or erases the visitor's chats holds this one too, so the row is there
        visitor = lock_visitor(chat.visitor_id)
        if visitor is None:
            return False
        _forget(workspace, visitor, chat, why)
        return True


def _forget(workspace: Workspace, visitor: Visitor, chat: ChatSession, why: Erasure.Why) -> None:
    others = ChatSession.unscoped.filter(visitor=visitor).exclude(pk=chat.pk)
    is_last = not others.exists()
    erasure = _of_today(workspace, why)
    lines = Message.unscoped.filter(chat=chat).count()
    publish(VisitorErased(erasure, visitor.pk if is_last else None, [chat]))
    ChatSession.unscoped.filter(pk=chat.pk).delete()
    if is_last and visitor.is_blocked and why is Erasure.Why.RULE:
        # who is blocked stays out
        Visitor.unscoped.filter(pk=visitor.pk).update(name="", attributes=[])
    elif is_last:
        visitor.delete()
    Erasure.unscoped.filter(pk=erasure.pk).update(chats=F("chats") + 1, messages=F("messages") + lines)


def _of_today(workspace: Workspace, why: Erasure.Why) -> Erasure:
    """One line a day in the list of what was erased. There is nobody in it whom a restored backup could bring back."""
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    found = Erasure.objects.in_workspace(workspace).filter(why=why, created_at__gte=today)
    return found.first() or Erasure.unscoped.create(
        workspace=workspace, why=why, chats=0, messages=0, recorded_at=timezone.now()
    )
