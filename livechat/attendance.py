"""Says which sites and chats have an open widget here, and who has the console open: at once and twice a minute."""

import asyncio
import logging
import time
import uuid
from collections.abc import Iterable

from config.database import db
from livechat import sockets
from livechat.actions import presence

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 1.0
SAY_EVERY_SECONDS = 30.0


class Attendance:
    """What this process has said, and when."""

    def __init__(self) -> None:
        self._said: dict[uuid.UUID, float] = {}

    async def look(self) -> None:
        sites: set[uuid.UUID] = set()
        members: set[uuid.UUID] = set()
        chats: set[uuid.UUID] = set()
        for socket in sockets.all_open():
            if (arrival := getattr(socket, "arrival", None)) is not None:
                sites.add(arrival.site.id)
                if (chat_id := open_chat_of(socket)) is not None:
                    chats.add(chat_id)
            elif (member := getattr(socket, "member", None)) is not None and not socket.only_looks:  # type: ignore[attr-defined]
                members.add(member.pk)
        if news := self._news(sites):
            await db(presence.note_asked, news)
        if news := self._news(chats):
            await db(presence.note_visits, news)
        if news := self._news(members):
            await db(presence.note_consoles, news)
            await db(presence.review)

    def _news(self, found: Iterable[uuid.UUID]) -> list[uuid.UUID]:
        now = time.monotonic()
        self._said = {one: at for one, at in self._said.items() if now - at < SAY_EVERY_SECONDS}
        news = [one for one in found if one not in self._said]
        self._said |= dict.fromkeys(news, now)
        return news


def open_chat_of(socket: object) -> uuid.UUID | None:
    """The open chat in which a visitor's socket stands."""
    chat_id = getattr(socket, "chat_id", None)
    return uuid.UUID(chat_id) if chat_id and getattr(socket, "in_open_chat", False) else None


async def watch() -> None:
    attendance = Attendance()
    while True:
        await asyncio.sleep(LOOK_EVERY_SECONDS)
        try:
            await attendance.look()
        except Exception:
            log.exception("who is there could not be noted; the next round repeats it")
