"""Giving a chat to somebody else. Whoever takes one for themselves does so through `messages.take`."""

import uuid

from django.db import transaction

from accounts.actions import audit
from accounts.errors import Refused
from accounts.models import Agent, User
from livechat.actions import messages
from livechat.actions.waiting import count_anew
from livechat.events import ChatAssigned, publish
from livechat.models import ChatSession

CLOSED = "This chat is closed. An answer to the visitor opens it again."


def assign(chat_id: uuid.UUID, to: Agent, by: Agent, user: User, seen: uuid.UUID | None) -> bool:
    with transaction.atomic():
        return assign_in(messages.lock_chat(chat_id), to, by, user, seen)


def assign_in(
    chat: ChatSession, to: Agent, by: Agent | None, user: User | None, seen: uuid.UUID | None
) -> bool:
    """The caller holds the chat's row lock. False if `to` has it already.

    `seen` is who had it when the choice was made: if that is no longer so, whoever chose is told first (Refused).
    `user` is for the audit, if `by` has an account.
    """
    if not chat.is_open:
        raise Refused("closed", CLOSED)
    if chat.agent_id == to.pk:
        return False
    if chat.agent is not None and chat.agent_id != seen:
        raise Refused("taken", f"{chat.agent} has this chat meanwhile. Nothing was changed.")
    messages.take(chat, to)
    if by is None or by.pk != to.pk:
        count_anew(chat)
    audit(chat.site.workspace, user, "chat.assigned", f"chat:{chat.pk} agent:{to.pk}")
    publish(ChatAssigned(chat, to, by))
    return True
