"""Views as Slack checks them: modals and Home tabs, their fields, limits and the elements only they may have."""

import json

from slack_sandbox import blocks as kit
from slack_sandbox.blocks import Check, Problems, Shape
from slack_sandbox.model import Json

MAX_BLOCKS = 100
MAX_BYTES = 250_000
EXTERNAL: dict[str, Check] = {**kit.INITIAL, "min_query_length": kit.number}
TYPED: dict[str, Check] = {"initial_value": kit.text(3000, 0), "dispatch_action_config": kit.anything}
ELEMENTS: dict[str, Shape] = {
    **kit.ELEMENTS,
    "multi_external_select": Shape({**EXTERNAL, "max_selected_items": kit.number}, (), kit.CHOICE),
    "multi_channels_select": Shape({**kit.INITIAL, "max_selected_items": kit.number}, (), kit.CHOICE),
    "multi_conversations_select": Shape(
        {
            **kit.INITIAL,
            "max_selected_items": kit.number,
            "default_to_current_conversation": kit.flag,
            "filter": kit.anything,
        },
        (),
        kit.CHOICE,
    ),
    "datetimepicker": Shape({"initial_date_time": kit.number}, (), kit.ACTION),
    "email_text_input": Shape(TYPED, (), kit.CHOICE),
    "url_text_input": Shape(TYPED, (), kit.CHOICE),
    "number_input": Shape(
        {**TYPED, "is_decimal_allowed": kit.flag, "min_value": kit.text(50), "max_value": kit.text(50)},
        ("is_decimal_allowed",),
        kit.CHOICE,
    ),
}
NOT_IN_INPUT = ("button", "overflow")
ONLY_IN_INPUT = ("plain_text_input", "email_text_input", "url_text_input", "number_input")
BESIDE = {kind: shape for kind, shape in ELEMENTS.items() if kind not in ONLY_IN_INPUT}
SECTION, INPUT = kit.BLOCKS["section"], kit.BLOCKS["input"]
BLOCKS: dict[str, Shape] = {
    **{kind: shape for kind, shape in kit.BLOCKS.items() if kind != "markdown"},
    "section": Shape(
        {**SECTION.fields, "accessory": kit.by_type({**BESIDE, "image": kit.IMAGE})},
        SECTION.required,
        SECTION.common,
    ),
    "actions": Shape({"elements": kit.many(kit.by_type(BESIDE), 25)}, ("elements",), kit.ID),
    "input": Shape(
        {
            **INPUT.fields,
            "element": kit.by_type({k: shape for k, shape in ELEMENTS.items() if k not in NOT_IN_INPUT}),
        },
        INPUT.required,
        INPUT.common,
    ),
}
COMMON: dict[str, Check] = {
    "blocks": kit.anything,
    "private_metadata": kit.text(3000, 0),
    "callback_id": kit.text(255, 0),
    "external_id": kit.text(255, 0),
}
MODAL = Shape(
    {
        "title": kit.plain(24),
        "submit": kit.plain(24),
        "close": kit.plain(24),
        "notify_on_close": kit.flag,
        "clear_on_close": kit.flag,
        "submit_disabled": kit.flag,
    },
    ("title", "blocks"),
    COMMON,
)
HOME = Shape({}, ("blocks",), COMMON)


def too_large(view: Json) -> bool:
    return len(json.dumps(view)) > MAX_BYTES


def problems_of(view: object, kind: str) -> Problems:
    """`kind` is `modal` or `home`, whichever the method shows."""
    problems = Problems()
    kit.by_type({kind: MODAL if kind == "modal" else HOME})(view, "/view", problems)
    if problems or not isinstance(view, dict):
        return problems
    found = kit.problems_of(view["blocks"], BLOCKS, MAX_BLOCKS, "/view/blocks")
    problems.extend(found)
    if not problems:
        _choices(view["blocks"], problems)
        _submit(view, kind, problems)
    return problems


def _choices(blocks: list[Json], problems: Problems) -> None:
    for index, block in enumerate(blocks):
        for element in elements_of(block):
            listed = element["type"] in ("static_select", "multi_static_select")
            if listed and bool(element.get("options")) == bool(element.get("option_groups")):
                problems.note("must have either options or option_groups", f"/view/blocks/{index}")


def _submit(view: Json, kind: str, problems: Problems) -> None:
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    if kind == "modal" and inputs and not view.get("submit"):
        problems.note("submit is required when an input block is in blocks", "/view")
    focused = [e for block in view["blocks"] for e in elements_of(block) if e.get("focus_on_load")]
    if len(focused) > 1:
        problems.note("only one element may have focus_on_load", "/view/blocks")


def elements_of(block: Json) -> list[Json]:
    """The interactive elements of a checked block."""
    if block["type"] == "actions":
        return list(block["elements"])
    one = block.get("element") if block["type"] == "input" else block.get("accessory")
    return [one] if one and one["type"] != "image" else []
