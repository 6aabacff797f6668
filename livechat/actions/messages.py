"""Every write of messages. One transaction each: lock the chat, give `seq` and `rev`, write, promise, publish."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.errors import NotFound, Refused
from accounts.models import Agent
from config.prepared import Change, Insert, Prepared, columns_of
from livechat import consents, counting, newcomers, waiting
from livechat import segments as segment_words
from livechat.access import BLOCKED, uploads_of_visitor
from livechat.actions import figures, visitor_mails, waking
from livechat.actions.files import attach
from livechat.events import ChatChanged, MessagePosted, publish
from livechat.models import Attachment, ChatSession, Message, Visitor
from livechat.protocol import Page
from livechat.tokens import VisitorClaim

NOWHERE = Page()
_locked = ChatSession.unscoped.select_for_update(of=("self",))
_INSERT = Insert(Message)
_MOVE_ON = Change(
    lambda pk, seq, rev, at, **kept: (
        ChatSession.unscoped.filter(pk=pk),
        {"last_seq": seq, "last_rev": rev, "last_message_at": at, **kept},
    ),
    pk=uuid.UUID,
    seq=int,
    rev=int,
    at=datetime,
    **dict.fromkeys(waiting.COLUMNS, datetime),
    **dict.fromkeys(counting.COLUMNS, int),
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
_CHAT = Prepared(lambda chat_id: _locked.select_related("site", "visitor").filter(pk=chat_id))
_OPEN_CHAT = Prepared(
    lambda visitor_id, token_hash: (
        _locked.select_related("next", "visitor")
        .filter(visitor_id=visitor_id, status=ChatSession.Status.OPEN, visitor__token_hash=token_hash)
        .only(*columns_of(ChatSession), "next__id", "visitor__blocked_at")
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
    attachments: tuple[str, ...] = ()


def post_visitor_message(claim: VisitorClaim, draft: VisitorDraft) -> Message:
    """Stores a visitor's message in their open chat, or starts one; sending again answers the same message.

    `Refused("blocked")` if the team has blocked them. A snoozed chat is woken.

    Two tabs may start the chat, or repeat a message, at the same moment: the constraint lets one through and the
    other looks again. Locks the chat row (the visitor row when a chat is started).
    """
    for attempt in (1, 2, 3):
        try:
            with transaction.atomic():
                return _post_visitor_message(claim, draft)
        except IntegrityError:
            if earlier := sent_before(claim, draft):
                return earlier
            if attempt == 3:
                raise
    raise AssertionError("unreachable")


def _post_visitor_message(claim: VisitorClaim, draft: VisitorDraft) -> Message:
    chat = _locked_open_chat(claim)
    # a repeat within the open chat is caught by its constraint; one of another chat, or whose files are sent, is not
    is_blocked = chat is not None and chat.visitor.is_blocked
    may_repeat = chat is None or is_blocked or _has_neighbours(chat) or draft.attachments
    if may_repeat and (earlier := sent_before(claim, draft)):
        return earlier
    if is_blocked:
        raise BLOCKED
    chat = chat or start_chat(claim, draft)
    if chat.is_snoozed:
        waking.bring_back(chat, waking.Why.VISITOR)
    message = Message(
        author_kind=Message.Author.VISITOR,
        client_message_id=draft.client_message_id,
        body=draft.body,
        segments=segment_words.from_text(draft.body),
        mirror_state=Message.Mirror.QUEUED,
    )
    if draft.attachments:
        carry(message, uploads_of_visitor(claim, draft.attachments))
    return append(chat, message, mirror=True)


def _locked_open_chat(claim: VisitorClaim) -> ChatSession | None:
    return _OPEN_CHAT.first(visitor_id=claim.visitor_id, token_hash=claim.token_hash)


def _has_neighbours(chat: ChatSession) -> bool:
    """Whether the visitor has other chats: an earlier one, or later ones if an answer has reopened this one."""
    return chat.previous_id is not None or hasattr(chat, "next")


def sent_before(claim: VisitorClaim, draft: VisitorDraft) -> Message | None:
    """The message that this one repeats."""
    return Message.unscoped.filter(
        client_message_id=draft.client_message_id,
        chat__visitor_id=claim.visitor_id,
        chat__visitor__token_hash=claim.token_hash,
    ).first()


def start_chat(claim: VisitorClaim, draft: VisitorDraft) -> ChatSession:
    """Without a line, which the caller adds in the same transaction. The visitor's row is written if there is none."""
    visitor, is_new = Visitor.unscoped.get_or_create(
        id=claim.visitor_id, defaults=newcomers.columns_of(claim)
    )
    newcomers.check(claim, visitor)
    if visitor.is_blocked:
        raise BLOCKED
    # refused within the transaction: the row of somebody who has not agreed is gone with it
    consents.check(visitor.site, visitor)
    earlier = ChatSession.unscoped.filter(visitor=visitor, next__isnull=True).order_by("-started_at")
    previous = None if is_new else earlier.first()
    return ChatSession.unscoped.create(
        workspace_id=visitor.site.workspace_id,
        site=visitor.site,
        visitor=visitor,
        previous=previous,
        page_url=draft.page.url,
        page_title=draft.page.title,
        referrer=draft.page.referrer,
        department=draft.page.department,
        locale=draft.locale,
        timezone=draft.timezone,
    )


def carry(message: Message, files: Sequence[Attachment]) -> None:
    """Unsent uploads travel with the message once it is appended."""
    message.files, message.has_files = files, bool(files)


def append(chat: ChatSession, message: Message, *, mirror: bool, at: datetime | None = None) -> Message:
    """Gives the next `seq` and `rev`. The caller holds the chat's row lock inside a transaction."""
    chat.last_seq += 1
    chat.last_rev += 1
    chat.last_message_at = at or timezone.now()
    message.chat = chat
    message.seq, message.rev, message.after_seq = chat.last_seq, chat.last_rev, chat.last_seq - 1
    message.created_at = chat.last_message_at
    _INSERT.later(message)
    if message.has_files:
        attach(message)
    asked = counting.heard(chat, message)
    waiting.heard(chat, message)
    kept = {name: getattr(chat, name) for name in (*waiting.COLUMNS, *counting.COLUMNS)}
    _MOVE_ON.later(pk=chat.pk, seq=chat.last_seq, rev=chat.last_rev, at=chat.last_message_at, **kept)
    if counting.is_first_of_visitor(chat, message):
        figures.begin(chat, message.created_at)
    elif asked is not None:
        figures.answered(chat, asked, message.created_at)
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
    files: Sequence[Attachment] = (),
    mirror: bool = True,
) -> Message:
    """An agent's words to the visitor. `mirror=False` for what came from Slack itself.

    Reopens a closed chat unless the visitor has a newer open one: then `Refused("newer_chat")`. The first
    agent to answer takes the chat. The same `client_message_id` answers the same message.
    """
    with transaction.atomic():
        chat = lock_chat(chat_id)
        if client_message_id and (earlier := _sent_as(chat, client_message_id)):
            return earlier
        message = Message(
            author_kind=Message.Author.AGENT,
            client_message_id=client_message_id,
            body=body,
            segments=segments if segments is not None else segment_words.from_text(body),
            mirror_state=Message.Mirror.QUEUED if mirror else Message.Mirror.NONE,
        )
        carry(message, files)
        return answer_in(chat, agent, message, mirror=mirror)


def answer_in(chat: ChatSession, agent: Agent | None, message: Message, *, mirror: bool) -> Message:
    """`post_agent_message` for a caller who holds the chat's row lock."""
    reopen_in(chat)
    if agent is not None and chat.agent_id is None:
        take(chat, agent)
    message.agent = agent
    visitor_mails.promise_answers(chat)
    return append(chat, message, mirror=mirror)


def reopen_in(chat: ChatSession) -> None:
    if chat.is_open:
        return
    newer = ChatSession.unscoped.filter(visitor_id=chat.visitor_id, status=ChatSession.Status.OPEN).first()
    if newer is not None:
        raise Refused("newer_chat", "The visitor has a newer chat, which is open. Please answer there.")
    chat.status, chat.closed_at = ChatSession.Status.OPEN, None
    chat.save(update_fields=["status", "closed_at"])
    figures.stands(chat)
    publish(ChatChanged(chat, frame={"type": "chat"}))


def take(chat: ChatSession, agent: Agent) -> None:
    """The caller holds the chat's row lock."""
    chat.agent = agent
    waiting.heed(chat)
    chat.save(update_fields=["agent", *waiting.COLUMNS])
    figures.stands(chat)
    publish(ChatChanged(chat, frame={"type": "chat"}))


def post_note(
    chat_id: uuid.UUID,
    agent: Agent | None,
    body: str,
    segments: list[dict[str, Any]] | None = None,
    *,
    client_message_id: uuid.UUID | None = None,
    files: Sequence[Attachment] = (),
) -> Message:
    """A colleague's remark: placed after the latest message, without `seq` and `rev`, never shown to the visitor.

    The same `client_message_id` answers the same note.
    """
    with transaction.atomic():
        chat = lock_chat(chat_id)
        if client_message_id and (earlier := _sent_as(chat, client_message_id)):
            return earlier
        note = Message(author_kind=Message.Author.AGENT, agent=agent, body=body)
        note.client_message_id = client_message_id
        note.segments = segments if segments is not None else segment_words.from_text(body)
        carry(note, files)
        return note_in(chat, note)


def _sent_as(chat: ChatSession, client_message_id: uuid.UUID) -> Message | None:
    return Message.unscoped.filter(chat=chat, client_message_id=client_message_id).first()


def note_in(chat: ChatSession, note: Message) -> Message:
    """`post_note` for a caller who holds the chat's row lock."""
    note.chat, note.after_seq, note.is_note, note.created_at = chat, chat.last_seq, True, timezone.now()
    note.save(force_insert=True)
    if note.files:
        attach(note)
    publish(ChatChanged(chat))
    return note


def note_mirrored(chat: ChatSession, copies: list[Message], state: str, problem: str = "") -> None:
    """The adapter tells how far Slack's copies are. `sent` moves the chat's delivered mark, which sockets are told.

    The caller holds the chat's row lock inside a transaction; `copies` are messages of this chat.
    """
    if len(copies) == 1:
        _NOTE_MIRRORED.later(pk=copies[0].pk, state=state, problem=problem[:300])
    else:
        pks = [message.pk for message in copies]
        Message.unscoped.filter(pk__in=pks).update(mirror_state=state, mirror_problem=problem[:300])
    if state == Message.Mirror.SENT:
        _move_delivered_mark(chat, max((message.seq or 0 for message in copies), default=0))
    elif state in (Message.Mirror.CHECKING, Message.Mirror.FAILED):
        publish(ChatChanged(chat))


def _move_delivered_mark(chat: ChatSession, reached: int) -> None:
    moved = reached > chat.delivered_seq
    if moved:
        chat.delivered_seq = reached
        _NOTE_DELIVERED.later(pk=chat.pk, seq=reached)
    publish(ChatChanged(chat, frame={"type": "delivered", "seq": reached} if moved else None))
