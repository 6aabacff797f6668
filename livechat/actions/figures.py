"""Every write of a chat's row of figures, in the transaction of what it counts and under the chat's row lock."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction

from config.prepared import Insert
from livechat import counting
from livechat.models import ChatFigures, ChatSession, Message

_INSERT = Insert(ChatFigures)
AT_ONCE = 500


def begin(chat: ChatSession, asked: datetime) -> None:
    """With the visitor's first line. Needs the site loaded."""
    day, slot = counting.place(chat.site, asked)
    row = ChatFigures(chat=chat, site=chat.site, agent=chat.agent, day=day, slot=slot, asked_at=asked)
    _INSERT.later(row)


def answered(chat: ChatSession, asked: datetime, at: datetime) -> None:
    """For the first time. Needs the site loaded."""
    ChatFigures.unscoped.filter(chat=chat).update(
        answered_in=chat.first_answer_seconds,
        answered_in_hours=counting.open_seconds(chat.site, asked, at),
        agent=chat.agent_id,
    )


def stands(chat: ChatSession) -> None:
    """Somebody took or got it, it was closed or opened again."""
    ChatFigures.unscoped.filter(chat=chat).update(agent=chat.agent_id, **_of_closed(chat))


def rated(chat: ChatSession) -> None:
    ChatFigures.unscoped.filter(chat=chat).update(rating=chat.rating)


def _of_closed(chat: ChatSession) -> dict[str, int | None]:
    if chat.closed_at is None:
        return {"resolved_in": None, "visitor_lines": 0, "agent_lines": 0}
    lasted = counting.seconds(chat.started_at, chat.closed_at)
    return {"resolved_in": lasted, "visitor_lines": chat.visitor_lines, "agent_lines": chat.agent_lines}


# --- chats that were not counted as they went ---------------------------------------------------------------------


def fill_missing(
    chats: Any = ChatSession, messages: Any = Message, figures: Any = ChatFigures, at_once: int = AT_ONCE
) -> int:
    """Counts every chat that has no figures yet; may be killed and called again. How many there were.

    The models are given by the migration, which knows them as they were.
    """
    counted = 0
    for batch in _without_figures(chats, at_once):
        with transaction.atomic():
            counted += _fill(batch, messages, figures)
    return counted


def _without_figures(chats: Any, at_once: int) -> Iterator[list[Any]]:
    last = uuid.UUID(int=0)
    missing = chats._base_manager.select_related("site").filter(figures=None).order_by("pk")
    while batch := list(missing.filter(pk__gt=last)[:at_once]):
        yield batch
        last = batch[-1].pk


def _fill(batch: list[Any], messages: Any, figures: Any) -> int:
    said = defaultdict(list)
    lines = messages._base_manager.filter(chat__in=[chat.pk for chat in batch], seq__isnull=False)
    for chat_id, author, at in lines.order_by("chat", "seq").values_list(
        "chat_id", "author_kind", "created_at"
    ):
        said[chat_id].append((author, at))
    rows = [row for chat in batch if (row := _counted(chat, said[chat.pk], figures)) is not None]
    batch[0]._meta.model._base_manager.bulk_update(batch, counting.COLUMNS)
    figures._base_manager.bulk_create(rows)
    return len(rows)


def _counted(chat: Any, said: list[tuple[str, datetime]], figures: Any) -> Any:
    asked = next((at for author, at in said if author == Message.Author.VISITOR), None)
    chat.visitor_lines = _lines(said, Message.Author.VISITOR)
    chat.agent_lines = _lines(said, Message.Author.AGENT)
    if asked is None:
        return None
    answer = _first_answer(said)
    chat.first_answer_seconds = counting.seconds(asked, answer) if answer else None
    day, slot = counting.place(chat.site, asked)
    row = figures(chat=chat, site=chat.site, agent_id=chat.agent_id, day=day, slot=slot)
    row.answered_in = chat.first_answer_seconds
    # a migration counts chats of before there were ratings
    row.rating = getattr(chat, "rating", None)
    row.answered_in_hours = counting.open_seconds(chat.site, asked, answer) if answer else None
    for name, value in _of_closed(chat).items():
        setattr(row, name, value)
    return row


def _lines(said: Iterable[tuple[str, datetime]], whose: str) -> int:
    return sum(author == whose for author, _ in said)


def _first_answer(said: list[tuple[str, datetime]]) -> datetime | None:
    """The team's first line behind the visitor's first one."""
    rest = iter(said)
    asked = any(author == Message.Author.VISITOR for author, _ in rest)
    return next((at for author, at in rest if author == Message.Author.AGENT), None) if asked else None
