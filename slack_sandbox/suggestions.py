"""External selects: what a person types goes to the app's options address, which answers with at most 100 options."""

from slack_sandbox import blocks as kit
from slack_sandbox import filling_in, interactions, modals, people
from slack_sandbox.elements import options_of
from slack_sandbox.model import Json
from slack_sandbox.people import Wrong
from slack_sandbox.sandbox import Sandbox

NONE = "The options could not be loaded. Try again."
SHORTEST = 3
ANSWER = kit.Shape({"options": kit.many(kit.OPTION, 100, 0), "option_groups": kit.many(kit.GROUP, 100, 0)})


async def suggest(box: Sandbox, asked: Json) -> Json:
    """Asks for `action_id` with `query`, in the modal on top, or in the message at `channel` and `ts`."""
    where, element, place = _in_message(box, asked) if asked.get("ts") else _in_view(box, asked)
    if not element["type"].endswith("external_select"):
        raise Wrong("this element has its own options")
    query = str(asked.get("query") or "")
    if len(query) < element.get("min_query_length", SHORTEST):
        return {"options": [], "problem": None, "asked": False}
    payload = {"type": "block_suggestion", "action_id": element["action_id"], "value": query, **where}
    delivered = await interactions.send(box, payload, "/slack/options")
    options, problem = _read(delivered)
    if problem is None:
        offered = box.views.offered_in(place, str(where["user"]["id"]))
        kept = [one for one in offered.get(element["action_id"], []) if one not in options]
        offered[element["action_id"]] = [*kept, *options]
    told = {"options": options, "status": delivered.status, "problem": problem, "asked": True}
    return told | ({"sentence": NONE} if problem else {})


def _read(delivered: interactions.Delivered) -> tuple[list[Json], str | None]:
    if delivered.problem:
        return [], delivered.problem
    try:
        answer = delivered.json() or {}
    except ValueError as wrong:
        return [], f"invalid_response: {wrong}"
    problems = kit.Problems()
    ANSWER(answer, "", problems)
    if not problems and len({"options", "option_groups"} & set(answer)) != 1:
        problems.note("must have either options or option_groups", "")
    if problems:
        return [], f"invalid_response: {'; '.join(problems)}"
    return options_of(answer), None


def _in_view(box: Sandbox, asked: Json) -> tuple[Json, Json, str]:
    team, person, view = filling_in.shown(box, asked)
    block, element = filling_in.element_of(view, str(asked.get("action_id", "")))
    where = {
        **interactions.common(box, team, person),
        "container": {"type": "view", "view_id": view.id},
        "block_id": block["block_id"],
        "view": modals.wire(box, view),
    }
    return where, element, view.id


def _in_message(box: Sandbox, asked: Json) -> tuple[Json, Json, str]:
    place = people.place_of(box, asked)
    message = people.message_of(place.channel, asked)
    block, element = interactions.element_of(message, asked)
    channel = place.channel
    where = {
        **interactions.common(box, place.team, place.person),
        "container": {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": bool(message.seen_only_by),
        },
        "block_id": block["block_id"],
        "channel": {"id": channel.id, "name": channel.name or "directmessage"},
        "message": dict(message.wire),
    }
    return where, element, message.ts
