"""Looks a query up: chats with the lines that answer it, the newest first.

Work is bounded for every query: in SQLite the index gives the newest lines first and is read in small parts, in
PostgreSQL the newest lines are looked through before the index is asked for all. What is not reached that way is
looked through on the next page.
"""

import itertools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet

from accounts.models import Workspace
from config import planning
from livechat.models import ChatSession, ChatTag, SearchLine, Site, Tag
from livechat.search import lines, sqlite
from livechat.search.language import Query
from livechat.search.matching import Match
from livechat.tags import IN_USE

CHATS = 20
LINES_OF_A_CHAT = 3
NAMED = 5
# how many lines are read at once, and looked at for one page
PART, MOST = 200, 6000
# PostgreSQL: so many of the newest lines, then ten times as many, then all
LOOKS = (4_000, 40_000)
Row = tuple[int, uuid.UUID, uuid.UUID | None]


@dataclass(slots=True)
class Hit:
    """A chat and the messages of it that answer; none where its visitor's name or page does."""

    chat_id: uuid.UUID
    messages: list[uuid.UUID] = field(default_factory=list)


@dataclass(slots=True)
class Answer:
    """`further`: from where to go on, None at the end; `until` is its moment."""

    named: list[Hit]
    hits: list[Hit]
    further: int | None = None

    @property
    def until(self) -> datetime | None:
        return None if self.further is None else datetime.fromtimestamp(self.further / 1_000_000, UTC)


class Search:
    """One query in one workspace."""

    def __init__(self, workspace: Workspace, query: Query) -> None:
        self._workspace, self._query = workspace, query
        self.site_ids, self._tag_ids = self._sites(), self._tags()
        self._match = Match(query, workspace.pk, self.site_ids)

    @property
    def hopeless(self) -> str:
        """What was asked for and does not exist: a site or tag. Empty if nothing is."""
        if self.site_ids == []:
            return f"No site is called “{self._query.site}”."
        return f"No tag is called “{self._query.tag}”." if self._tag_ids == [] else ""

    def page(self, before: int | None) -> Answer:
        """`before`: the `further` of the page before, None for the first."""
        if self._query.is_empty or self.hopeless:
            return Answer([], [])
        with planning.for_each_value():
            named = self._named() if before is None and self._query.asks_for_words_alone else []
            answer = Answer(named, [])
            self._fill(answer, before, {hit.chat_id for hit in named})
        return answer

    def _fill(self, answer: Answer, before: int | None, known: set[uuid.UUID]) -> None:
        hits: dict[uuid.UUID, Hit] = {}
        looked, shown_before = 0, dict[uuid.UUID, bool]()
        for rows, looked_until, count in self._parts(before):
            looked += count
            if before is not None:
                self._look_whether_shown(rows, before, shown_before)
            for place, chat_id, message_id in rows:
                if chat_id in known or shown_before.get(chat_id):
                    continue
                if chat_id not in hits and len(hits) == CHATS:
                    answer.further = place + 1
                    answer.hits = list(hits.values())
                    return
                hit = hits.setdefault(chat_id, Hit(chat_id))
                if message_id and len(hit.messages) < LINES_OF_A_CHAT:
                    hit.messages.append(message_id)
            if looked >= MOST:
                answer.further = looked_until
                break
        answer.hits = list(hits.values())

    def _parts(self, before: int | None) -> Iterator[tuple[list[Row], int, int]]:
        """Parts of lines, the newest first: those that answer, down to where, and how many were looked at."""
        read = self._parts_of_sqlite if connection.vendor == "sqlite" else self._parts_of_postgresql
        top = self._highest() if before is None else min(before, self._highest())
        return read(top)

    def _parts_of_sqlite(self, before: int) -> Iterator[tuple[list[Row], int, int]]:
        while ids := sqlite.ids(self._match.fts(), before, self._lowest(), PART):
            yield self._rows(self._lines().filter(pk__in=ids)), ids[-1], len(ids)
            before = ids[-1]

    def _parts_of_postgresql(self, before: int) -> Iterator[tuple[list[Row], int, int]]:
        matching = self._lines().filter(words__matches=self._match.tsquery())
        for bottom in itertools.chain(self._edges(before), [self._lowest()]):
            rows = self._rows(matching.filter(pk__lt=before, pk__gte=bottom), PART)
            while rows:
                before = rows[-1][0]
                yield rows, before, len(rows)
                if len(rows) < PART:
                    break
                rows = self._rows(matching.filter(pk__lt=before, pk__gte=bottom), PART)
            before = bottom

    def _edges(self, before: int) -> Iterator[int]:
        """Each is asked for when the look before it was not enough."""
        newest = SearchLine.objects.in_workspace(self._workspace).filter(pk__lt=before).order_by("-pk")
        for count in LOOKS:
            found = newest.values_list("pk", flat=True)[count : count + 1]
            yield from (place for place in found if place > self._lowest())

    def _rows(self, found: QuerySet[SearchLine], most: int | None = None) -> list[Row]:
        # a sum, so that PostgreSQL does not go through all lines in their order instead of asking the index
        ordered = found.order_by((F("pk") + 0).desc())
        return list(ordered.values_list("pk", "chat_id", "message_id")[:most])

    def _lines(self) -> QuerySet[SearchLine]:
        """What the index cannot tell, or tells by shortened marks, is asked of the rows."""
        found = SearchLine.objects.in_workspace(self._workspace).filter(self._narrowed())
        return found if self.site_ids is None else found.filter(chat__site__in=self.site_ids)

    def _narrowed(self) -> Q:
        only = Q()
        if not self._query.asks_for_words_alone:
            only &= Q(message__isnull=False)
        if self._query.is_open is not None:
            status = ChatSession.Status.OPEN if self._query.is_open else ChatSession.Status.CLOSED
            only &= Q(chat__status=status)
        if self._tag_ids is not None:
            only &= Q(
                chat__in=ChatTag.objects.in_workspace(self._workspace)
                .filter(tag__in=self._tag_ids)
                .values("chat")
            )
        return only

    def _look_whether_shown(self, rows: list[Row], before: int, shown: dict[uuid.UUID, bool]) -> None:
        """A chat stands on the page of its newest line that answers, and on no later one."""
        new = {chat_id for _, chat_id, _ in rows} - shown.keys()
        if not new:
            return
        found = self._among(new, before)
        shown.update({chat_id: chat_id in found for chat_id in new})

    def _among(self, chats: set[uuid.UUID], from_place: int) -> set[uuid.UUID]:
        lines_of = self._lines().filter(chat__in=chats, pk__gte=from_place)
        if connection.vendor == "sqlite":
            lines_of = lines_of.filter(
                pk__in=sqlite.ids(self._match.fts(chats), self._highest(), from_place, MOST)
            )
        else:
            lines_of = lines_of.filter(words__matches=self._match.tsquery())
        return set(lines_of.values_list("chat_id", flat=True))

    def _named(self) -> list[Hit]:
        """Chats whose visitor, page or address says it, however old."""
        match = Match(self._query, self._workspace.pk, self.site_ids, (lines.ABOUT,))
        found = self._lines().filter(message=None)
        if connection.vendor == "sqlite":
            found = found.filter(pk__in=sqlite.ids(match.fts(), self._highest(), self._lowest(), PART))
        else:
            found = found.filter(
                words__matches=match.tsquery(), pk__lt=self._highest(), pk__gte=self._lowest()
            )
        return [Hit(chat_id) for _, chat_id, _ in self._rows(found, NAMED)]

    def _highest(self) -> int:
        return lines.place_of(self._query.before) if self._query.before else 2**62

    def _lowest(self) -> int:
        return lines.place_of(self._query.after) if self._query.after else 0

    def _sites(self) -> list[uuid.UUID] | None:
        if not self._query.site:
            return None
        sites = Site.objects.in_workspace(self._workspace).filter(name__icontains=self._query.site)
        return list(sites.values_list("pk", flat=True))

    def _tags(self) -> list[uuid.UUID] | None:
        if not self._query.tag:
            return None
        tags = Tag.objects.in_workspace(self._workspace).filter(IN_USE, name__iexact=self._query.tag)
        return list(tags.values_list("pk", flat=True))


def chats_of(workspace: Workspace, hits: list[Hit]) -> dict[uuid.UUID, Any]:
    chats = ChatSession.objects.in_workspace(workspace).select_related("site", "visitor", "agent")
    return chats.in_bulk([hit.chat_id for hit in hits])
