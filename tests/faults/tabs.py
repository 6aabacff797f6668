"""A visitor's tab: the product's own consumer on one side, a client store on the other, no wire in between."""

import json
import uuid
from collections.abc import Callable, Coroutine
from typing import Any

from livechat.consumers import VisitorConsumer
from livechat.models import Site
from livechat.protocol import Page
from tests.faults.store import Frame, Store


def finished(work: Coroutine[Any, Any, Any]) -> None:
    """Runs a coroutine that never has to wait: the database calls of these consumers are made at once."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise AssertionError("a consumer waited for something that does not exist here")


class Layer:
    async def group_add(self, group: str, channel: str) -> None: ...

    async def group_discard(self, group: str, channel: str) -> None: ...

    async def group_send(self, group: str, content: Frame) -> None: ...


class Deadline:
    def cancel(self) -> None: ...


class Unproved:
    """Plays have their own time; whether a connection stood for two seconds is nothing they can say."""

    def took(self, chat_id: str | None, answers: object) -> None: ...

    def gone(self) -> None: ...


class SocketHere(VisitorConsumer):
    """The consumer as it stands after the handshake; what it says goes straight into the store."""

    groups = ()

    def __init__(self, hear: Callable[[Frame], None]) -> None:
        super().__init__()
        self.hear = hear
        self.scope: Any = {"headers": [], "client": ("127.0.0.1", 1)}
        self.channel_layer: Any = Layer()
        self.channel_name = uuid.uuid4().hex
        self.address, self.places, self.bad_frames = "127.0.0.1", [], []  # type: ignore[assignment]
        self.page, self.locale, self.timezone = Page(), "", ""
        self.deadline = Deadline()  # type: ignore[assignment]
        self.proof: Any = Unproved()

    async def say(self, frame: Frame) -> None:
        self.hear(json.loads(json.dumps(frame)))


class Person:
    """One visitor: a token and everything they ever sent, shared by their tabs."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.token: str | None = None
        # what was sent, and what it says by now
        self.sent: dict[str, str] = {}
        self.bodies: dict[str, str] = {}
        self.acks: dict[str, Frame] = {}
        self.changed: set[str] = set()


class Tab:
    def __init__(self, person: Person) -> None:
        self.person = person
        self.store = Store()
        self.socket: SocketHere | None = None
        self.rings: list[Frame] = []
        self.missed = False
        self.heard: list[Frame] = []
        self._deaf = False

    # --- the wire -------------------------------------------------------------------------------------------------

    def connect(self, forget: int = 0) -> None:
        """`forget`: how many changes of its last word the client has lost."""
        self.disconnect()
        self.socket = SocketHere(self._hear)
        hello = {"type": "hello", "protocol": 1, "site": self.person.site.public_token}
        known = {"visitor_token": self.person.token, "chat": self.store.chat}
        self._say({**hello, **known, "last_rev": max(0, self.store.rev - forget)})
        self.person.token = self.store.token

    def disconnect(self) -> None:
        self.socket, self.rings, self.missed = None, [], False

    def _say(self, frame: Frame) -> None:
        assert self.socket is not None
        finished(self.socket.receive(text_data=json.dumps(frame)))

    def _hear(self, frame: Frame) -> None:
        if self._deaf:
            return
        assert frame["type"] != "error", frame
        self.heard.append(frame)
        if frame["type"] == "ack":
            self._compare_with_earlier_ack(frame)
        question = self.store.apply(frame, self.person.bodies)
        if question is not None:
            self._say(question)

    def _compare_with_earlier_ack(self, frame: Frame) -> None:
        earlier = self.person.acks.setdefault(frame["client_message_id"], frame)
        newest = {"rev": frame["rev"]} if frame["id"] in self.person.changed else {}
        assert {**earlier, **newest} == frame, "sending again gave another answer"

    # --- what the visitor does ------------------------------------------------------------------------------------

    def send(self, cid: str, body: str, answer_lost: bool = False) -> None:
        """A message; with `answer_lost` the server is gone between its commit and the ack."""
        self.person.sent[cid] = body
        self.person.bodies.setdefault(cid, body)
        self._deaf = answer_lost
        self._say({"type": "message", "client_message_id": cid, "body": body})
        self._deaf = False
        if answer_lost:
            self.disconnect()

    def change(self, cid: str, body: str | None) -> None:
        """An own line says `body` from now on; without one it is withdrawn."""
        message_id = self.person.acks[cid]["id"]
        self.person.bodies[cid] = body or ""
        self.person.changed.add(message_id)
        change = {"type": "edit", "body": body} if body else {"type": "withdraw"}
        self._say({**change, "id": message_id})

    def end(self) -> None:
        self._say({"type": "end"})

    def seen(self) -> None:
        self._say({"type": "seen", "seq": len(self.store.messages)})

    # --- the doorbell ---------------------------------------------------------------------------------------------

    def hear_ring(self, place: int) -> None:
        assert self.socket is not None
        content = self.rings.pop(place % len(self.rings))
        finished(getattr(self.socket, content["type"])(content))

    def catch_up(self) -> None:
        """After the storm: hear what still rings; who missed a ring asks, as after any gap."""
        while self.rings:
            self.hear_ring(0)
        if self.missed:
            self._say({"type": "sync", "chat": self.store.chat, "last_rev": self.store.rev})
