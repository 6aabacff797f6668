"""Every write of a chat's own state: closing, seen marks, where the visitor is."""

import uuid

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Least
from django.utils import timezone

from livechat.actions.messages import lock_chat
from livechat.events import ChatChanged, publish
from livechat.models import ChatSession, Site
from livechat.tokens import VisitorClaim


def close_chat(chat_id: uuid.UUID) -> ChatSession:
    """Closing twice is harmless."""
    with transaction.atomic():
        chat = lock_chat(chat_id)
        if chat.is_open:
            chat.status, chat.closed_at = ChatSession.Status.CLOSED, timezone.now()
            chat.save(update_fields=["status", "closed_at"])
            publish(ChatChanged(chat, frame={"type": "chat"}))
        return chat


def end_by_visitor(claim: VisitorClaim) -> None:
    open_chats = ChatSession.unscoped.filter(
        visitor_id=claim.visitor_id, visitor__token_hash=claim.token_hash, status="open"
    )
    chat_id = open_chats.values_list("pk", flat=True).first()
    if chat_id is not None:
        close_chat(chat_id)


def note_visitor_seen(claim: VisitorClaim, chat_id: uuid.UUID | str, seq: int) -> None:
    _note_seen(
        Q(pk=chat_id, visitor_id=claim.visitor_id, visitor__token_hash=claim.token_hash),
        "visitor_seen_seq",
        seq,
    )


def note_agent_seen(chat_id: uuid.UUID | str, seq: int) -> None:
    _note_seen(Q(pk=chat_id), "agent_seen_seq", seq)


def _note_seen(whose: Q, column: str, seq: int) -> None:
    """Marks only move forward and never beyond the last message; a repeat writes nothing and tells nobody."""
    with transaction.atomic():
        pks = ChatSession.unscoped.filter(whose).values_list("pk", flat=True)
        chats = ChatSession.unscoped.filter(pk__in=list(pks), **{f"{column}__lt": seq}).exclude(
            **{column: F("last_seq")}
        )
        if not chats.update(**{column: Least(Value(seq), F("last_seq"))}):
            return
        chat = ChatSession.unscoped.select_related("site").get(whose)
        told = {"type": "seen", "seq": chat.agent_seen_seq} if column == "agent_seen_seq" else None
        publish(ChatChanged(chat, frame=told))


def note_page(claim: VisitorClaim, chat_id: uuid.UUID | str, url: str, title: str) -> None:
    with transaction.atomic():
        chats = ChatSession.unscoped.filter(
            pk=chat_id, visitor_id=claim.visitor_id, status=ChatSession.Status.OPEN
        )
        if chats.update(page_url=url, page_title=title):
            publish(ChatChanged(ChatSession.unscoped.select_related("site").get(pk=chat_id)))


def note_snippet_seen(site: Site) -> None:
    """The first time a page asked for this site's widget: the owner's checklist waits for it."""
    Site.unscoped.filter(pk=site.pk, snippet_seen_at=None).update(snippet_seen_at=timezone.now())
