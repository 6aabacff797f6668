"""The safety net under the doorbell when Redis carries it: every 2 s, chats that moved are compared with our sockets.

Pub/sub loses rings silently while Redis restarts. A few queries per process find what was missed; in the common case it
finds nothing. In one process without Redis no ring can be lost, so this does not run.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any

from channels.layers import get_channel_layer
from django.utils import timezone

from config.database import db
from livechat import sockets
from livechat.models import Attachment, ChatSession, Erasure, MessageVersion

log = logging.getLogger(__name__)

EVERY_SECONDS = 2.0
LOOK_BACK = timedelta(seconds=10)


def _moved(since: datetime) -> dict[str, int]:
    spoke = ChatSession.unscoped.filter(last_message_at__gt=since - LOOK_BACK).values_list("pk", "last_rev")
    changes = MessageVersion.unscoped.filter(changed_at__gt=since - LOOK_BACK)
    changed = changes.values_list("message__chat_id", "message__chat__last_rev")
    files = Attachment.unscoped.filter(changed_at__gt=since - LOOK_BACK, message__isnull=False)
    brought = files.values_list("message__chat_id", "message__chat__last_rev")
    return {str(pk): rev for pk, rev in (*spoke, *changed, *brought)}


def _erased(since: datetime, chat_ids: set[str]) -> set[str]:
    """Which of these chats are gone, if anybody was erased since."""
    if not Erasure.unscoped.filter(created_at__gt=since - LOOK_BACK).exists():
        return set()
    there = ChatSession.unscoped.filter(pk__in=chat_ids).values_list("pk", flat=True)
    return chat_ids - {str(pk) for pk in there}


async def look_once(since: datetime) -> int:
    """Rings the sockets of this process that stand behind their chat as it moved since; returns how many there were."""
    standing = [(socket, getattr(socket, "chat_id", None)) for socket in sockets.all_open()]
    moved = await db(_moved, since)
    erased = await db(_erased, since, {chat_id for _, chat_id in standing if chat_id is not None})
    layer, behind = get_channel_layer(), 0
    for socket, chat_id in standing:
        if chat_id in erased:
            missed: dict[str, Any] = {"type": "gone"}
        elif chat_id is not None and moved.get(chat_id, 0) > getattr(socket, "rev", 0):
            missed = {"type": "bell", "chat": chat_id, "rev": moved[chat_id]}
        else:
            continue
        behind += 1
        await layer.send(socket.channel_name, missed)
    return behind


async def watch() -> None:
    looked = timezone.now()
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            begun = timezone.now()
            if sockets.all_open() and (behind := await look_once(looked)):
                log.info("%d sockets had missed a ring", behind)
            looked = begun
        except Exception:
            log.exception("looking for missed rings failed; the next look repeats it")
