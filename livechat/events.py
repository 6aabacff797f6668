"""The facts the chat domain publishes, and the one table of who listens.

A *promise* runs inside the transaction of the fact and may only insert promise rows; if it raises, the fact did not
happen. An *after_commit* listener may only ring or wake; it is robust: a dead Redis never fails a visitor's message.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import transaction

from livechat.models import ChatSession, Message


@dataclass(frozen=True, slots=True)
class MessagePosted:
    """A message (or note) was written. `mirror` says that Slack is to get a copy of it."""

    chat: ChatSession
    message: Message
    mirror: bool


@dataclass(frozen=True, slots=True)
class ChatChanged:
    """Status, agent, delivered or seen marks moved. `frame` is what the visitor's sockets are told, if anything."""

    chat: ChatSession
    frame: dict[str, Any] | None = None


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
