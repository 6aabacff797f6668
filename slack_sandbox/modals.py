"""Views as things that happen: opened, pushed, changed, published, and how payloads show them."""

import time

from slack_sandbox import blocks as kit
from slack_sandbox import view_kit
from slack_sandbox.elements import STATEFUL, Chooser, initial_of
from slack_sandbox.model import Json, Person
from slack_sandbox.open_views import View
from slack_sandbox.sandbox import Sandbox


def start(box: Sandbox, team: str, user: str, given: Json) -> View:
    """A new modal takes the place of whatever was open."""
    box.views.stack(team, user).clear()
    return push(box, team, user, given)


def push(box: Sandbox, team: str, user: str, given: Json) -> View:
    stack = box.views.stack(team, user)
    view = _made(box, team, user, given)
    if stack:
        view.root, view.previous = stack[0].id, stack[-1].id
    stack.append(view)
    tell(box, view)
    return view


def replace(box: Sandbox, view: View, given: Json) -> None:
    """What was filled in stays where the same input is still there."""
    view.given, view.hash = _filled(box, given), _hash(box)
    there = {element["action_id"] for block in view.blocks for element in view_kit.elements_of(block)}
    view.values = {action_id: raw for action_id, raw in view.values.items() if action_id in there}
    tell(box, view)


def publish(box: Sandbox, person: Person, given: Json) -> View:
    before = box.views.homes.get((person.team, person.id))
    if before:
        replace(box, before, given)
        return before
    view = _made(box, person.team, person.id, given)
    box.views.homes[person.team, person.id] = view
    tell(box, view)
    return view


def tell(box: Sandbox, view: View) -> None:
    kind = "home" if view.given["type"] == "home" else "modal"
    box.tell_pages(view.team, {"type": kind, "user": view.user})


def _made(box: Sandbox, team: str, user: str, given: Json) -> View:
    view_id = box.world.new_id("V")
    return View(view_id, team, user, _filled(box, given), _hash(box), view_id)


def _hash(box: Sandbox) -> str:
    return f"{int(time.time())}.{box.world.secret(8)}"


def _filled(box: Sandbox, given: Json) -> Json:
    return {**given, "blocks": kit.with_ids(given["blocks"], lambda: box.world.secret(5))}


def wire(box: Sandbox, view: View) -> Json:
    """The view as answers and payloads show it."""
    given, installation = view.given, box.world.teams[view.team].installed
    return {
        "id": view.id,
        "team_id": view.team,
        "type": given["type"],
        "blocks": view.blocks,
        "private_metadata": given.get("private_metadata") or "",
        "callback_id": given.get("callback_id") or "",
        "state": {"values": state_of(box, view)},
        "hash": view.hash,
        "title": given.get("title"),
        "clear_on_close": bool(given.get("clear_on_close")),
        "notify_on_close": bool(given.get("notify_on_close")),
        "close": given.get("close"),
        "submit": given.get("submit"),
        "previous_view_id": view.previous or None,
        "root_view_id": view.root,
        "app_id": box.options.app_id,
        "external_id": given.get("external_id") or "",
        "app_installed_team_id": view.team,
        "bot_id": installation.bot_id if installation else "",
    }


def state_of(box: Sandbox, view: View) -> Json:
    chooser = Chooser(box.world.teams[view.team], box.views.offered_in(view.id, view.user))
    values: Json = {}
    for block in view.blocks:
        for element in view_kit.elements_of(block):
            if element["type"] in STATEFUL:
                raw = view.values.get(element["action_id"], initial_of(element))
                values.setdefault(block["block_id"], {})[element["action_id"]] = chooser.chosen(element, raw)
    return values
