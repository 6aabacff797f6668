"""What visitors wrote before their site had a channel goes to Slack as soon as it has one."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from livechat.actions.messages import lock_chat, note_mirrored
from livechat.events import MessagePosted
from livechat.models import ChatSession, Message
from slackapp.models import ChatLink, Connection
from slackapp.promises import promise_copy

# older chats would be news to nobody, and a thousand of them would hold up today's
AS_OLD_AS = timedelta(days=1)
MOST_CHATS = 200


def promise_backlog(connection: Connection) -> int:
    """Open chats of today without a thread get one; how many. Each in a transaction of its own, harmless to repeat."""
    chats = ChatSession.objects.in_workspace(connection.workspace).filter(
        site_id=connection.site_id,
        status=ChatSession.Status.OPEN,
        slack_link=None,
        last_message_at__gt=timezone.now() - AS_OLD_AS,
    )
    found = list(chats.order_by("started_at").values_list("pk", flat=True)[:MOST_CHATS])
    return sum(_promise_chat(chat_id) for chat_id in found)


def _promise_chat(chat_id: uuid.UUID) -> bool:
    with transaction.atomic():
        chat = lock_chat(chat_id)
        if ChatLink.objects.filter(pk=chat_id).exists():
            return False
        lines = list(chat.messages.filter(seq__isnull=False, deleted_at=None).order_by("seq"))
        note_mirrored(chat, lines, Message.Mirror.QUEUED)
        for line in lines:
            promise_copy(MessagePosted(chat, line, mirror=True))
        return True
