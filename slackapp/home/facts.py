"""What a Home tab tells, before it is blocks."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ChatLine:
    """`words`: what was said last, empty where they may not be shown. `thread_url` is empty where nothing opens.

    `at`: since when the visitor waits, or when somebody last wrote.
    """

    chat_id: uuid.UUID
    name: str
    site: str
    words: str
    at: datetime
    waits: bool
    thread_url: str
    is_snoozed: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """As many as are shown, and how many there are besides."""

    shown: list[ChatLine] = field(default_factory=list)
    more: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the list of first steps; `url` is where it is done."""

    text: str
    done: bool
    url: str


@dataclass(frozen=True, slots=True)
class Presence:
    """What visitors of a site read, and why, in a sentence. `forced`: somebody said so."""

    site_id: uuid.UUID
    name: str
    word: str
    why: str
    forced: bool


@dataclass(frozen=True, slots=True)
class Section:
    """What one workspace shows to one person. `settings_id`, a connection, and `steps` are for owners and admins alone.

    `in_console`: they find the chats there too. `sites`: those whose presence they may change.
    """

    title: str
    mine: Lines
    waiting: Lines
    may_take: bool
    in_console: bool
    sites: list[Presence] = field(default_factory=list)
    more_sites: int = 0
    settings_id: str = ""
    steps: list[Step] = field(default_factory=list)
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """`more_sections`: workspaces for which there was no room."""

    is_outside: bool
    is_linked: bool = False
    notice: str = ""
    sections: list[Section] = field(default_factory=list)
    more_sections: int = 0
