"""The one order of locks: workspace, chats by their keys, visitors by theirs. Two who keep to it only ever wait."""

import uuid

from django.db import transaction

from accounts.errors import NotFound
from livechat.actions.messages import lock_chat
from livechat.models import ChatSession, Visitor


class _Moved(Exception):
    """A chat came or went between the two looks."""


def lock_visitors(*visitor_ids: uuid.UUID) -> tuple[dict[uuid.UUID, Visitor], list[ChatSession]]:
    """The rows of those who are there, with their workspace, and all their chats: until the caller's transaction ends.

    A chat that begins meanwhile finds the visitor's row locked when it is committed. One that began between the two
    locks would have to be locked after the visitor: then both are let go and taken anew.
    """
    while True:
        try:
            with transaction.atomic():
                return _lock(visitor_ids)
        except _Moved:
            continue


def lock_visitor(visitor_id: uuid.UUID) -> Visitor | None:
    """For a caller who holds the chats that it is about."""
    return _visitors((visitor_id,)).get(visitor_id)


def _lock(visitor_ids: tuple[uuid.UUID, ...]) -> tuple[dict[uuid.UUID, Visitor], list[ChatSession]]:
    try:
        chats = [lock_chat(chat_id) for chat_id in _chats_of(visitor_ids)]
    except NotFound:
        raise _Moved from None
    visitors = _visitors(visitor_ids)
    if _chats_of(visitor_ids) != [chat.pk for chat in chats]:
        raise _Moved
    return visitors, chats


def _chats_of(visitor_ids: tuple[uuid.UUID, ...]) -> list[uuid.UUID]:
    chats = ChatSession.unscoped.filter(visitor_id__in=visitor_ids)
    return list(chats.order_by("pk").values_list("pk", flat=True))


def _visitors(visitor_ids: tuple[uuid.UUID, ...]) -> dict[uuid.UUID, Visitor]:
    rows = Visitor.unscoped.select_for_update(of=("self",)).select_related("site__workspace")
    return {row.pk: row for row in rows.filter(pk__in=visitor_ids).order_by("pk")}
