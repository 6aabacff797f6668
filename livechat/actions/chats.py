"""Every write of a chat's own state: closing, seen marks, where the visitor is."""

import uuid
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Least
from django.utils import timezone

from config.prepared import Change, Prepared
from livechat import waiting
from livechat.access import BLOCKED
from livechat.actions import figures, visitor_mails, waking
from livechat.actions.messages import lock_chat
from livechat.events import ChatChanged, VisitorMoved, VisitorReached, publish
from livechat.models import ChatSession, Site
from livechat.tokens import VisitorClaim

_CHAT = Prepared(lambda chat_id: ChatSession.unscoped.select_related("site").filter(pk=chat_id))
_CHAT_OF_VISITOR = Prepared(
    lambda chat_id, visitor_id, token_hash: ChatSession.unscoped.select_related("site").filter(
        pk=chat_id, visitor_id=visitor_id, visitor__token_hash=token_hash
    )
)


def _moving(column: str) -> Change:
    def build(chat_id: uuid.UUID, seq: int) -> tuple[QuerySet[ChatSession], dict[str, Any]]:
        behind = ChatSession.unscoped.filter(pk=chat_id, **{f"{column}__lt": seq})
        return behind.exclude(**{column: F("last_seq")}), {column: Least(Value(seq), F("last_seq"))}

    return Change(build, chat_id=uuid.UUID, seq=int)


_MOVE = {name: _moving(name) for name in ("visitor_seen_seq", "visitor_got_seq", "agent_seen_seq")}


def close_chat(chat_id: uuid.UUID) -> ChatSession:
    """Closing twice is harmless."""
    with transaction.atomic():
        chat = lock_chat(chat_id)
        if chat.is_open:
            close_in(chat)
            visitor_mails.promise_rating(chat)
        return chat


def close_in(chat: ChatSession) -> None:
    """The caller holds the row lock of a chat that is open. Nobody is asked how it was."""
    chat.status, chat.closed_at = ChatSession.Status.CLOSED, timezone.now()
    waiting.over(chat)
    # what is over need not come back
    chat.snoozed_until = chat.snoozed_at = chat.snoozed_by = None
    chat.save(update_fields=["status", "closed_at", *waiting.COLUMNS, *waking.COLUMNS])
    figures.stands(chat)
    publish(ChatChanged(chat, frame={"type": "chat"}))


def end_by_visitor(claim: VisitorClaim) -> None:
    open_chats = ChatSession.unscoped.filter(
        visitor_id=claim.visitor_id, visitor__token_hash=claim.token_hash, status="open"
    )
    found = open_chats.values_list("pk", "visitor__blocked_at").first()
    if found is None:
        return
    chat_id, blocked_at = found
    if blocked_at is not None:
        raise BLOCKED
    close_chat(chat_id)


def note_visitor_seen(claim: VisitorClaim, chat_id: uuid.UUID, seq: int) -> None:
    _note_seen(_of_visitor(claim, chat_id), "visitor_seen_seq", seq)


def note_visitor_got(claim: VisitorClaim, chat_id: uuid.UUID, seq: int) -> None:
    """A socket of the visitor took everything up to `seq`. Nobody but the team's Slack is told."""
    with transaction.atomic():
        if (chat := _move_mark(_of_visitor(claim, chat_id), "visitor_got_seq", seq)) is not None:
            publish(VisitorReached(chat))


def note_agent_seen(chat_id: uuid.UUID, seq: int) -> None:
    _note_seen(lambda: _CHAT.first(chat_id=chat_id), "agent_seen_seq", seq)


def _of_visitor(claim: VisitorClaim, chat_id: uuid.UUID) -> Callable[[], ChatSession | None]:
    return lambda: _CHAT_OF_VISITOR.first(
        chat_id=chat_id, visitor_id=claim.visitor_id, token_hash=claim.token_hash
    )


def _note_seen(find: Callable[[], ChatSession | None], column: str, seq: int) -> None:
    """Marks only move forward and never beyond the last message; a repeat writes nothing and tells nobody."""
    with transaction.atomic():
        if (chat := _move_mark(find, column, seq)) is None:
            return
        told = {"type": "seen", "seq": chat.agent_seen_seq} if column == "agent_seen_seq" else None
        publish(ChatChanged(chat, frame=told))
        if column == "visitor_seen_seq":
            publish(VisitorReached(chat))


def _move_mark(find: Callable[[], ChatSession | None], column: str, seq: int) -> ChatSession | None:
    """The chat as it is now, its row locked by the write; None if nothing moved."""
    chat = find()
    if chat is None or not _MOVE[column](chat_id=chat.pk, seq=seq):
        return None
    return find()


def note_page(claim: VisitorClaim, chat_id: uuid.UUID | str, url: str, title: str) -> None:
    with transaction.atomic():
        chats = ChatSession.unscoped.filter(
            pk=chat_id,
            visitor_id=claim.visitor_id,
            visitor__blocked_at=None,
            status=ChatSession.Status.OPEN,
        )
        if chats.update(page_url=url, page_title=title):
            chat = ChatSession.unscoped.select_related("site").get(pk=chat_id)
            publish(ChatChanged(chat))
            publish(VisitorMoved(chat))


def note_snippet_seen(site: Site) -> None:
    """The first time a page asked for this site's widget: the owner's checklist waits for it."""
    Site.unscoped.filter(pk=site.pk, snippet_seen_at=None).update(snippet_seen_at=timezone.now())
