"""The safety net under the doorbell when Redis carries it: every 2 s, chats that moved are compared with our sockets.

Pub/sub loses rings silently while Redis restarts. One query per process finds what was missed; in the common case it
finds nothing. In one process without Redis no ring can be lost, so this does not run.
"""

import asyncio
import logging
from datetime import datetime, timedelta

from channels.layers import get_channel_layer
from django.utils import timezone

from config.database import db
from livechat import sockets
from livechat.models import ChatSession

log = logging.getLogger(__name__)

EVERY_SECONDS = 2.0
LOOK_BACK = timedelta(seconds=10)


def _moved(since: datetime) -> dict[str, int]:
    chats = ChatSession.unscoped.filter(last_message_at__gt=since - LOOK_BACK)
    return {str(pk): rev for pk, rev in chats.values_list("pk", "last_rev")}


async def look_once(since: datetime) -> int:
    """Rings the sockets of this process that stand behind their chat as it moved since; returns how many there were."""
    moved = await db(_moved, since)
    layer, behind = get_channel_layer(), 0
    for socket in sockets.all_open():
        chat_id = getattr(socket, "chat_id", None)
        if chat_id is not None and moved.get(chat_id, 0) > getattr(socket, "rev", 0):
            behind += 1
            bell = {"type": "bell", "chat": chat_id, "rev": moved[chat_id]}
            await layer.send(socket.channel_name, bell)
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
