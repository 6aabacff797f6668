"""What a visitor's open window shows of people, once they look different."""

import uuid

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from livechat.actions.messages import lock_chat
from livechat.events import FacesChanged, publish
from livechat.models import ChatSession, Message

MOST_CHATS = 300


def show_anew(agent_id: uuid.UUID) -> None:
    """Open chats in which this person spoke, the newest first; closed ones are read afresh when somebody looks."""
    spoke = Message.unscoped.filter(chat=OuterRef("pk"), agent_id=agent_id, is_note=False)
    chats = ChatSession.unscoped.filter(Q(agent_id=agent_id) | Exists(spoke), status=ChatSession.Status.OPEN)
    for chat_id in chats.order_by("-last_message_at").values_list("pk", flat=True)[:MOST_CHATS]:
        with transaction.atomic():
            _show_anew(lock_chat(chat_id), agent_id)


def _show_anew(chat: ChatSession, agent_id: uuid.UUID) -> None:
    """A changed face is a visible change of each of its messages: applying frames equals fetching fresh."""
    found = chat.messages.filter(agent_id=agent_id, seq__isnull=False, deleted_at=None).order_by("rev")
    lines = list(found.only("pk", "rev"))
    for number, message in enumerate(lines, 1):
        message.rev = chat.last_rev + number
    Message.unscoped.bulk_update(lines, ["rev"], batch_size=200)
    chat.last_rev += len(lines)
    chat.save(update_fields=["last_rev"])
    publish(FacesChanged(chat))
