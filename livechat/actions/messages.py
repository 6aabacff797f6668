"""Every write of messages. One transaction each: lock the chat, give `seq` and `rev`, write, promise, publish."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.errors import NotFound, Refused
from accounts.models import Agent
from config.prepared import Change, Insert, Prepared
from livechat import segments as segment_words
from livechat.events import ChatChanged, MessagePosted, publish
from livechat.models import ChatSession, Message, Visitor
from livechat.protocol import Page
from livechat.tokens import VisitorClaim

NOWHERE = Page()
_locked = ChatSession.unscoped.select_for_update(of=("self",))
_INSERT = Insert(Message)
_MOVE_ON = Change(
    lambda pk, seq, rev, at: (
        ChatSession.unscoped.filter(pk=pk),
        {"last_seq": seq, "last_rev": rev, "last_message_at": at},
    ),
    pk=uuid.UUID,
    seq=int,
    rev=int,
    at=datetime,
)
_NOTE_MIRRORED = Change(
    lambda pk, state, problem: (
        Message.unscoped.filter(pk=pk),
        {"mirror_state": state, "mirror_problem": problem},
    ),
    pk=uuid.UUID,
    state=str,
    problem=str,
)
_NOTE_DELIVERED = Change(
    lambda pk, seq: (ChatSession.unscoped.filter(pk=pk), {"delivered_seq": seq}), pk=uuid.UUID, seq=int
)
_CHAT = Prepared(lambda chat_id: _locked.select_related("site").filter(pk=chat_id))
_OPEN_CHAT = Prepared(
    lambda visitor_id, token_hash: _locked.select_related("site", "next").filter(
        visitor_id=visitor_id, status=ChatSession.Status.OPEN, visitor__token_hash=token_hash
    )
)


@dataclass(frozen=True, slots=True)
class VisitorDraft:
    """What a visitor sends, checked by `livechat.protocol`, and where they are."""

    client_message_id: uuid.UUID
    body: str
    page: Page = NOWHERE
    locale: str = ""
    timezone: str = ""


def post_visitor_message(claim: VisitorClaim, draft: VisitorDraft) -> Message:
    """Stores a visitor's message in their open chat, or starts one; sending again answers the same message.

    Two tabs may start the chat, or repeat a message, at the same moment: the constraint lets one through and the
    other looks again. Locks the chat row (the visitor row when a chat is started).
    """
    for attempt in (1, 2, 3):
        try:
            with transaction.atomic():
                return _post_visitor_message(claim, draft)
        except IntegrityError:
            if earlier := _sent_before(claim, draft):
                return earlier
            if attempt == 3:
                raise
    raise AssertionError("unreachable")


def _post_visitor_message(claim: VisitorClaim, draft: VisitorDraft) -> Message:
    chat = _locked_open_chat(claim)
    # a repeat within the open chat is caught by its constraint; one of another chat is not
    if (chat is None or _has_neighbours(chat)) and (earlier := _sent_before(claim, draft)):
        return earlier
    chat = chat or _start_chat(claim, draft)
    message = Message(
        author_kind=Message.Author.VISITOR,
        client_message_id=draft.client_message_id,
        body=draft.body,
        segments=segment_words.from_text(draft.body),
        mirror_state=Message.Mirror.QUEUED,
    )
    return append(chat, message, mirror=True)


def _locked_open_chat(claim: VisitorClaim) -> ChatSession | None:
    return _OPEN_CHAT.first(visitor_id=claim.visitor_id, token_hash=claim.token_hash)


def _has_neighbours(chat: ChatSession) -> bool:
    """Whether the visitor has other chats: an earlier one, or later ones if an answer has reopened this one."""
    return chat.previous_id is not None or hasattr(chat, "next")


def _sent_before(claim: VisitorClaim, draft: VisitorDraft) -> Message | None:
    return Message.unscoped.filter(
        client_message_id=draft.client_message_id,
        chat__visitor_id=claim.visitor_id,
        chat__visitor__token_hash=claim.token_hash,
    ).first()


def _start_chat(claim: VisitorClaim, draft: VisitorDraft) -> ChatSession:
    visitor, _ = Visitor.unscoped.get_or_create(
        id=claim.visitor_id, defaults={"site_id": claim.site_id, "token_hash": claim.token_hash}
    )
    if visitor.token_hash != claim.token_hash or visitor.site_id != claim.site_id:
        raise NotFound
    previous = ChatSession.unscoped.filter(visitor=visitor, next__isnull=True).order_by("-started_at").first()
    return ChatSession.unscoped.create(
        site=visitor.site,
        visitor=visitor,
        previous=previous,
        page_url=draft.page.url,
        page_title=draft.page.title,
        referrer=draft.page.referrer,
        locale=draft.locale,
        timezone=draft.timezone,
    )


def append(chat: ChatSession, message: Message, *, mirror: bool, at: datetime | None = None) -> Message:
    """Gives the next `seq` and `rev`. The caller holds the chat's row lock inside a transaction."""
    chat.last_seq += 1
    chat.last_rev += 1
    chat.last_message_at = at or timezone.now()
    message.chat = chat
    message.seq, message.rev, message.after_seq = chat.last_seq, chat.last_rev, chat.last_seq - 1
    message.created_at = chat.last_message_at
    _INSERT(message)
    _MOVE_ON(pk=chat.pk, seq=chat.last_seq, rev=chat.last_rev, at=chat.last_message_at)
    publish(MessagePosted(chat, message, mirror))
    return message


def lock_chat(chat_id: uuid.UUID) -> ChatSession:
    """The chat's row, locked until the end of the transaction; every change of a chat begins here."""
    chat = _CHAT.first(chat_id=chat_id)
    if chat is None:
        raise NotFound
    return chat


def post_agent_message(
    chat_id: uuid.UUID,
    agent: Agent | None,
    body: str,
    *,
    client_message_id: uuid.UUID | None = None,
    segments: list[dict[str, Any]] | None = None,
    mirror: bool = True,
) -> Message:
    """An agent's words to the visitor. `mirror=False` for what came from Slack itself.

    Reopens a closed chat unless the visitor has a newer open one: then `Refused("newer_chat")` names it. The first
    agent to answer takes the chat. The same `client_message_id` answers the same message.
    """
    with transaction.atomic():
        chat = lock_chat(chat_id)
        if client_message_id and (
            earlier := Message.unscoped.filter(chat=chat, client_message_id=client_message_id).first()
        ):
            return earlier
        message = Message(
            author_kind=Message.Author.AGENT,
            client_message_id=client_message_id,
            body=body,
            segments=segments if segments is not None else segment_words.from_text(body),
            mirror_state=Message.Mirror.QUEUED if mirror else Message.Mirror.NONE,
        )
        return answer_in(chat, agent, message, mirror=mirror)


def answer_in(chat: ChatSession, agent: Agent | None, message: Message, *, mirror: bool) -> Message:
    """`post_agent_message` for a caller who holds the chat's row lock."""
    _reopen_for_reply(chat)
    if agent is not None and chat.agent_id is None:
        take(chat, agent)
    message.agent = agent
    return append(chat, message, mirror=mirror)


def _reopen_for_reply(chat: ChatSession) -> None:
    if chat.is_open:
        return
    newer = ChatSession.unscoped.filter(visitor_id=chat.visitor_id, status=ChatSession.Status.OPEN).first()
    if newer is not None:
        raise Refused("newer_chat", f"The visitor has a newer chat: {newer.id}. Please answer there.")
    chat.status, chat.closed_at = ChatSession.Status.OPEN, None
    chat.save(update_fields=["status", "closed_at"])
    publish(ChatChanged(chat, frame={"type": "chat"}))


def take(chat: ChatSession, agent: Agent) -> None:
    """The caller holds the chat's row lock."""
    chat.agent = agent
    chat.save(update_fields=["agent"])
    publish(ChatChanged(chat, frame={"type": "chat"}))


def post_note(chat_id: uuid.UUID, agent: Agent | None, body: str, segments: list[dict[str, Any]]) -> Message:
    """A colleague's remark: placed after the latest message, without `seq` and `rev`, never shown to the visitor."""
    with transaction.atomic():
        message = Message(author_kind=Message.Author.AGENT, agent=agent, body=body, segments=segments)
        return note_in(lock_chat(chat_id), message)


def note_in(chat: ChatSession, note: Message) -> Message:
    """`post_note` for a caller who holds the chat's row lock."""
    note.chat, note.after_seq, note.is_note, note.created_at = chat, chat.last_seq, True, timezone.now()
    note.save(force_insert=True)
    publish(ChatChanged(chat))
    return note


def note_mirrored(chat: ChatSession, copies: list[Message], state: str, problem: str = "") -> None:
    """The adapter tells how far Slack's copies are. `sent` moves the chat's delivered mark, which sockets are told.

    The caller holds the chat's row lock inside a transaction; `copies` are messages of this chat.
    """
    for message in copies:
        _NOTE_MIRRORED(pk=message.pk, state=state, problem=problem[:300])
    if state == Message.Mirror.SENT:
        _move_delivered_mark(chat, max((message.seq or 0 for message in copies), default=0))
    elif state in (Message.Mirror.CHECKING, Message.Mirror.FAILED):
        publish(ChatChanged(chat))


def _move_delivered_mark(chat: ChatSession, reached: int) -> None:
    moved = reached > chat.delivered_seq
    if moved:
        chat.delivered_seq = reached
        _NOTE_DELIVERED(pk=chat.pk, seq=reached)
    publish(ChatChanged(chat, frame={"type": "delivered", "seq": reached} if moved else None))
