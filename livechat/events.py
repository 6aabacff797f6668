"""The facts the chat domain publishes, and the one table of who listens.

A *promise* runs inside the transaction of the fact and may only insert promise rows; if it raises, the fact did not
happen. An *after_commit* listener may only ring or wake; it is robust: a dead Redis never fails a visitor's message.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import transaction

from accounts.models import Agent
from livechat.models import ChatSession, Erasure, Message, MessageVersion, Site


@dataclass(frozen=True, slots=True)
class MessagePosted:
    """A message (or note) was written. `mirror` says that Slack is to get a copy of it."""

    chat: ChatSession
    message: Message
    mirror: bool


@dataclass(frozen=True, slots=True)
class MessageChanged:
    """A message was `edited` or `withdrawn`; `before` is what it said. `mirror` says that Slack's copy is to follow."""

    chat: ChatSession
    message: Message
    change: str
    mirror: bool
    before: MessageVersion


@dataclass(frozen=True, slots=True)
class FilesChanged:
    """A file of a message came in, could not be brought, or went."""

    chat: ChatSession
    message: Message


@dataclass(frozen=True, slots=True)
class ChatChanged:
    """Status, agent, delivered or seen marks moved. `frame` is what the visitor's sockets are told, if anything.

    `for_team`: how the chat stands has changed for colleagues, and the visitor learns nothing of it.
    """

    chat: ChatSession
    frame: dict[str, Any] | None = None
    for_team: bool = False


@dataclass(frozen=True, slots=True)
class ChatWoken:
    """A snoozed chat is back (`why`: see actions.waking). `snoozed_by` is who had put it away, if that is known."""

    chat: ChatSession
    why: str
    snoozed_by: Agent | None


@dataclass(frozen=True, slots=True)
class VisitorErased:
    """A visitor is about to go with these chats, whose rows are locked: who keeps copies notes where, without words.

    `visitor_id` is None where only old chats go and the visitor has newer ones.
    """

    erasure: Erasure
    visitor_id: uuid.UUID | None
    chats: list[ChatSession]


@dataclass(frozen=True, slots=True)
class VisitorJoined:
    """Somebody unknown has logged in on the website: what they said belongs to a known visitor from now on."""

    guest_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class SocketsStale:
    """The site takes visitors by other rules than those by which they came in."""

    site: Site


@dataclass(frozen=True, slots=True)
class ReadMoved:
    """A member has read further in the chat, or marked it unread: of interest to their own pages alone."""

    member_id: uuid.UUID
    chat_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class VisitorReached:
    """What the visitor got or saw of the chat has moved on; the chat's row is locked."""

    chat: ChatSession


@dataclass(frozen=True, slots=True)
class ChatAssigned:
    """Somebody gave the chat to somebody else; the chat's row is locked."""

    chat: ChatSession
    to: Agent
    by: Agent | None


@dataclass(frozen=True, slots=True)
class VisitorMoved:
    """The visitor went to another page of the website."""

    chat: ChatSession


@dataclass(frozen=True, slots=True)
class FacesChanged:
    """Somebody who spoke in the chat looks different: their messages have moved to new revs."""

    chat: ChatSession


@dataclass(frozen=True, slots=True)
class SiteAsked:
    """A widget of the site is open after a while without any: whoever carries its chats looks who is there."""

    site: Site


@dataclass(frozen=True, slots=True)
class AvailabilityChanged:
    """Visitors of the site are to be told whether somebody is there."""

    site: Site
    online: bool


F = TypeVar("F")
_promises: dict[type, list[Callable[[Any], None]]] = defaultdict(list)
_after_commit: dict[type, list[Callable[[Any], None]]] = defaultdict(list)


def subscribe(
    fact: type[F],
    *,
    promise: Callable[[F], None] | None = None,
    after_commit: Callable[[F], None] | None = None,
) -> None:
    """Called from an app's `ready()`, once per listener; listeners run in the order of their subscription."""
    if promise is not None and promise not in _promises[fact]:
        _promises[fact].append(promise)
    if after_commit is not None and after_commit not in _after_commit[fact]:
        _after_commit[fact].append(after_commit)


def publish(fact: object) -> None:
    """Must be called inside the transaction that made the fact."""
    for promise in _promises[type(fact)]:
        promise(fact)
    for listener in _after_commit[type(fact)]:
        transaction.on_commit(lambda listener=listener: listener(fact), robust=True)  # type: ignore[misc]
