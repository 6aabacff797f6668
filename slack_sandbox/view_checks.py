"""What Slack checks before it tells the app of a submission: nothing required is empty, lengths, addresses."""

import re

from slack_sandbox.model import Json
from slack_sandbox.open_views import View

EMPTY = "Please complete this required field."


def errors_of(view: View, state: Json) -> dict[str, str]:
    """Sentences by block_id."""
    found = {}
    for block in view.blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        value = state[block["block_id"]][element["action_id"]]
        sentence = _problem(element, _plain(value), bool(block.get("optional")))
        if sentence:
            found[block["block_id"]] = sentence
    return found


def _plain(value: Json) -> object:
    return next((item for key, item in value.items() if key != "type"), None)


def _problem(element: Json, value: object, optional: bool) -> str:
    if value in (None, "", []):
        return "" if optional else EMPTY
    if not isinstance(value, str):
        return ""
    if len(value) > element.get("max_length", 3000):
        return f"Please use no more than {element.get('max_length', 3000)} characters."
    if len(value) < element.get("min_length", 0):
        return f"Please use at least {element['min_length']} characters."
    return _form(element["type"], value)


def _form(kind: str, value: str) -> str:
    if kind == "email_text_input" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        return "Please enter a valid email address."
    if kind == "url_text_input" and not re.match(r"https?://\S+$", value):
        return "Please enter a valid URL."
    if kind == "number_input" and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        return "Please enter a number."
    return ""
