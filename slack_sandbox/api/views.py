"""views.*: modals are opened, pushed and changed, Home tabs are published."""

from slack_sandbox import modals, view_kit
from slack_sandbox.api.registry import Call, Refusal, method
from slack_sandbox.model import Json
from slack_sandbox.open_views import STACK, View
from slack_sandbox.triggers import Trigger, Unusable


def _teams(call: Call) -> set[str]:
    return {team.id for team in call.box.world.teams_of(call.app)}


def _view(call: Call, kind: str) -> Json:
    given = call.structure("view", "invalid_arguments")
    if isinstance(given, dict) and view_kit.too_large(given):
        raise Refusal("view_too_large")
    problems = view_kit.problems_of(given, kind)
    if problems:
        messages = [f"[ERROR] {problem}" for problem in problems]
        raise Refusal("invalid_arguments", response_metadata={"messages": messages})
    assert isinstance(given, dict)
    return given


def _trigger(call: Call) -> Trigger:
    try:
        return call.box.triggers.exchange(call.text("trigger_id"), _teams(call))
    except Unusable as problem:
        raise Refusal(str(problem)) from problem


def _unique(call: Call, given: Json, but: View | None = None) -> None:
    external_id = str(given.get("external_id") or "")
    known = call.box.views.find(_teams(call), "", external_id) if external_id else None
    if known is not None and known is not but:
        raise Refusal("duplicate_external_id")


OPEN_ARGS: dict[str, type] = {"trigger_id": str, "interactivity_pointer": str, "view": dict}


@method("views.open", tier="t4", takes_json=True, required=("trigger_id", "view"), args=OPEN_ARGS)
def open_view(call: Call) -> Json:
    given = _view(call, "modal")
    _unique(call, given)
    trigger = _trigger(call)
    view = modals.start(call.box, trigger.team, trigger.user, given)
    return {"view": modals.wire(call.box, view)}


@method("views.push", tier="t4", takes_json=True, required=("trigger_id", "view"), args=OPEN_ARGS)
def push(call: Call) -> Json:
    given = _view(call, "modal")
    _unique(call, given)
    trigger = _trigger(call)
    stack = call.box.views.stack(trigger.team, trigger.user)
    if trigger.view not in [view.id for view in stack]:
        raise Refusal("not_found")
    if len(stack) >= STACK:
        raise Refusal("push_limit_reached")
    view = modals.push(call.box, trigger.team, trigger.user, given)
    return {"view": modals.wire(call.box, view)}


@method(
    "views.update",
    tier="t4",
    takes_json=True,
    required=("view",),
    args={"view_id": str, "external_id": str, "view": dict, "hash": str},
)
def update(call: Call) -> Json:
    given = _view(call, "modal")
    if not (call.text("view_id") or call.text("external_id")):
        raise Refusal(
            "invalid_arguments",
            response_metadata={"messages": ["[ERROR] either view_id or external_id is required"]},
        )
    view = call.box.views.find(_teams(call), call.text("view_id"), call.text("external_id"))
    if view is None or view.given["type"] != "modal":
        raise Refusal("not_found")
    _guard(call, view)
    _unique(call, given, view)
    modals.replace(call.box, view, given)
    return {"view": modals.wire(call.box, view)}


def _guard(call: Call, view: View) -> None:
    if call.text("hash") and call.text("hash") != view.hash:
        raise Refusal("hash_conflict")


@method(
    "views.publish",
    tier="t4",
    takes_json=True,
    required=("user_id", "view"),
    args={"user_id": str, "view": dict, "hash": str},
)
def publish(call: Call) -> Json:
    given = _view(call, "home")
    person = call.box.world.person(call.text("user_id"))
    teams = _teams(call)
    if person is None or person.is_bot or person.team not in teams:
        raise Refusal("invalid_arguments", response_metadata={"messages": ["[ERROR] user_id is not known"]})
    before = call.box.views.homes.get((person.team, person.id))
    if before:
        _guard(call, before)
    _unique(call, given, before)
    view = modals.publish(call.box, person, given)
    return {"view": modals.wire(call.box, view)}
