"""The console's socket: hints that something changed, and typing both ways. Session cookie and exact Origin."""

import asyncio
import json
import logging
import time
import uuid
from typing import Any
from urllib.parse import parse_qs

from channels.auth import AuthMiddlewareStack
from django.conf import settings
from django.db import DatabaseError

from accounts import second_factors, seeing
from accounts.access import agent_of, member_for
from accounts.errors import NotFound, Refused
from accounts.gate import CHOSEN_WORKSPACE
from accounts.models import Agent, Member
from accounts.permissions import may
from config.database import db
from livechat import access, doorbell, protocol, sockets, transcripts
from livechat.actions import chats, reading
from livechat.models import ChatSession

log = logging.getLogger(__name__)


def _enter(user: Any, workspace_id: str | None, shown: str = "") -> tuple[Member, Agent]:
    """As the pages choose it (accounts.gate.current_member); of the one that the page shows or not at all."""
    try:
        member = member_for(user, shown or workspace_id)
    except NotFound:
        if shown:
            raise
        member = member_for(user)
    if member.workspace.is_ending:
        raise NotFound
    if second_factors.is_missing(member):
        raise NotFound
    return member, agent_of(member)


def _note_seen(member: Member, chat: ChatSession, seq: int, answers: bool) -> None:
    """It is read for this member; the visitor is told only of those who answer."""
    reading.note_read(member, chat, seq)
    if answers:
        chats.note_agent_seen(chat.id, seq)


class ConsoleConsumer(sockets.LeanConsumer):
    # of an operator who sees what the member sees: nothing is noted, of them least of all that they were there
    only_looks = False
    deadline: asyncio.TimerHandle | None = None
    groups_joined: tuple[str, ...] = ()

    async def __call__(self, *connection: Any) -> None:
        try:
            await super().__call__(*connection)
        finally:
            if self.deadline is not None:
                self.deadline.cancel()
            sockets.remove(self, [])
            for group in self.groups_joined:
                await self.channel_layer.group_discard(group, self.channel_name)

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
            user = await self._as_seen(user)
            chosen = self.scope["session"].get(CHOSEN_WORKSPACE)
            self.member, self.agent = await db(_enter, user, chosen, self._shown())
        except Refused:
            await self._turn_away(protocol.NOT_ACCEPTED)
            return
        self.groups_joined = (
            doorbell.workspace_group(self.member.workspace_id),
            doorbell.member_group(self.member.pk),
        )
        for group in self.groups_joined:
            await self.channel_layer.group_add(group, self.channel_name)
        sockets.add(self)
        await self.accept()

    def _shown(self) -> str:
        """The workspace of the page that opened this socket, as it says itself."""
        asked = parse_qs(self.scope["query_string"].decode("latin-1"))
        return str(asked.get("workspace", [""])[0])

    async def _as_seen(self, user: Any) -> Any:
        """Whoever's eyes are looked through, for as long as that may last."""
        seen = await db(seeing.seeing_in, self.scope["session"], user)
        if seen is None:
            return user
        if seen.is_over:
            raise NotFound
        self.only_looks = True
        self.deadline = asyncio.get_running_loop().call_later(seen.until - time.time(), self._over)
        return seen.user

    def _over(self) -> None:
        self.closing = asyncio.ensure_future(self.close(code=protocol.NOT_ACCEPTED))

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
        if self.only_looks:
            raise Refused("read_only", seeing.ONLY_LOOKS)
        answers = may(self.member, "chats.reply")
        if frame.get("type") == "typing" and answers:
            await self._typing(chat)
        elif frame.get("type") == "seen":
            await db(_note_seen, self.member, chat, protocol.count(frame.get("seq")), answers)

    async def _typing(self, chat: ChatSession) -> None:
        author = transcripts.agent_face(self.agent, chat.site)
        event = {"type": "typing", "chat": str(chat.id), "author": author}
        await self.channel_layer.group_send(doorbell.visitor_group(uuid.UUID(str(chat.visitor_id))), event)

    async def enter_anew(self, event: dict[str, Any]) -> None:
        """What the member may has changed. Whoever is none any more is turned away when they come back."""
        await self.close(code=protocol.RESTARTING)

    async def bell(self, event: dict[str, Any]) -> None:
        frame = {"type": "changed", "chat": event["chat"]}
        if "said" in event:
            whose = {"": "free", str(self.agent.pk): "mine"}
            frame["said"] = whose.get(event["said"], "theirs")
        await self.say(frame)

    async def onlookers(self, event: dict[str, Any]) -> None:
        await self.say({"type": "visitors"})

    async def typing(self, event: dict[str, Any]) -> None:
        await self.say({"type": "typing", "chat": event["chat"], "author": event["author"]})


application = AuthMiddlewareStack(ConsoleConsumer.as_asgi())
