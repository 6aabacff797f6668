"""Blocks that several forms are made of. What visitors wrote is shown as plain text everywhere.

A field that nobody hears of before the form is sent has one name, its block's.
"""

from collections.abc import Sequence

from slackapp.asked import Json
from slackapp.modals.modal import option, plain

# Slack's limit for what a field holds
MOST_TYPED = 3000


def section(text: str) -> Json:
    return {"type": "section", "text": plain(text, 3000)}


def context(text: str) -> Json:
    return {"type": "context", "elements": [plain(text, 1000)]}


def field(block_id: str, label: str, element: Json, **more: object) -> Json:
    return {"type": "input", "block_id": block_id, "label": plain(label, 2000), "element": element, **more}


def text_area(block_id: str, label: str, text: str = "", **more: object) -> Json:
    element: Json = {
        "type": "plain_text_input",
        "action_id": block_id,
        "multiline": True,
        "max_length": MOST_TYPED,
    }
    return field(block_id, label, {**element, **({"initial_value": text} if text else {})}, **more)


def radio(block_id: str, label: str, choices: Sequence[tuple[str, ...]], chosen: str) -> Json:
    """`choices`: values, their texts and, if there is something to say about them, what."""
    options = {value: {**option(text, value), **_about(*more)} for value, text, *more in choices}
    element = {
        "type": "radio_buttons",
        "action_id": block_id,
        "options": list(options.values()),
        "initial_option": options[chosen],
    }
    return field(block_id, label, element)


def _about(said: str = "") -> Json:
    return {"description": plain(said, 75)} if said else {}
