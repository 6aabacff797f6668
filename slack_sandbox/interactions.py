"""What people press in messages, and how every interaction reaches the app: signed, once, answered within 3 s."""

import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from slack_sandbox import elements, people, responses
from slack_sandbox.given import read_json
from slack_sandbox.model import Json, Message, Person, Team
from slack_sandbox.people import Wrong
from slack_sandbox.sandbox import Sandbox

FORM = "application/x-www-form-urlencoded"
TOKEN = "sandbox-verification-token"


@dataclass(frozen=True)
class Delivered:
    """What came of it; `problem` is Slack's word for what went wrong."""

    status: int | None = None
    problem: str | None = None
    kind: str = ""
    """The answer's content type."""
    body: bytes = b""

    @property
    def wire(self) -> Json:
        return {"status": self.status, "problem": self.problem}

    def json(self) -> Any:
        """None for an empty answer. Raises ValueError for one that is no JSON or does not say so."""
        if not self.body.strip():
            return None
        if not self.kind.startswith("application/json"):
            raise ValueError("the answer is not application/json")
        return read_json(self.body)


async def click(box: Sandbox, asked: Json) -> Json:
    """Presses a button, or picks an option when `value` names one of a menu."""
    place = people.place_of(box, asked)
    message = people.message_of(place.channel, asked)
    block, element = element_of(message, asked)
    installation = place.team.installed
    preview = _preview_with(message, block)
    owner = (preview or message.wire).get("bot_id")
    if installation is None or owner != installation.bot_id:
        raise Wrong("the app of this message is not installed any more")
    asked_for = elements.Chooser(place.team, box.views.offered_in(message.ts, place.person.id))
    chosen = asked_for.chosen(element, asked.get("value"), picked=True)
    payload = _payload(box, place, message, action_of(block, element, chosen))
    if preview:
        payload = _in_preview(payload, preview)
    return {"url": element.get("url"), **(await send(box, payload)).wire}


async def send(box: Sandbox, payload: Json, path: str = "/slack/interactivity") -> Delivered:
    return await deliver(box, path, {"payload": json.dumps(payload)})


async def deliver(box: Sandbox, path: str, fields: dict[str, str]) -> Delivered:
    """Not retried: whoever clicked sees that it did not work."""
    try:
        if box.postman.sockets.on:
            return await _over_socket(box, path, fields)
        answer = await box.postman.call(path, urlencode(fields).encode(), FORM)
    except TimeoutError:
        return Delivered(problem="operation_timeout")
    except OSError:
        return Delivered(problem="connection_failed")
    problem = None if 200 <= answer.status < 300 else "http_error"
    return Delivered(answer.status, problem, answer.headers.get("content-type", ""), answer.body)


async def _over_socket(box: Sandbox, path: str, fields: dict[str, str]) -> Delivered:
    """Commands, options and submissions may be answered in the acknowledgement itself."""
    is_command = path == "/slack/commands"
    payload: Json = dict(fields) if is_command else json.loads(fields["payload"])
    kind = "slash_commands" if is_command else "interactive"
    answers = is_command or payload.get("type") in ("block_suggestion", "view_submission")
    answer = await box.postman.sockets.send(kind, payload, answers=answers)
    return Delivered(200, None, "application/json", json.dumps(answer).encode() if answer else b"")


def element_of(message: Message, asked: Json) -> tuple[Json, Json]:
    """By `action_id`, and by `block_id` where several blocks have such an element."""
    action_id, block_id = str(asked.get("action_id", "")), asked.get("block_id")
    previews = [block for one in message.wire.get("attachments", []) for block in one.get("blocks") or []]
    for block in [*message.wire.get("blocks", []), *previews]:
        if block_id not in (None, block.get("block_id")):
            continue
        for element in [*block.get("elements", []), block.get("accessory") or {}]:
            if element.get("action_id") == action_id:
                return block, element
    raise Wrong(f"no button {action_id!r} on this message")


def _preview_with(message: Message, block: Json) -> Json | None:
    """The app's preview that a block stands in."""
    known = message.wire.get("attachments", [])
    return next((one for one in known if block in (one.get("blocks") or [])), None)


def action_of(block: Json, element: Json, chosen: Json) -> Json:
    """One of a payload's `actions`; `chosen` is the element's value as its state tells it."""
    action: Json = {"action_id": element["action_id"], "block_id": block["block_id"]}
    kept = ("text", "value", "style", "confirm") if element["type"] == "button" else ("confirm",)
    action |= {key: element[key] for key in kept if key in element}
    return {**action, **chosen, "action_ts": f"{time.time():.6f}"}


def _payload(box: Sandbox, place: people.Place, message: Message, action: Json) -> Json:
    team, channel, person = place.team, place.channel, place.person
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": bool(message.seen_only_by),
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    return {
        "type": "block_actions",
        **common(box, team, person),
        "container": container,
        "trigger_id": box.triggers.issue(box.world, team, person),
        "channel": {"id": channel.id, "name": channel.name or "directmessage"},
        "message": dict(message.wire),
        "state": {"values": {}},
        "response_url": responses.issue(box, channel, person.id, message.ts),
        "actions": [action],
    }


def _in_preview(payload: Json, preview: Json) -> Json:
    """Below somebody's message the app learns of its own preview, not of the message."""
    url = preview["app_unfurl_url"]
    shown = {
        key: preview[key] for key in ("id", "blocks", "app_unfurl_url", "is_app_unfurl", "bot_id", "app_id")
    }
    container = {
        **payload["container"],
        "type": "message_attachment",
        "attachment_id": preview["id"],
        "is_app_unfurl": True,
        "app_unfurl_url": url,
    }
    kept = {key: value for key, value in payload.items() if key not in ("message", "state")}
    return {**kept, "container": container, "app_unfurl": shown}


def common(box: Sandbox, team: Team, person: Person) -> Json:
    """What every payload carries."""
    return {
        "api_app_id": box.options.app_id,
        "token": TOKEN,
        "user": {
            "id": person.id,
            "username": person.name,
            "name": person.name,
            "team_id": box.world.known_as(person),
        },
        **_installed_in(box, team),
    }


def _installed_in(box: Sandbox, team: Team) -> Json:
    """With an organisation's installation, Slack names the organisation alone."""
    if team.installed and (org := box.world.orgs.get(team.installed.enterprise)):
        return {"team": None, "enterprise": {"id": org.id, "name": org.name}, "is_enterprise_install": True}
    org = box.world.org_of(team)
    return {
        "team": {"id": team.id, "domain": team.domain} | ({"enterprise_id": org.id} if org else {}),
        "enterprise": {"id": org.id, "name": org.name} if org else None,
        "is_enterprise_install": False,
    }
