"""The console's socket: hints that something changed, and typing both ways. Session cookie and exact Origin."""

import json
import logging
import uuid
from typing import Any

from channels.auth import AuthMiddlewareStack
from django.conf import settings
from django.db import DatabaseError

from accounts.access import agent_of, member_for
from accounts.errors import Refused
from accounts.models import Agent, Member
from accounts.permissions import may
from config.database import db
from livechat import access, doorbell, presence, protocol, sockets, transcripts
from livechat.actions import chats
from livechat.models import ChatSession

log = logging.getLogger(__name__)


def _enter(user: Any, workspace_id: str | None) -> tuple[Member, Agent]:
    member = member_for(user, workspace_id)
    return member, agent_of(member)


class ConsoleConsumer(sockets.LeanConsumer):
    group: str | None = None

    async def __call__(self, *connection: Any) -> None:
        try:
            await super().__call__(*connection)
        finally:
            sockets.remove(self, [])
            if self.group is not None:
                presence.console_closed(self.member.workspace_id)
                await self.channel_layer.group_discard(self.group, self.channel_name)

    async def connect(self) -> None:
        headers = dict(self.scope["headers"])
        user = self.scope["user"]
        if headers.get(b"origin", b"").decode("latin-1") != settings.CONSOLE_URL:
            await self._turn_away(protocol.ORIGIN)
        elif not user.is_authenticated:
            await self._turn_away(protocol.NOT_ACCEPTED)
        else:
            await self._let_in(user)

    async def _turn_away(self, code: int) -> None:
        """Accepted first, so that the page reads the code and does not knock for ever."""
        await self.accept()
        await self.close(code=code)

    async def _let_in(self, user: Any) -> None:
        try:
            self.member, self.agent = await db(_enter, user, self.scope["session"].get("workspace_id"))
        except Refused:
            await self._turn_away(protocol.NOT_ACCEPTED)
            return
        self.group = doorbell.workspace_group(self.member.workspace_id)
        await self.channel_layer.group_add(self.group, self.channel_name)
        sockets.add(self)
        presence.console_opened(self.member.workspace_id)
        await self.accept()

    async def say(self, frame: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(frame, ensure_ascii=False, separators=(",", ":")))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            frame = json.loads(text_data or "")
            chat = await db(access.chat_for, self.member, frame["chat"])
            await self._handle(chat, frame)
        except (ValueError, RecursionError, KeyError, TypeError):
            await self.say(protocol.error(protocol.BadFrame("This frame is not understood.")))
        except Refused as refusal:
            await self.say(protocol.error(refusal))
        except DatabaseError:
            log.exception("a console frame could not be stored")

    async def _handle(self, chat: ChatSession, frame: dict[str, Any]) -> None:
        if not may(self.member, "chats.reply"):
            return
        if frame.get("type") == "typing":
            await self._typing(chat)
        elif frame.get("type") == "seen":
            await db(chats.note_agent_seen, chat.id, protocol.count(frame.get("seq")))

    async def _typing(self, chat: ChatSession) -> None:
        author = transcripts.agent_face(self.agent, chat.site)
        event = {"type": "typing", "chat": str(chat.id), "author": author}
        await self.channel_layer.group_send(doorbell.visitor_group(uuid.UUID(str(chat.visitor_id))), event)

    async def bell(self, event: dict[str, Any]) -> None:
        await self.say({"type": "changed", "chat": event["chat"]})

    async def typing(self, event: dict[str, Any]) -> None:
        await self.say({"type": "typing", "chat": event["chat"], "author": event["author"]})


application = AuthMiddlewareStack(ConsoleConsumer.as_asgi())
