"""A client's store, written from the protocol alone: upsert by id, sort by seq, one cursor, a gap asks again."""

from dataclasses import dataclass, field
from typing import Any

Frame = dict[str, Any]


@dataclass
class Store:
    chat: str | None = None
    rev: int = 0
    messages: dict[str, Frame] = field(default_factory=dict)
    acked: dict[str, Frame] = field(default_factory=dict)
    token: str | None = None
    delivered: int = 0
    status: str = ""
    left: set[str] = field(default_factory=set)

    def apply(self, frame: Frame, bodies: dict[str, str]) -> Frame | None:
        """Takes a server frame; returns the `sync` to send when something is missing. `bodies`: what was sent."""
        handler = getattr(self, f"_on_{frame['type']}", None)
        return handler(frame, bodies) if handler else None

    def lines(self) -> list[tuple[int, str, str]]:
        """The transcript as the person reads it: place, id and words."""
        return sorted((m["seq"], key, m["body"]) for key, m in self.messages.items())

    def _enter(self, chat: str | None) -> None:
        if chat != self.chat:
            self.left = (self.left | {self.chat or ""}) - {chat or ""}
            self.chat, self.rev, self.messages, self.delivered = chat, 0, {}, 0

    def _page(self, frame: Frame) -> Frame | None:
        for message in frame["messages"]:
            self.messages[message["id"]] = message
        self.rev = max(self.rev, frame["rev"])
        return self._sync() if frame["more"] else None

    def _sync(self) -> Frame:
        return {"type": "sync", "chat": self.chat, "last_rev": self.rev}

    def _on_welcome(self, frame: Frame, bodies: dict[str, str]) -> Frame | None:
        self.token = frame["visitor_token"]
        self._enter(frame["chat"]["id"] if frame["chat"] else None)
        self._on_chat({"chat": frame["chat"]}, bodies) if frame["chat"] else None
        return self._page(frame)

    def _on_synced(self, frame: Frame, bodies: dict[str, str]) -> Frame | None:
        self._enter(frame["chat"])
        if frame["state"]:
            self._on_chat({"chat": frame["state"]}, bodies)
        return self._page(frame)

    def _on_chat(self, frame: Frame, bodies: dict[str, str]) -> None:
        self._enter(frame["chat"]["id"])
        self.status = frame["chat"]["status"]
        self.delivered = max(self.delivered, frame["chat"].get("delivered_seq") or 0)

    def _on_delivered(self, frame: Frame, bodies: dict[str, str]) -> None:
        if frame["chat"] == self.chat:
            self.delivered = max(self.delivered, frame["seq"])

    def _on_ack(self, frame: Frame, bodies: dict[str, str]) -> Frame | None:
        cid = frame["client_message_id"]
        self.acked[cid] = frame
        begins = (frame["rev"], frame["seq"]) == (1, 1) and frame["chat"] not in self.left
        if frame["chat"] != self.chat and not begins:
            return {"type": "sync", "chat": frame["chat"], "last_rev": 0}
        if frame["chat"] != self.chat:
            self._enter(frame["chat"])
            self.status = "open"
        return self._one(frame["rev"], {"id": frame["id"], "seq": frame["seq"], "body": bodies[cid]})

    def _on_message(self, frame: Frame, bodies: dict[str, str]) -> Frame | None:
        if frame["chat"] != self.chat:
            return {"type": "sync", "chat": frame["chat"], "last_rev": 0}
        return self._one(frame["rev"], frame["message"])

    def _one(self, rev: int, message: Frame) -> Frame | None:
        if rev > self.rev + 1:
            return self._sync()
        if rev == self.rev + 1 or message["id"] not in self.messages:
            self.messages[message["id"]] = message
        self.rev = max(self.rev, rev)
        return None
