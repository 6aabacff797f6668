"""What people choose in the elements of messages and views, in the shapes of `actions` and `state.values`."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from slack_sandbox.model import Json, Team
from slack_sandbox.people import Wrong

TYPED = ("plain_text_input", "email_text_input", "url_text_input", "number_input")
PATTERNS = {
    "datepicker": ("selected_date", r"\d{4}-\d\d-\d\d", "a date such as 2026-05-31"),
    "timepicker": ("selected_time", r"\d\d:\d\d", "a time such as 09:30"),
}
ONE_OPTION = ("static_select", "radio_buttons", "overflow", "external_select")
MANY_OPTIONS = ("multi_static_select", "checkboxes", "multi_external_select")
PLACES = {
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
}
STATEFUL = (
    *TYPED,
    *PATTERNS,
    *(kind for kind in ONE_OPTION if kind != "overflow"),
    *MANY_OPTIONS,
    *PLACES,
    *(f"multi_{kind}" for kind in PLACES),
    "datetimepicker",
)


def options_of(element: Json) -> list[Json]:
    groups = element.get("option_groups") or []
    return [*(element.get("options") or []), *(option for group in groups for option in group["options"])]


@dataclass
class Chooser:
    team: Team
    offered: dict[str, list[Json]] = field(default_factory=dict)
    """What the app suggested for external selects, by action_id."""

    def chosen(self, element: Json, raw: object, *, picked: bool = False) -> Json:
        """`raw` is a text, the value of an option, an id, or a list of them; None or '' for nothing.

        With `picked` something has to be chosen. Raises Wrong for what the element does not offer.
        """
        kind = element["type"]
        if kind == "button":
            return {"type": kind}
        if picked and raw in (None, "") and kind in ONE_OPTION:
            raise Wrong("which option? give its value")
        return {"type": kind, **self._value(kind)(element, None if raw == "" else raw)}

    def _value(self, kind: str) -> Callable[[Json, object], Json]:
        if kind in TYPED:
            return lambda element, raw: {"value": None if raw is None else str(raw)}
        if kind in PATTERNS or kind == "datetimepicker":
            return self._moment
        if kind in ONE_OPTION:
            return lambda element, raw: {"selected_option": self._option(element, raw) if raw else None}
        if kind in MANY_OPTIONS:
            return lambda element, raw: {
                "selected_options": [self._option(element, one) for one in _listed(element, raw)]
            }
        return self._named

    def _moment(self, element: Json, raw: object) -> Json:
        if element["type"] == "datetimepicker":
            return {"selected_date_time": None if raw is None else int(str(raw))}
        key, pattern, example = PATTERNS[element["type"]]
        if raw is not None and not re.fullmatch(pattern, str(raw)):
            raise Wrong(f"{raw!r} is not {example}")
        return {key: raw}

    def _option(self, element: Json, raw: object) -> Json:
        external = element["type"].endswith("external_select")
        known = options_of(element) or self.offered.get(element["action_id"], []) or _initial(element)
        found = next((option for option in known if option["value"] == raw), None)
        if found is None and external:
            raise Wrong(f"the app has not suggested {raw!r}: ask for suggestions first")
        if found is None:
            raise Wrong(f"no option {raw!r}; there are {', '.join(option['value'] for option in known)}")
        return found

    def _named(self, element: Json, raw: object) -> Json:
        kind = element["type"].removeprefix("multi_")
        if kind != element["type"]:
            return {f"{PLACES[kind]}s": [self._id(kind, one) for one in _listed(element, raw)]}
        return {PLACES[kind]: None if raw is None else self._id(kind, raw)}

    def _id(self, kind: str, raw: object) -> str:
        found = self.team.person(str(raw)) if kind == "users_select" else self.team.channel(str(raw))
        if found is None:
            raise Wrong(f"nobody and nothing is called {raw!r}")
        return found.id


def _listed(element: Json, raw: object) -> list[object]:
    chosen = list(raw) if isinstance(raw, list) else [] if raw is None else [raw]
    most = element.get("max_selected_items")
    if most and len(chosen) > most:
        raise Wrong(f"no more than {most} can be chosen")
    return chosen


def _initial(element: Json) -> list[Json]:
    """The choice that an external select came with."""
    return [*(element.get("initial_options") or []), *filter(None, [element.get("initial_option")])]


def initial_of(element: Json) -> object:
    """What is filled in before anybody touches it, as `Chooser.chosen` takes it."""
    if element.get("initial_option"):
        return element["initial_option"]["value"]
    if element.get("initial_options"):
        return [option["value"] for option in element["initial_options"]]
    keys = ("value", "date", "time", "date_time", "user", "users", "channel", "channels")
    given = (element.get(f"initial_{key}") for key in (*keys, "conversation", "conversations"))
    return next((one for one in given if one is not None), None)
