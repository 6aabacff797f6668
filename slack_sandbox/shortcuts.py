"""Shortcuts: of a message, from its *More actions*, and global ones, from the lightning in the composer."""

import time

from slack_sandbox import filling_in, interactions, people, responses
from slack_sandbox.model import Json, Person, Team
from slack_sandbox.options import Shortcut
from slack_sandbox.people import Wrong
from slack_sandbox.sandbox import Sandbox


async def run(box: Sandbox, asked: Json) -> Json:
    """A message's when `channel` and `ts` are given, else a global one."""
    wanted = str(asked.get("callback_id") or "")
    kind = "message" if asked.get("ts") else "global"
    known = [one for one in box.options.known_shortcuts if one.kind == kind]
    found = next((one for one in known if one.callback_id == wanted), None)
    if found is None:
        names = ", ".join(one.callback_id for one in known)
        raise Wrong(f"no {kind} shortcut {wanted!r}; there are {names}")
    payload = _of_message(box, asked, found) if kind == "message" else _global(box, asked, found)
    return (await interactions.send(box, payload)).wire


def _base(box: Sandbox, team: Team, person: Person, shortcut: Shortcut) -> Json:
    installed = team.installed
    if installed is None or "commands" not in installed.scopes:
        raise Wrong("the app is not installed, or lacks the scope commands")
    if person.team != team.id:
        raise Wrong("shortcuts are not there for people of other companies")
    return {
        **interactions.common(box, team, person),
        "callback_id": shortcut.callback_id,
        "action_ts": f"{time.time():.6f}",
        "trigger_id": box.triggers.issue(box.world, team, person),
    }


def _global(box: Sandbox, asked: Json, shortcut: Shortcut) -> Json:
    team, person = filling_in.whose(box, asked)
    return {"type": "shortcut", **_base(box, team, person, shortcut)}


def _of_message(box: Sandbox, asked: Json, shortcut: Shortcut) -> Json:
    place = people.place_of(box, asked)
    message, channel = people.message_of(place.channel, asked), place.channel
    if message.seen_only_by:
        raise Wrong("a message that only one person sees has no shortcuts")
    return {
        "type": "message_action",
        **_base(box, place.team, place.person, shortcut),
        "response_url": responses.issue(box, channel, place.person.id, family="app-actions"),
        "message_ts": message.ts,
        "channel": {"id": channel.id, "name": channel.name or "directmessage"},
        "message": dict(message.wire),
    }
