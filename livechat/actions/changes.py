"""Every change of what was said: edited, withdrawn, kept inside. One transaction each under the chat's row lock.

A change keeps the message's `seq` and takes the chat's next `rev`; what it said before goes to a MessageVersion, and
the words of a withdrawn message live there alone. A note has no `rev`: nobody outside hears of it.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.errors import NotFound, Refused
from accounts.models import Agent
from livechat import segments as segment_words
from livechat.access import BLOCKED, with_files
from livechat.actions.files import move_files
from livechat.actions.messages import lock_chat
from livechat.actions.waiting import recount
from livechat.events import ChatChanged, MessageChanged, publish
from livechat.inside import is_note
from livechat.models import ChatSession, Message, MessageVersion
from livechat.tokens import VisitorClaim

MAY_CHANGE = timedelta(minutes=10)
Segments = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class By:
    """Who changes it. An agent of whom nothing is known is None."""

    kind: str
    agent: Agent | None = None


VISITOR = By(Message.Author.VISITOR)


def by_agent(agent: Agent | None) -> By:
    return By(Message.Author.AGENT, agent)


# --- by the visitor -----------------------------------------------------------------------------------------------


def edit_by_visitor(claim: VisitorClaim, message_id: object, body: str) -> Message:
    """The visitor's own message, within ten minutes; the same words again are harmless."""
    with transaction.atomic():
        chat, message = _own(claim, message_id)
        if message.deleted_at is not None:
            raise Refused("refused", "This message was withdrawn. Write a new one instead.")
        if message.body == body:
            return message
        _check_time(message)
        return edit_in(chat, message, body, segment_words.from_text(body), VISITOR, mirror=True)


def withdraw_by_visitor(claim: VisitorClaim, message_id: object) -> Message:
    """As `edit_by_visitor`; withdrawing twice is harmless."""
    with transaction.atomic():
        chat, message = _own(claim, message_id)
        if message.deleted_at is not None:
            return message
        _check_time(message)
        return withdraw_in(chat, message, VISITOR, mirror=True)


def _own(claim: VisitorClaim, message_id: object) -> tuple[ChatSession, Message]:
    """The visitor's message and its chat, locked. Somebody else's is refused like one that does not exist."""
    own = Message.unscoped.filter(
        pk=_uuid(message_id),
        author_kind=Message.Author.VISITOR,
        chat__visitor_id=claim.visitor_id,
        chat__visitor__token_hash=claim.token_hash,
    )
    found = own.values_list("chat_id", "chat__visitor__blocked_at").first()
    if found is None:
        raise Refused("refused", "Only your own messages can be changed.")
    chat_id, blocked_at = found
    if blocked_at is not None:
        raise BLOCKED
    chat, message = lock_chat(chat_id), own.get()
    with_files([message])
    return chat, message


def _uuid(value: object) -> uuid.UUID:
    try:
        return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
    except ValueError:
        raise Refused("refused", "Only your own messages can be changed.") from None


def _check_time(message: Message) -> None:
    if timezone.now() - message.created_at > MAY_CHANGE:
        minutes = int(MAY_CHANGE.total_seconds() // 60)
        raise Refused("refused", f"A message can be changed for {minutes} minutes. Write a new one instead.")


# --- by the team --------------------------------------------------------------------------------------------------


def edit_by_agent(chat_id: uuid.UUID, message_id: uuid.UUID, agent: Agent, body: str) -> Message:
    """An agent's own reply or note; the caller has checked that the chat is theirs to answer.

    A reply that begins as a note now is taken back from the visitor. A note stays one, whatever it says.
    """
    with transaction.atomic():
        chat, message = _of_agent(chat_id, message_id, agent)
        if message.deleted_at is not None:
            raise Refused("refused", "This message was deleted. Write a new one instead.")
        if message.body == body:
            return message
        by, segments = by_agent(agent), segment_words.from_text(body)
        if is_note(body) and not message.is_note:
            return keep_inside(chat, message, by, body, segments, mirror=True)
        return edit_in(chat, message, body, segments, by, mirror=True)


def withdraw_by_agent(chat_id: uuid.UUID, message_id: uuid.UUID, agent: Agent) -> Message:
    """As `edit_by_agent`; deleting twice is harmless."""
    with transaction.atomic():
        chat, message = _of_agent(chat_id, message_id, agent)
        if message.deleted_at is not None:
            return message
        return withdraw_in(chat, message, by_agent(agent), mirror=True)


def _of_agent(chat_id: uuid.UUID, message_id: uuid.UUID, agent: Agent) -> tuple[ChatSession, Message]:
    chat = lock_chat(chat_id)
    message = Message.unscoped.select_related("agent").filter(pk=message_id, chat=chat).first()
    if message is None:
        raise NotFound
    if message.author_kind != Message.Author.AGENT or message.agent_id != agent.pk:
        raise Refused("refused", "Only what you wrote yourself can be changed.")
    return chat, message


# --- for a caller who holds the chat's row lock -------------------------------------------------------------------


def edit_in(
    chat: ChatSession, message: Message, body: str, segments: Segments, by: By, *, mirror: bool
) -> Message:
    """`message` was read under the lock and is not gone. `mirror=False` for what Slack itself tells."""
    before = _keep_version(message, MessageVersion.Change.EDITED, by)
    message.body, message.segments, message.edited_at = body, segments, timezone.now()
    return _changed(chat, message, MessageVersion.Change.EDITED, mirror, before)


def withdraw_in(
    chat: ChatSession,
    message: Message,
    by: By,
    *,
    mirror: bool,
    change: str = MessageVersion.Change.WITHDRAWN,
) -> Message:
    """As `edit_in`. The row keeps no words, so that no reader can show them by mistake."""
    before = _keep_version(message, change, by)
    message.body, message.segments, message.deleted_at = "", [], timezone.now()
    _changed(chat, message, "withdrawn", mirror, before)
    if not message.is_note:
        recount(chat)
    return message


def keep_inside(
    chat: ChatSession, message: Message, by: By, body: str, segments: Segments, *, mirror: bool
) -> Message:
    """Withdrawn from the visitor and kept for colleagues: the note, which stands where the message stood."""
    withdraw_in(chat, message, by, mirror=mirror, change=MessageVersion.Change.KEPT)
    note = Message(chat=chat, author_kind=message.author_kind, agent=message.agent, is_note=True)
    note.body, note.segments, note.after_seq = body, segments, message.seq or message.after_seq
    note.created_at = message.created_at
    note.has_files = message.has_files
    note.save(force_insert=True)
    move_files(message, note)
    return note


def _keep_version(message: Message, change: str, by: By) -> MessageVersion:
    return MessageVersion.unscoped.create(
        message=message,
        change=change,
        body=message.body,
        segments=message.segments,
        by_kind=by.kind,
        by_agent=by.agent,
        changed_at=timezone.now(),
    )


def _changed(
    chat: ChatSession, message: Message, change: str, mirror: bool, before: MessageVersion
) -> Message:
    if not message.is_note:
        chat.last_rev += 1
        message.rev = chat.last_rev
        ChatSession.unscoped.filter(pk=chat.pk).update(last_rev=chat.last_rev)
    message.save(update_fields=["body", "segments", "rev", "edited_at", "deleted_at"])
    publish(ChatChanged(chat) if message.is_note else MessageChanged(chat, message, change, mirror, before))
    return message
