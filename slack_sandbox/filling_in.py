"""What people do with a modal: fill in, press, submit, close; and the suggestions they are shown on the way."""

from typing import Any

from slack_sandbox import interactions, modals, people, view_kit
from slack_sandbox.elements import STATEFUL, Chooser
from slack_sandbox.model import Json, Person, Team
from slack_sandbox.open_views import STACK, View
from slack_sandbox.people import Wrong
from slack_sandbox.sandbox import Sandbox
from slack_sandbox.view_checks import errors_of

TROUBLE = "We had some trouble connecting. Try again?"


def whose(box: Sandbox, asked: Json) -> tuple[Team, Person]:
    team = people.team_of(box, {key: asked.get(key) for key in ("team", "user")})
    person = team.person(str(asked.get("user", "")))
    if person is None:
        raise Wrong(f"nobody called {asked.get('user')!r} in {team.name}")
    return team, person


def on_top(box: Sandbox, asked: Json) -> tuple[Team, Person, View]:
    team, person = whose(box, asked)
    stack = box.views.stack(team.id, person.id)
    if not stack:
        raise Wrong(f"no modal is open for {person.shown_name}")
    return team, person, stack[-1]


def look(box: Sandbox, asked: Json) -> Json:
    """The modal that a person sees; `view` is null when there is none."""
    team, person = whose(box, asked)
    stack = box.views.stack(team.id, person.id)
    return {"view": modals.wire(box, stack[-1]) if stack else None, "depth": len(stack)}


def fill_in(box: Sandbox, team: Team, view: View, values: object) -> None:
    """`values` by action_id or block_id; each must fit its element. Raises Wrong for others."""
    given = dict(values) if isinstance(values, dict) else {}
    chooser = Chooser(team, box.views.offered_in(view.id, view.user))
    for block in view.blocks:
        for element in view_kit.elements_of(block):
            keys = [key for key in (element["action_id"], block["block_id"]) if key in given]
            if element["type"] in STATEFUL and keys:
                chooser.chosen(element, given[keys[0]])
                view.values[element["action_id"]] = given[keys[0]]
    known = {b["block_id"] for b in view.blocks}
    known |= {e["action_id"] for b in view.blocks for e in view_kit.elements_of(b)}
    if unknown := sorted(set(given) - known):
        raise Wrong(f"the modal has no field {', '.join(unknown)}; there are {', '.join(sorted(known))}")


async def submit(box: Sandbox, asked: Json) -> Json:
    """Answers `status` and `problem`, `errors` by block_id, and the `view` on top afterwards."""
    team, person, view = on_top(box, asked)
    fill_in(box, team, view, asked.get("values"))
    if not view.given.get("submit"):
        raise Wrong("this modal has nothing to submit")
    errors = errors_of(view, modals.state_of(box, view))
    if errors:
        return {"sent": False, "errors": errors, **look(box, asked)}
    payload = {
        "type": "view_submission",
        **interactions.common(box, team, person),
        "trigger_id": box.triggers.issue(box.world, team, person, view.id),
        "view": modals.wire(box, view),
        "response_urls": [],
    }
    delivered = await interactions.send(box, payload)
    problem, errors = delivered.problem, {}
    if problem is None:
        try:
            errors = _respond(box, view, delivered.json())
        except (ValueError, KeyError, TypeError, AttributeError) as wrong:
            problem = f"invalid_response: {wrong}"
    told = {"status": delivered.status, "problem": problem, "errors": errors, **look(box, asked)}
    return {"sent": True, **told, **({"sentence": TROUBLE} if problem else {})}


def _respond(box: Sandbox, view: View, answer: Any) -> Json:
    """Does what the app answered to a submission. Raises ValueError for an answer that Slack does not take."""
    action = answer.get("response_action") if answer else ""
    if not answer:
        _close(box, view)
    elif action == "errors":
        return _errors(view, answer["errors"])
    elif action == "clear":
        box.views.stack(view.team, view.user).clear()
        modals.tell(box, view)
    elif action == "update":
        modals.replace(box, view, _checked(answer["view"]))
    elif action == "push":
        if len(box.views.stack(view.team, view.user)) >= STACK:
            raise ValueError("no more than 3 views may lie on one another")
        modals.push(box, view.team, view.user, _checked(answer["view"]))
    else:
        raise ValueError(f"no response_action {action!r}")
    return {}


def _errors(view: View, errors: Json) -> Json:
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not errors or set(errors) - inputs:
        raise ValueError(f"errors stand beside input blocks: {', '.join(sorted(inputs))}")
    return errors


def _checked(view: Any) -> Json:
    problems = view_kit.problems_of(view, "modal")
    if problems or view_kit.too_large(view):
        raise ValueError("; ".join(problems) or "view_too_large")
    return dict(view)


def _close(box: Sandbox, view: View) -> None:
    """Unless the app has opened another one in the meantime."""
    stack = box.views.stack(view.team, view.user)
    if view in stack:
        stack.remove(view)
    modals.tell(box, view)


async def close(box: Sandbox, asked: Json) -> Json:
    """Closes the view on top, or with `all` or `clear_on_close` the whole stack."""
    team, person, view = on_top(box, asked)
    stack = box.views.stack(team.id, person.id)
    cleared = bool(asked.get("all") or view.given.get("clear_on_close"))
    closed = list(reversed(stack)) if cleared else [view]
    for one in closed:
        stack.remove(one)
    modals.tell(box, view)
    for one in closed:
        if one.given.get("notify_on_close"):
            payload = {"type": "view_closed", **interactions.common(box, team, person)}
            payload |= {"view": modals.wire(box, one), "is_cleared": cleared}
            await interactions.send(box, payload)
    return look(box, asked)


async def press(box: Sandbox, asked: Json) -> Json:
    """A button, a menu or an input with `dispatch_action` in the modal on top, or with `home` in the Home tab."""
    team, person, view = shown(box, asked)
    block, element = element_of(view, str(asked.get("action_id", "")), asked.get("block_id"))
    fill_in(box, team, view, asked.get("values"))
    if block["type"] == "input" and not block.get("dispatch_action"):
        raise Wrong("this input tells nothing before the modal is submitted")
    if element["type"] in STATEFUL:
        view.values[element["action_id"]] = asked.get("value")
    chooser = Chooser(team, box.views.offered_in(view.id, person.id))
    chosen = chooser.chosen(element, asked.get("value"))
    payload = {
        "type": "block_actions",
        **interactions.common(box, team, person),
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": box.triggers.issue(box.world, team, person, view.id),
        "view": (told := modals.wire(box, view)),
        "state": told["state"],
        "actions": [interactions.action_of(block, element, chosen)],
    }
    return {"url": element.get("url"), **(await interactions.send(box, payload)).wire}


def shown(box: Sandbox, asked: Json) -> tuple[Team, Person, View]:
    if not asked.get("home"):
        return on_top(box, asked)
    team, person = whose(box, asked)
    view = box.views.homes.get((team.id, person.id))
    if view is None:
        raise Wrong(f"the app has published no Home tab for {person.shown_name}")
    return team, person, view


def element_of(view: View, action_id: str, block_id: Any = None) -> tuple[Json, Json]:
    """The first of this name, in the block if one is named."""
    for block in view.blocks:
        if block_id not in (None, block["block_id"]):
            continue
        for element in view_kit.elements_of(block):
            if element["action_id"] == action_id:
                return block, element
    raise Wrong(f"nothing called {action_id!r} in this view")
