"""The visitor's socket, protocol 1, and the console's. A frame comes in, one action runs, frames go out.

A ring of the doorbell carries no words: the socket reads what changed after its own `rev` from the database, so a
lost, doubled or late ring changes nothing but the moment.
"""

import asyncio
import json
import logging
import time
import uuid
from collections import deque
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected

from accounts.browsers import plain
from accounts.errors import Refused
from accounts.limits import address_block, client_ip, hit
from config.database import db, write
from livechat import access, arriving, console_socket, doorbell, proofs, protocol, sockets, transcripts
from livechat.actions import answering, changes, chats, messages, rating
from livechat.models import Message
from livechat.onlookers.board import Place, board
from livechat.tokens import VisitorClaim
from livechat.visitor_reads import Update, Welcome, message_frames, update, welcome

log = logging.getLogger(__name__)

SLOW_READER_SECONDS = 10
UNAVAILABLE = Refused("unavailable", "The chat is not available for a moment. What you wrote is kept.", 2000)


class VisitorConsumer(sockets.LeanConsumer):
    """One socket of one visitor. Channels calls its methods one at a time, so its own state needs no lock."""

    arrival: access.Arrival | None = None
    chat_id: str | None = None
    rev = 0
    in_open_chat = False
    # as it was when the chat was last read: for what is said without asking the database
    is_blocked = False
    groups: tuple[str, ...] = ()
    # where the team sees that they are there, if the site shows that
    place: Place | None = None
    deadline: asyncio.TimerHandle | None = None

    async def __call__(self, *connection: Any) -> None:
        """Whatever ends the socket, also an error or a client that is gone in mid-sentence: its places are free."""
        self.places: list[str] = []
        self.proof = proofs.Proof(self._note_got)
        try:
            await super().__call__(*connection)
        finally:
            await self._leave()

    async def _leave(self) -> None:
        sockets.remove(self, self.places)
        self._in_time()
        self.proof.gone()
        if self.place is not None:
            self.place.leave()
        for group in self.groups:
            await self.channel_layer.group_discard(group, self.channel_name)

    async def connect(self) -> None:
        self.page = protocol.Page()
        self.locale = self.timezone = ""
        self.bad_frames: deque[float] = deque(maxlen=protocol.BAD_FRAMES_A_MINUTE)
        self.address = client_ip(self.scope)
        sockets.add(self)
        await self.accept()
        self.deadline = asyncio.get_running_loop().call_later(protocol.HELLO_SECONDS, self._too_slow)
        try:
            self.places = sockets.take_places(address=address_block(self.address))
        except Refused as refusal:
            await self._refuse(refusal, {})

    def _in_time(self) -> None:
        if self.deadline is not None:
            self.deadline.cancel()

    def _too_slow(self) -> None:
        if self.arrival is None:
            self.closing = asyncio.ensure_future(self.close(code=protocol.TOO_SLOW))

    async def say(self, frame: dict[str, Any]) -> None:
        """A reader that takes nothing for ten seconds is sent away and resumes later: frames must not pile up here."""
        try:
            async with asyncio.timeout(SLOW_READER_SECONDS):
                await self.send(text_data=json.dumps(frame, ensure_ascii=False, separators=(",", ":")))
        except TimeoutError:
            await self.close(code=protocol.TOO_SLOW)
        except ClientDisconnected:
            log.debug("a visitor was gone before a frame was sent")

    # --- frames from the visitor ---------------------------------------------------------------------------------

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        frame: dict[str, Any] = {}
        try:
            frame = protocol.read(text_data)
            await self._handle(frame["type"], protocol.fields(frame))
        except Refused as refusal:
            await self._refuse(refusal, frame)
        except Exception:
            # database or Redis away: nothing was acknowledged, the client keeps what it sent and repeats it
            log.exception("a frame could not be worked")
            await self._refuse(UNAVAILABLE, frame)

    async def _handle(self, kind: str, fields: dict[str, Any]) -> None:
        if kind == "hello":
            await self._hello(**fields)
        elif self.arrival is None:
            raise protocol.BadFrame("The first frame must be hello.")
        else:
            await getattr(self, f"on_{kind}")(**fields)

    async def _refuse(self, refusal: Refused, frame: dict[str, Any]) -> None:
        await self.say(protocol.error(refusal, frame))
        if self.arrival is None:
            await self.close(code=_close_code(refusal.code))
        elif refusal.code == "bad_frame" and self._one_bad_frame_more():
            await self.close(code=protocol.BAD_FRAMES)

    def _one_bad_frame_more(self) -> bool:
        self.bad_frames.append(time.monotonic())
        return (
            len(self.bad_frames) == self.bad_frames.maxlen and self.bad_frames[-1] - self.bad_frames[0] < 60
        )

    async def _hello(
        self,
        site: str,
        visitor_token: str | None = None,
        chat: str | None = None,
        last_rev: int = 0,
        page: protocol.Page | None = None,
        locale: str = "",
        timezone: str = "",
        identity: str | None = None,
        **ignored: object,
    ) -> None:
        if self.arrival is not None:
            raise Refused("refused", "This socket has said hello already.")
        # said in time; sent away because we are slow, a crowd would come back at once and make us slower still
        self._in_time()
        if retry_ms := hit("hello_per_address", self.address):
            raise Refused("rate_limited", "Too many connections at once. Please wait a moment.", retry_ms)
        headers = dict(self.scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1") or None
        arrival = await arriving.arrive(site, visitor_token, identity, origin=origin, address=self.address)
        if arrival.rejection is not None:
            await self.say(protocol.error(arrival.rejection))
        self.places += sockets.take_places(visitor=arrival.claim.visitor_id.hex, site=arrival.site.id.hex)
        self.page, self.locale, self.timezone = page or self.page, locale, timezone
        self.groups = (
            doorbell.visitor_group(arrival.claim.visitor_id),
            doorbell.site_group(arrival.site.id),
        )
        # subscribe first, then read: what is committed in between rings and is read again, never missed
        for group in self.groups:
            await self.channel_layer.group_add(group, self.channel_name)
        answer = await db(welcome, arrival, chat, last_rev)
        self.arrival = arrival
        browser = plain(headers.get(b"user-agent", b"").decode("latin-1"))
        self.place = board.enter(arrival, self.page, locale=locale, timezone=timezone, browser=browser)
        self._stand_at(answer)
        await self.say(answer.frame)
        self.proof.took(self.chat_id, answer.reaches)

    def _stand_at(self, answer: Welcome | Update) -> None:
        self.chat_id, self.rev, self.in_open_chat = answer.chat_id, answer.rev, answer.is_open
        self.is_blocked = answer.is_blocked

    @property
    def here(self) -> access.Arrival:
        assert self.arrival is not None
        return self.arrival

    @property
    def claim(self) -> VisitorClaim:
        return self.here.claim

    async def on_message(
        self, client_message_id: protocol.Given, body: str, attachments: tuple[str, ...] = ()
    ) -> None:
        if not body and not attachments:
            raise protocol.BadFrame(protocol.EMPTY)
        draft = messages.VisitorDraft(
            client_message_id.id, body, self.page, self.locale, self.timezone, attachments
        )
        message = await self._posted(draft)
        self.in_open_chat = True
        if self.chat_id != str(message.chat_id):
            await self._enter_chat(message)
        elif (up_to := _before_ack(message)) > self.rev:
            await self._catch_up(up_to)
        if message.rev == self.rev + 1:
            self.rev = message.rev
        await self.say({**transcripts.ack_frame(message), "client_message_id": client_message_id.text})

    async def _posted(self, draft: messages.VisitorDraft) -> Message:
        """Stored now or before: whoever repeats what is stored, because its ack was lost, is not told to wait."""
        try:
            self._check_pace()
        except Refused:
            if hit("repeats_per_visitor", self.claim.visitor_id.hex):
                raise
            if (earlier := await db(messages.sent_before, self.claim, draft)) is None:
                raise
            return earlier
        return await write(messages.post_visitor_message, self.claim, draft)

    def _check_pace(self) -> None:
        kinds = ("messages",) if self.in_open_chat else ("messages", "chats")
        whose = {"visitor": self.claim.visitor_id.hex, "address": self.address, "site": self.here.site.id.hex}
        for limit, key in ((f"{kind}_per_{who}", key) for kind in kinds for who, key in whose.items()):
            if retry_ms := hit(limit, key):
                raise Refused("rate_limited", "That was very fast. It is sent as soon as possible.", retry_ms)

    async def _enter_chat(self, message: Message) -> None:
        """A chat began with this message, or another tab began it: this socket follows it there."""
        if self.chat_id is None and message.rev == 1:
            self.chat_id, self.rev = str(message.chat_id), 0
            return
        answer = await db(update, self.here, None, 0, _before_ack(message))
        if answer.chat_id != str(message.chat_id):
            return  # a line of an earlier chat, sent again: the visitor stays where they are
        self.chat_id, self.rev = answer.chat_id, 0
        if answer.changes.messages:
            await self.say(answer.chat_frame())
            await self._say_changes(answer.changes)
            if answer.more:
                await self._catch_up(_before_ack(message))

    async def on_edit(self, id: str, body: str) -> None:  # noqa: A002 - the field of the frame
        self._check_changes()
        await self._say_changed(await write(changes.edit_by_visitor, self.claim, id, body))

    async def on_withdraw(self, id: str) -> None:  # noqa: A002 - the field of the frame
        self._check_changes()
        await self._say_changed(await write(changes.withdraw_by_visitor, self.claim, id))

    def _check_changes(self) -> None:
        if retry_ms := hit("changes_per_visitor", self.claim.visitor_id.hex):
            raise Refused("rate_limited", "That was very fast. Please wait a moment.", retry_ms)

    async def _say_changed(self, message: Message) -> None:
        """The answer to a change, also here: a repeat is answered with the state that the message has already."""
        if self.chat_id == str(message.chat_id):
            if message.rev > self.rev + 1:
                await self._catch_up(message.rev - 1)
            if message.rev == self.rev + 1:
                self.rev = message.rev
        await self.say(transcripts.message_frame(message, self.here.site))

    async def on_seen(self, seq: int) -> None:
        if self.chat_id is not None and not hit("marks_per_visitor", self.claim.visitor_id.hex):
            await db(chats.note_visitor_seen, self.claim, uuid.UUID(self.chat_id), seq)

    async def on_typing(self) -> None:
        if self.chat_id is None or self.is_blocked:
            return
        if not hit("typing_per_visitor", self.claim.visitor_id.hex):
            group = doorbell.workspace_group(self.here.site.workspace_id)
            author = {"kind": "visitor", "id": None, "name": None, "avatar_url": None, "title": None}
            await self.channel_layer.group_send(
                group, {"type": "typing", "chat": self.chat_id, "author": author}
            )

    async def on_page(self, url: str, title: str = "", department: str | None = None) -> None:
        """A department counts for the chat that begins next; whoever names none keeps theirs."""
        if department is None:
            department = self.page.department
        self.page = protocol.Page(url, title, self.page.referrer, department)
        if self.place is not None:
            self.place.move(self.page)
        if self.chat_id is not None and not hit("pages_per_visitor", self.claim.visitor_id.hex):
            await db(chats.note_page, self.claim, self.chat_id, url, title)

    async def on_sync(self, last_rev: int, chat: str | None = None) -> None:
        if hit("syncs_per_visitor", self.claim.visitor_id.hex):
            raise Refused("rate_limited", "That was very fast. Please wait a moment.", 1000)
        answer = await db(update, self.here, chat, last_rev)
        if chat is not None and answer.chat_id is None:
            await self.gone({})
            return
        if chat is not None and chat != answer.chat_id:
            await self.say(answer.chat_frame())
        self._stand_at(answer)
        await self.say(answer.synced())
        self.proof.took(self.chat_id, answer.reaches)

    async def on_end(self) -> None:
        if retry_ms := hit("ends_per_visitor", self.claim.visitor_id.hex):
            raise Refused("rate_limited", "That was very fast. Please wait a moment.", retry_ms)
        await db(chats.end_by_visitor, self.claim)
        await self.say({"type": "done", "of": "end"})

    async def on_form(self, fields: dict[str, Any]) -> None:
        limits = {"forms_per_visitor": self.claim.visitor_id.hex, "forms_per_address": self.address}
        for limit, key in limits.items():
            if retry_ms := hit(limit, key):
                raise Refused("rate_limited", "That was very fast. Please wait a moment.", retry_ms)
        await db(answering.take_form, self.claim, fields)
        await self.say({"type": "done", "of": "form"})

    async def on_rate(self, stars: int, comment: str | None = None) -> None:
        if retry_ms := hit("ratings_per_visitor", self.claim.visitor_id.hex):
            raise Refused("rate_limited", "That was very fast. Please wait a moment.", retry_ms)
        await db(rating.rate_by_visitor, self.claim, stars, comment or "")
        await self.say({"type": "done", "of": "rate"})

    # --- rings of the doorbell -----------------------------------------------------------------------------------

    async def bell(self, event: dict[str, Any]) -> None:
        if event["chat"] != self.chat_id:
            await self._follow(event["chat"])
        elif event["rev"] > self.rev:
            await self._catch_up()

    async def mark(self, event: dict[str, Any]) -> None:
        frame = event["frame"]
        if event["chat"] != self.chat_id:
            await self._follow(event["chat"])
        elif frame["type"] == "chat":
            answer = await db(update, self.here, self.chat_id, self.rev)
            self.in_open_chat, self.is_blocked = answer.is_open, answer.is_blocked
            await self.say(answer.chat_frame())
        else:
            await self.say({**frame, "chat": self.chat_id})

    async def typing(self, event: dict[str, Any]) -> None:
        if event["chat"] == self.chat_id:
            await self.say({"type": "typing", "author": event["author"]})

    async def gone(self, event: dict[str, Any]) -> None:
        """The visitor was erased: the page begins anew, as somebody who has not written yet."""
        await self.close(code=protocol.RESTARTING)

    async def presence(self, event: dict[str, Any]) -> None:
        await self.say({"type": "presence", "online": event["online"], "back_at": event.get("back_at")})

    async def _catch_up(self, up_to: int = access.MOST_REV) -> None:
        """What changed in the chat in which this socket stands: one query for every line that anybody writes."""
        more = True
        while more:
            changes = await db(access.changes_between, uuid.UUID(self.chat_id), self.rev, up_to)
            await self._say_changes(changes)
            more = changes.more

    async def _follow(self, chat_id: str) -> None:
        """Another chat of this visitor speaks: it is followed if it is their newest, else ignored."""
        answer = await db(update, self.here, None, 0)
        if answer.chat_id == chat_id:
            self.chat_id, self.rev, self.in_open_chat = chat_id, 0, answer.is_open
            self.is_blocked = answer.is_blocked
            await self.say(answer.chat_frame())
            await self._say_changes(answer.changes)
            if answer.more:
                await self._catch_up()

    async def _say_changes(self, changes: access.Changes) -> None:
        for frame in message_frames(changes, self.here.site):
            await self.say(frame)
        self.rev = max(self.rev, changes.rev)
        self.proof.took(self.chat_id, _answers(changes))

    async def _note_got(self, chat_id: str, seq: int) -> None:
        await db(chats.note_visitor_got, self.claim, uuid.UUID(chat_id), seq)


def _answers(changes: access.Changes) -> list[int]:
    by_team = (message for message in changes.messages if message.author_kind == Message.Author.AGENT)
    return [message.seq or 0 for message in by_team]


def _before_ack(message: Message) -> int:
    """The `rev` up to which its sender must know the chat before the ack. A line sent again, and changed since, is

    shown as it is now: an ack carries no words, and the sender would take its own old ones for the newest.
    """
    changed = message.edited_at is not None or message.deleted_at is not None
    return message.rev if changed else message.rev - 1


def _close_code(code: str) -> int:
    return {
        "origin_refused": protocol.ORIGIN,
        "rate_limited": protocol.TOO_MANY,
        "bad_frame": protocol.BAD_FRAMES,
        "unavailable": protocol.RESTARTING,
    }.get(code, protocol.NOT_ACCEPTED)


visitor = VisitorConsumer.as_asgi()
console = console_socket.application
say_bye = sockets.say_bye
