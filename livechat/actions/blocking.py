"""Blocking a visitor, and taking it back. It is the visitor who is blocked, in all their chats: no site for others,

and not the person, who is somebody new in another browser. Nothing more is taken from them (`livechat.access.BLOCKED`)
and they are told neither why nor by whom. They can still read, also what is answered. A message that was on its way
into the database in that very moment counts as sent before.
"""

import uuid

from django.db import transaction
from django.utils import timezone

from accounts.actions import audit
from accounts.models import Agent
from livechat.actions.messages import lock_chat, note_in
from livechat.events import ChatChanged, publish
from livechat.models import ChatSession, Message, Visitor


def block(chat_id: uuid.UUID, agent: Agent) -> bool:
    """The visitor of this chat. False if they were blocked already: who was first stays written."""
    with transaction.atomic():
        return block_in(lock_chat(chat_id), agent)


def block_in(chat: ChatSession, agent: Agent) -> bool:
    """The caller holds the chat's row lock."""
    free = Visitor.unscoped.filter(pk=chat.visitor_id, blocked_at=None)
    if not free.update(blocked_at=timezone.now(), blocked_by=agent):
        return False
    _note(chat, agent, "visitor.blocked", f"{agent} blocked this visitor.")
    return True


def unblock(chat_id: uuid.UUID, agent: Agent) -> bool:
    """False if they were not blocked."""
    with transaction.atomic():
        return unblock_in(lock_chat(chat_id), agent)


def unblock_in(chat: ChatSession, agent: Agent) -> bool:
    """The caller holds the chat's row lock."""
    blocked = Visitor.unscoped.filter(pk=chat.visitor_id, blocked_at__isnull=False)
    if not blocked.update(blocked_at=None, blocked_by=None):
        return False
    _note(chat, agent, "visitor.unblocked", f"{agent} unblocked this visitor.")
    return True


def _note(chat: ChatSession, agent: Agent, verb: str, words: str) -> None:
    """For the team, between the chat's lines, and for the audit. The visitor's sockets look again and show nothing."""
    chat.visitor.refresh_from_db(fields=["blocked_at", "blocked_by"])
    segments = [{"type": "text", "text": words}]
    note_in(chat, Message(author_kind=Message.Author.SYSTEM, body=words, segments=segments))
    actor = agent.member.user if agent.member is not None else None
    audit(agent.workspace, actor, verb, f"visitor:{chat.visitor_id} agent:{agent.pk}")
    publish(ChatChanged(chat, frame={"type": "chat"}))
