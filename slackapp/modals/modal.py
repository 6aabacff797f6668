"""A form in Slack: how it opens, what it does when something in it is picked, and what sending it does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from slackapp.asked import Asked, Json
from slackapp.interactivity import mapping

# Slack's limit for a title and for the words on its two buttons
SHORT = 24
# The JSON that Slack wants in answer to a form that was sent; None closes it.
Response = Json | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it stands: `values` by block_id, each the element's state as Slack tells it."""

    asked: Asked
    view: Json

    @property
    def note(self) -> str:
        """The view's `private_metadata`: ours, and out of people's reach. What it names may be gone all the same."""
        return str(self.view.get("private_metadata") or "")

    def state(self, block_id: str) -> Json:
        fields = mapping(mapping(mapping(self.view.get("state")).get("values")).get(block_id))
        return mapping(next(iter(fields.values()), None))

    def text(self, block_id: str) -> str:
        """What was typed or picked, whichever kind of element it is; empty if nothing was."""
        state = self.state(block_id)
        option = mapping(state.get("selected_option")).get("value")
        picked = (
            state.get(f"selected_{kind}") for kind in ("user", "conversation", "channel", "date", "time")
        )
        return str(state.get("value") or option or next(filter(None, picked), None) or "").strip()

    def texts(self, block_id: str) -> list[str]:
        """The values of several options, or the ids of several people."""
        state = self.state(block_id)
        options = [str(mapping(one).get("value")) for one in state.get("selected_options") or []]
        return options or [str(one) for one in state.get("selected_users") or []]


# Run in one transaction with the mark that this form was sent; may raise Refused, which undoes both.
Act = Callable[[], Response]


@dataclass(frozen=True, slots=True)
class Modal:
    """Each function may raise Refused: its sentence is shown in the place of the form, or beside its first field.

    `open` gives the view for what `asked.value` names; type and callback_id are filled in. `send` reads, may ask Slack,
    and gives an answer (`errors`, `replaced`) or an Act. `pick` gives the view anew after something in it was picked
    or pressed, or None to leave it. All run outside of any transaction, each may take its time: meanwhile the person
    sees that something is happening.
    """

    open: Callable[[Asked], Json]
    send: Callable[[Sent], Response | Act] | None = None
    pick: Callable[[Sent], Json | None] | None = None


def errors(**by_block: str) -> Response:
    """Sentences beside input blocks; the form stays as it is."""
    return {"response_action": "errors", "errors": by_block}


def replaced(view: Json) -> Response:
    return {"response_action": "update", "view": view}


def sentence(text: str, title: str = "Threadbell") -> Json:
    """A view that says one thing and is closed."""
    return {
        "type": "modal",
        "title": plain(title, SHORT),
        "close": plain("Close", SHORT),
        "blocks": [{"type": "section", "text": plain(text, 3000)}],
    }


def plain(text: str, most: int = 300) -> Json:
    """A plain_text object of at most so many characters; none is said with a dash."""
    short = text if len(text) <= most else text[: most - 1] + "…"
    return {"type": "plain_text", "text": short or "–", "emoji": False}


def option(text: str, value: str) -> Json:
    return {"text": plain(text, 75), "value": value[:150]}


def first_input(view: Any) -> str:
    """The block_id of a form's first field; empty where it has none."""
    found = [block for block in mapping(view).get("blocks") or [] if mapping(block).get("type") == "input"]
    return str(found[0].get("block_id") or "") if found else ""
