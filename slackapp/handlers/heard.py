"""An event on its way to its handler."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from slackapp.models import ChatLink, InboundEvent, Installation

THREAD_MAY_APPEAR = timedelta(seconds=30)
# What an event does; run inside a transaction.
Act = Callable[[], None]


class NotYet(Exception):
    """The event speaks of something that may be about to exist; it is tried again for as long as `patience`."""

    def __init__(self, patience: timedelta) -> None:
        super().__init__()
        self.patience = patience


@dataclass(frozen=True, slots=True)
class Heard:
    """An event of an installation that we know; `link` if it is a line in a chat's thread or own channel."""

    installation: Installation
    event: dict[str, Any]
    row: InboundEvent
    link: ChatLink | None
    may_ask: bool


Handler = Callable[[Heard], Act | None]
