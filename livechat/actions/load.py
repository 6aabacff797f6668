"""A workspace full of made-up chats, for measuring: every row as the actions would have left it."""

import json
import random
import uuid
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from accounts.models import Agent, Member
from livechat.actions.bulk import Rows, plain
from livechat.models import ChatFigures, ChatRead, ChatSession, ChatTag, Message, Site, Tag, Visitor
from livechat.seeding.story import Said, Story, Told

AT_ONCE = 1000
UNTIL_CLOSED = timedelta(minutes=5)
VISITOR = ("id", "site_id", "token_hash", "name", "created_at")
CHAT = (
    "id", "workspace_id", "site_id", "visitor_id", "status", "agent_id", "previous_id", "last_seq", "last_rev",
    "visitor_seen_seq", "visitor_got_seq", "agent_seen_seq", "page_url", "page_title", "started_at", "last_message_at",
    "closed_at", "waiting_since", "unheeded_since", "visitor_lines", "agent_lines", "first_answer_seconds",
    "rating", "rated_at",
)  # fmt: skip
MESSAGE = (
    "id", "chat_id", "seq", "after_seq", "rev", "author_kind", "agent_id", "client_message_id", "body", "segments",
    "is_note", "created_at", "mirror_state",
)  # fmt: skip
FIGURES = (
    "site_id", "chat_id", "agent_id", "day", "slot", "answered_in", "answered_in_hours", "resolved_in",
    "visitor_lines", "agent_lines", "rating",
)  # fmt: skip
TAG, READ = ("chat_id", "tag_id"), ("member_id", "chat_id", "seq")
TAGS = ("Delivery", "Refund", "Fault", "Praise", "Big customer", "To call back")
TAGGED_SHARE, RATED_SHARE, READ_SHARE = 0.3, 0.15, 0.9


class Load:
    """Fills a workspace. The same `seed` tells the same chats, under other ids."""

    def __init__(self, reader: Member, sites: list[Site], agents: list[Agent], seed: int) -> None:
        self._workspace, self._reader = sites[0].workspace_id.hex, reader.pk.hex
        self._tags = [tag.pk.hex for tag in _tags_of(reader)]
        # its own, so that what was said stays the same whatever hangs on it
        self._beside = random.Random(seed + 0.5)
        self._sites, self._agents = [site.pk.hex for site in sites], [agent.pk.hex for agent in agents]
        self._dice, self._ids = random.Random(seed), random.Random()
        self._story = Story(self._dice, len(sites), len(agents), timezone.now() - timedelta(days=1))
        self._chats: list[str] = []
        self._visitors: list[str] = []
        self._rows = {model: Rows(model, names) for model, names in COLUMNS.items()}

    def write(self, chats: int, messages: int) -> Iterator[int]:
        """Says after each block how many chats there are. Each block is a transaction."""
        told = self._story.tell(chats, messages)
        while block := list(islice(told, AT_ONCE)):
            with transaction.atomic():
                self._write(block)
            yield len(self._chats)

    def _write(self, block: list[Told]) -> None:
        self._chats += (self._id() for _ in block)
        newcomers = [one for one in block if one.previous is None]
        self._visitors += (self._id() for _ in newcomers)
        stars = [self._stars(one) for one in block]
        self._rows[Visitor].write(self._visitor(one) for one in newcomers)
        self._rows[ChatSession].write(map(self._chat, block, stars))
        self._rows[ChatFigures].write(map(self._figures, block, stars))
        self._rows[Message].write(self._message(one, line) for one in block for line in one.lines)
        self._rows[ChatTag].write(row for one in block for row in self._tagged(one))
        read = [one for one in block if not one.is_open or self._beside.random() < READ_SHARE]
        self._rows[ChatRead].write([self._reader, self._chats[one.number], one.last_seq] for one in read)

    def _stars(self, one: Told) -> int | None:
        if one.is_open or self._beside.random() > RATED_SHARE:
            return None
        return self._beside.choice((1, 3, 4, 5, 5, 5))

    def _tagged(self, one: Told) -> list[list[Any]]:
        if self._beside.random() > TAGGED_SHARE:
            return []
        return [
            [self._chats[one.number], tag]
            for tag in self._beside.sample(self._tags, self._beside.choice((1, 2)))
        ]

    def _id(self) -> str:
        return uuid.UUID(int=self._ids.getrandbits(128), version=4).hex

    def _visitor(self, one: Told) -> list[Any]:
        known = self._visitors[one.visitor]
        return [known, self._sites[one.site], known * 2, one.name, plain(one.began)]

    def _chat(self, one: Told, stars: int | None) -> list[Any]:
        last, since = one.last_seq, plain(one.waits_since) if one.is_open else None
        seen = last - 1 if since else last
        return [
            self._chats[one.number],
            self._workspace,
            self._sites[one.site],
            self._visitors[one.visitor],
            ChatSession.Status.OPEN.value if one.is_open else ChatSession.Status.CLOSED.value,
            self._agent(one.agent),
            None if one.previous is None else self._chats[one.previous],
            *(last, last, seen, seen, seen),
            f"https://shop.example/{one.page}",
            one.page.replace("/", " – ").capitalize() or "Welcome",
            plain(one.began),
            plain(one.ended),
            None if one.is_open else plain(one.ended + UNTIL_CLOSED),
            *(since, since),
            *_counts(one),
            one.answered_in,
            *(stars, plain(one.ended + UNTIL_CLOSED) if stars else None),
        ]

    def _figures(self, one: Told, stars: int | None) -> list[Any]:
        """The sites have no hours, so that all are open, and their clock is UTC."""
        resolved = None if one.is_open else int((one.ended + UNTIL_CLOSED - one.began).total_seconds())
        return [
            self._sites[one.site],
            self._chats[one.number],
            self._agent(one.agent),
            one.began.date().isoformat(),
            one.began.weekday() * 24 + one.began.hour,
            *(one.answered_in, one.answered_in, resolved),
            *((0, 0) if one.is_open else _counts(one)),
            stars,
        ]

    def _message(self, one: Told, line: Said) -> list[Any]:
        kind = Message.Author.VISITOR if line.agent is None else Message.Author.AGENT
        return [
            self._id(),
            self._chats[one.number],
            line.seq,
            line.after,
            line.seq or 0,
            kind.value,
            self._agent(line.agent),
            self._id(),
            line.body,
            json.dumps([{"type": "text", "text": line.body}]),
            line.seq is None,
            plain(line.at),
            Message.Mirror.SENT.value,
        ]

    def _agent(self, number: int | None) -> str | None:
        return None if number is None else self._agents[number]


COLUMNS: dict[type[models.Model], tuple[str, ...]] = {
    Visitor: VISITOR,
    ChatSession: CHAT,
    ChatFigures: FIGURES,
    Message: MESSAGE,
    ChatTag: TAG,
    ChatRead: READ,
}


def _tags_of(reader: Member) -> list[Tag]:
    """Those that are there, or new ones."""
    found = list(Tag.objects.in_workspace(reader.workspace).filter(deleted_at=None))
    made = [Tag(workspace=reader.workspace, name=name) for name in TAGS]
    return found or Tag.unscoped.bulk_create(made)


def _counts(one: Told) -> tuple[int, int]:
    return one.lines_by(visitor=True), one.lines_by(visitor=False)


def holds_chats() -> bool:
    """Whether anybody has chatted here."""
    return ChatSession.unscoped.exists()
