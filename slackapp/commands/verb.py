"""A word behind the app's slash command, and what whoever typed it is told."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from slackapp import blocks
from slackapp.asked import Asked

Json = dict[str, Any]
# whoever typed it is shown no more than this
MOST_BLOCKS = 50


@dataclass(frozen=True, slots=True)
class Answer:
    """Shown to whoever typed it, alone. `text` is plain; `blocks` are shown in its place, where there are some."""

    text: str
    blocks: list[Json] = field(default_factory=list)

    @property
    def wire(self) -> Json:
        said = blocks.notice(self.text)
        shown = {"blocks": self.blocks[:MOST_BLOCKS]} if self.blocks else {}
        return {"response_type": "ephemeral", **said, **shown}


@dataclass(frozen=True, slots=True)
class Verb:
    """`run` may raise Refused, whose sentence is the answer; None says nothing, as where a form was opened.

    `usage` is what follows the verb, `about` what it does.
    """

    run: Callable[[Asked], Answer | None]
    about: str
    usage: str = ""
