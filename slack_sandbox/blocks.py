"""Block Kit as Slack checks it for messages: types, required and unknown fields, limits, unique ids."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from slack_sandbox.model import Json

MAX_BLOCKS = 50


class Problems(list[str]):
    def note(self, what: str, pointer: str) -> None:
        self.append(f"{what} [json-pointer:{pointer}]")


Check = Callable[[object, str, Problems], None]


@dataclass(frozen=True)
class Shape:
    fields: dict[str, Check]
    required: tuple[str, ...] = ()
    common: dict[str, Check] = field(default_factory=dict)

    def __call__(self, value: object, pointer: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.note("must be an object", pointer)
            return
        known = {"type": anything, **self.common, **self.fields}
        for name in self.required:
            if value.get(name) is None:
                problems.note(f"missing required field: {name}", pointer)
        for name, item in value.items():
            if name not in known:
                problems.note(f"invalid additional property: {name}", pointer)
            elif item is not None:
                known[name](item, f"{pointer}/{name}", problems)


def anything(value: object, pointer: str, problems: Problems) -> None:
    """Accepts what the caller has already looked at."""


def text(most: int, least: int = 1) -> Check:
    def check(value: object, pointer: str, problems: Problems) -> None:
        if not isinstance(value, str):
            problems.note("must be a string", pointer)
        elif len(value) < least:
            problems.note(f"must be more than {least - 1} characters", pointer)
        elif len(value) > most:
            problems.note(f"must be less than {most + 1} characters", pointer)

    return check


def flag(value: object, pointer: str, problems: Problems) -> None:
    if not isinstance(value, bool):
        problems.note("must be a boolean", pointer)


def number(value: object, pointer: str, problems: Problems) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        problems.note("must be an integer", pointer)


def one_of(*allowed: str) -> Check:
    def check(value: object, pointer: str, problems: Problems) -> None:
        if value not in allowed:
            problems.note("value must be one of: " + ", ".join(allowed), pointer)

    return check


def url(most: int) -> Check:
    def check(value: object, pointer: str, problems: Problems) -> None:
        text(most)(value, pointer, problems)
        if isinstance(value, str) and not value.startswith(("https://", "http://", "mailto:", "tel:")):
            problems.note("must be a valid URL", pointer)

    return check


def many(check: Check, most: int, least: int = 1) -> Check:
    def check_all(value: object, pointer: str, problems: Problems) -> None:
        if not isinstance(value, list):
            problems.note("must be an array", pointer)
            return
        if len(value) > most:
            problems.note(f"no more than {most} items allowed", pointer)
        if len(value) < least:
            problems.note(f"no fewer than {least} items allowed", pointer)
        for index, item in enumerate(value):
            check(item, f"{pointer}/{index}", problems)

    return check_all


def by_type(kinds: dict[str, Shape]) -> Check:
    def check(value: object, pointer: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.note("must be an object", pointer)
        elif value.get("type") not in kinds:
            problems.note(f"unsupported type: {value.get('type')}", f"{pointer}/type")
        else:
            kinds[value["type"]](value, pointer, problems)

    return check


def plain(most: int) -> Check:
    return by_type({"plain_text": Shape({"text": text(most), "emoji": flag}, ("text",))})


def either(most: int) -> Check:
    mrkdwn = Shape({"text": text(most), "verbatim": flag}, ("text",))
    return by_type({"plain_text": Shape({"text": text(most), "emoji": flag}, ("text",)), "mrkdwn": mrkdwn})


STYLE = Shape(
    dict.fromkeys(
        ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"), flag
    )
)
LEAF = by_type(
    {
        "text": Shape({"text": text(1_000_000), "style": STYLE}, ("text",)),
        "link": Shape({"url": url(3000), "text": text(3000, 0), "unsafe": flag, "style": STYLE}, ("url",)),
        "emoji": Shape(
            {"name": text(100), "unicode": text(100), "skin_tone": number, "url": url(3000), "style": STYLE},
            ("name",),
        ),
        "user": Shape({"user_id": text(20), "style": STYLE}, ("user_id",)),
        "channel": Shape({"channel_id": text(20), "style": STYLE}, ("channel_id",)),
        "usergroup": Shape({"usergroup_id": text(20), "style": STYLE}, ("usergroup_id",)),
        "broadcast": Shape({"range": one_of("here", "channel", "everyone"), "style": STYLE}, ("range",)),
        "date": Shape(
            {"timestamp": number, "format": text(200), "url": url(3000), "fallback": text(300)},
            ("timestamp", "format"),
        ),
        "color": Shape({"value": text(20), "style": STYLE}, ("value",)),
    }
)
LEAVES = many(LEAF, 10_000, 0)
RICH_SECTION = Shape({"elements": LEAVES}, ("elements",))
RICH = by_type(
    {
        "rich_text_section": RICH_SECTION,
        "rich_text_preformatted": Shape(
            {"elements": LEAVES, "border": number, "language": text(50)}, ("elements",)
        ),
        "rich_text_quote": Shape({"elements": LEAVES, "border": number}, ("elements",)),
        "rich_text_list": Shape(
            {
                "elements": many(by_type({"rich_text_section": RICH_SECTION}), 10_000, 0),
                "style": one_of("bullet", "ordered"),
                "indent": number,
                "offset": number,
                "border": number,
            },
            ("elements", "style"),
        ),
    }
)

CONFIRM = Shape(
    {
        "title": plain(100),
        "text": either(300),
        "confirm": plain(30),
        "deny": plain(30),
        "style": one_of("primary", "danger"),
    },
    ("title", "text", "confirm", "deny"),
)
OPTION = Shape(
    {"text": either(75), "value": text(150), "description": either(75), "url": url(3000)}, ("text", "value")
)
GROUP = Shape({"label": plain(75), "options": many(OPTION, 100)}, ("label", "options"))
ACTION: dict[str, Check] = {"action_id": text(255), "confirm": CONFIRM, "focus_on_load": flag}
CHOICE: dict[str, Check] = {**ACTION, "placeholder": plain(150)}
LISTED: dict[str, Check] = {"options": many(OPTION, 100), "option_groups": many(GROUP, 100)}
BUTTON = Shape(
    {
        "text": plain(75),
        "url": url(3000),
        "value": text(2000, 0),
        "style": one_of("primary", "danger"),
        "accessibility_label": text(75),
    },
    ("text",),
    ACTION,
)
INITIAL: dict[str, Check] = {
    f"initial_{key}": anything
    for key in (
        "option",
        "options",
        "user",
        "users",
        "channel",
        "channels",
        "conversation",
        "conversations",
        "date",
        "time",
    )
}
ELEMENTS: dict[str, Shape] = {
    "button": BUTTON,
    "overflow": Shape({"options": many(OPTION, 5)}, ("options",), ACTION),
    "static_select": Shape({**LISTED, **INITIAL}, (), CHOICE),
    "multi_static_select": Shape({**LISTED, **INITIAL, "max_selected_items": number}, (), CHOICE),
    "external_select": Shape({**INITIAL, "min_query_length": number}, (), CHOICE),
    "users_select": Shape(INITIAL, (), CHOICE),
    "multi_users_select": Shape({**INITIAL, "max_selected_items": number}, (), CHOICE),
    "channels_select": Shape({**INITIAL, "response_url_enabled": flag}, (), CHOICE),
    "conversations_select": Shape(
        {
            **INITIAL,
            "response_url_enabled": flag,
            "default_to_current_conversation": flag,
            "filter": anything,
        },
        (),
        CHOICE,
    ),
    "radio_buttons": Shape({"options": many(OPTION, 10), **INITIAL}, ("options",), ACTION),
    "checkboxes": Shape({"options": many(OPTION, 10), **INITIAL}, ("options",), ACTION),
    "datepicker": Shape(INITIAL, (), CHOICE),
    "timepicker": Shape({**INITIAL, "timezone": text(50)}, (), CHOICE),
    "plain_text_input": Shape(
        {
            "multiline": flag,
            "min_length": number,
            "max_length": number,
            "initial_value": text(3000, 0),
            "dispatch_action_config": anything,
        },
        (),
        CHOICE,
    ),
}
IMAGE = Shape({"image_url": url(3000), "alt_text": text(2000), "slack_file": anything}, ("alt_text",))
INPUT_KINDS = (
    "plain_text_input",
    "static_select",
    "users_select",
    "datepicker",
    "timepicker",
    "radio_buttons",
    "checkboxes",
)
ID: dict[str, Check] = {"block_id": text(255)}
BLOCKS: dict[str, Shape] = {
    "section": Shape(
        {
            "text": either(3000),
            "fields": many(either(2000), 10),
            "accessory": by_type({**ELEMENTS, "image": IMAGE}),
            "expand": flag,
        },
        (),
        ID,
    ),
    "divider": Shape({}, (), ID),
    "header": Shape({"text": plain(150)}, ("text",), ID),
    "context": Shape(
        {
            "elements": many(
                by_type(
                    {
                        "plain_text": Shape({"text": text(3000), "emoji": flag}, ("text",)),
                        "mrkdwn": Shape({"text": text(3000), "verbatim": flag}, ("text",)),
                        "image": IMAGE,
                    }
                ),
                10,
            )
        },
        ("elements",),
        ID,
    ),
    "actions": Shape({"elements": many(by_type(ELEMENTS), 25)}, ("elements",), ID),
    "image": Shape(
        {"image_url": url(3000), "alt_text": text(2000), "title": plain(2000), "slack_file": anything},
        ("alt_text",),
        ID,
    ),
    "rich_text": Shape({"elements": many(RICH, 10_000, 0)}, ("elements",), ID),
    "markdown": Shape({"text": text(12_000)}, ("text",), ID),
    "input": Shape(
        {
            "label": plain(2000),
            "element": by_type({k: ELEMENTS[k] for k in INPUT_KINDS}),
            "hint": plain(2000),
            "optional": flag,
            "dispatch_action": flag,
        },
        ("label", "element"),
        ID,
    ),
    "video": Shape(
        {
            "alt_text": text(2000),
            "title": plain(200),
            "thumbnail_url": url(3000),
            "video_url": url(3000),
            "author_name": text(50),
            "description": plain(200),
            "provider_icon_url": url(3000),
            "provider_name": text(50),
            "title_url": url(3000),
        },
        ("alt_text", "title", "thumbnail_url", "video_url"),
        ID,
    ),
}


def problems_of(
    blocks: object,
    kinds: dict[str, Shape] = BLOCKS,
    most: int = MAX_BLOCKS,
    pointer: str = "/blocks",
) -> Problems:
    problems = Problems()
    many(by_type(kinds), most, 0)(blocks, pointer, problems)
    if not problems and isinstance(blocks, list):
        _sections_with_nothing(blocks, pointer, problems)
        _repeated("block_id", ((b, f"{pointer}/{n}") for n, b in enumerate(blocks)), problems)
        for index, block in enumerate(blocks):
            _repeated("action_id", _actions_of(block, f"{pointer}/{index}"), problems)
    return problems


def _sections_with_nothing(blocks: list[object], pointer: str, problems: Problems) -> None:
    for index, block in enumerate(blocks):
        if (
            isinstance(block, dict)
            and block["type"] == "section"
            and not (block.get("text") or block.get("fields"))
        ):
            problems.note("missing required field: text", f"{pointer}/{index}")
        if (
            isinstance(block, dict)
            and block["type"] == "image"
            and not (block.get("image_url") or block.get("slack_file"))
        ):
            problems.note("missing required field: image_url", f"{pointer}/{index}")


def _actions_of(block: object, pointer: str) -> Iterable[tuple[object, str]]:
    elements = block.get("elements", []) if isinstance(block, dict) and block["type"] == "actions" else []
    return ((element, f"{pointer}/elements/{index}") for index, element in enumerate(elements))


def _repeated(key: str, owners: Iterable[tuple[object, str]], problems: Problems) -> None:
    seen: set[str] = set()
    for owner, pointer in owners:
        value = owner.get(key) if isinstance(owner, dict) else None
        if value in seen:
            problems.note(f"`{key}` already exists: {value}", f"{pointer}/{key}")
        if value:
            seen.add(value)


def with_ids(blocks: list[Json], new_id: Callable[[], str]) -> list[Json]:
    """Slack fills in the ids that an app left out, and the defaults of text objects."""
    return [_filled({**block, "block_id": block.get("block_id") or new_id()}, new_id) for block in blocks]


def _filled(block: Json, new_id: Callable[[], str]) -> Json:
    if block["type"] == "actions":
        elements = [_named(one, new_id) for one in block["elements"]]
        return {**block, "elements": elements}
    if block["type"] == "input":
        return {**block, "element": _named(block["element"], new_id)}
    if (block.get("accessory") or {}).get("type", "image") != "image":
        block = {**block, "accessory": _named(block["accessory"], new_id)}
    if block["type"] == "section" and isinstance(block.get("text"), dict):
        return {**block, "text": _text_defaults(block["text"])}
    return block


def _named(element: Json, new_id: Callable[[], str]) -> Json:
    return {**element, "action_id": element.get("action_id") or new_id()}


def _text_defaults(value: Json) -> Json:
    return {"verbatim": False, **value} if value["type"] == "mrkdwn" else {"emoji": True, **value}
