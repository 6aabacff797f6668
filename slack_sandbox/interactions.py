"""Clicks: block_actions to the app, and the response_url it may answer to. Commands and modals belong here too."""

import json
import time
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from slack_sandbox import blocks as block_kit
from slack_sandbox import people, workspace
from slack_sandbox.model import Channel, Json, Message, Team
from slack_sandbox.mrkdwn import Reading, read_blocks
from slack_sandbox.people import Wrong
from slack_sandbox.sandbox import ResponseUrl, Sandbox

FORM = "application/x-www-form-urlencoded"
RESPONSE_URL_LIVES = 1800


async def click(box: Sandbox, asked: Json) -> Json:
    """Presses a button, or picks an option when `value` names one of a menu."""
    place = people.place_of(box, asked)
    message = people.message_of(place.channel, asked)
    block, element = _element(message, str(asked.get("action_id", "")))
    installation = place.team.installed
    if installation is None or message.wire.get("bot_id") != installation.bot_id:
        raise Wrong("the app of this message is not installed any more")
    payload = _payload(box, place, message, _action(block, element, asked))
    return {
        "url": element.get("url"),
        **await deliver(box, "/slack/interactivity", {"payload": json.dumps(payload)}),
    }


async def deliver(box: Sandbox, path: str, fields: dict[str, str]) -> Json:
    """Not retried: whoever clicked sees that it did not work."""
    try:
        answer = await box.postman.call(path, urlencode(fields).encode(), FORM)
    except TimeoutError:
        return {"status": None, "problem": "operation_timeout"}
    except OSError:
        return {"status": None, "problem": "connection_failed"}
    return {"status": answer.status, "problem": None if 200 <= answer.status < 300 else "http_error"}


def _element(message: Message, action_id: str) -> tuple[Json, Json]:
    for block in message.wire.get("blocks", []):
        for element in [*block.get("elements", []), block.get("accessory") or {}]:
            if element.get("action_id") == action_id:
                return block, element
    raise Wrong(f"no button {action_id!r} on this message")


def _action(block: Json, element: Json, asked: Json) -> Json:
    action: Json = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]}
    for key in ("text", "value", "style", "confirm"):
        if key in element:
            action[key] = element[key]
    if "options" in element:
        picked = next((o for o in element["options"] if o["value"] == asked.get("value")), None)
        if picked is None:
            raise Wrong("which option? give its value")
        action["selected_option"] = picked
    return {**action, "action_ts": f"{time.time():.6f}"}


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
        "api_app_id": box.options.app_id,
        "token": "sandbox-verification-token",
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": team.id},
        "container": container,
        "trigger_id": _trigger_id(box),
        "team": {"id": team.id, "domain": team.domain},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": channel.id, "name": channel.name or "directmessage"},
        "message": dict(message.wire),
        "state": {"values": {}},
        "response_url": _response_url(box, channel, message, person.id),
        "actions": [action],
    }


def _trigger_id(box: Sandbox) -> str:
    return f"{box.world.random.randrange(10**12)}.{box.world.random.randrange(10**9)}.{box.world.secret(32)}"


def _response_url(box: Sandbox, channel: Channel, message: Message, user: str) -> str:
    key = f"{channel.team}/{box.world.random.randrange(10**12)}/{box.world.secret()}"
    box.response_urls[key] = ResponseUrl(
        channel.team, channel.id, message.ts, user, time.time() + RESPONSE_URL_LIVES
    )
    return f"{box.options.origin}/actions/{key}"


class Responses:
    """POST /actions/…: what Slack does with a post to a response_url."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box

    async def __call__(self, request: Request) -> Response:
        target = self.box.response_urls.get(request.path_params["key"])
        if target is None or target.expires < time.time():
            return PlainTextResponse("expired_url", 404)
        if target.uses_left == 0:
            return PlainTextResponse("used_url", 404)
        try:
            body = json.loads(await request.body())
        except ValueError:
            return PlainTextResponse("invalid_payload", 400)
        problems = block_kit.problems_of(body.get("blocks") or [])
        if problems:
            return JSONResponse({"ok": False, "error": "invalid_blocks", "errors": problems}, 400)
        target.uses_left -= 1
        self._apply(target, body)
        return PlainTextResponse("ok")

    def _apply(self, target: ResponseUrl, body: Json) -> None:
        team = self.box.world.teams[target.team]
        channel = team.channels[target.channel]
        message = channel.messages.get(target.message_ts)
        if body.get("delete_original") and message:
            workspace.delete(self.box, channel, message)
            return
        content = self._content(team, body)
        if body.get("replace_original") and message:
            workspace.edit(self.box, channel, message, content, str(message.wire.get("user", "")))
            return
        self._post(channel, target, body, content)

    def _content(self, team: Team, body: Json) -> Json:
        filled = block_kit.with_ids(body.get("blocks") or [], lambda: self.box.world.secret(5))
        text = Reading(team, "text").read(str(body.get("text", "")), bare_links=True, bare_names=False)
        return {"text": text, "blocks": filled or None}

    def _post(self, channel: Channel, target: ResponseUrl, body: Json, content: Json) -> None:
        team = self.box.world.teams[target.team]
        installation = team.installed
        ts, reading = self.box.world.new_ts(), Reading(team, "text")
        wire = {
            "type": "message",
            "subtype": "bot_message",
            "ts": ts,
            "bot_id": installation.bot_id if installation else "",
        }
        wire |= {key: value for key, value in content.items() if value}
        read_blocks(team, content["blocks"] or [], reading)
        shared = body.get("response_type") == "in_channel"
        if body.get("thread_ts") and shared:
            wire["thread_ts"] = body["thread_ts"]
        message = Message(ts, channel.id, wire, pings=reading.pings, links=reading.links)
        if shared:
            workspace.post(self.box, channel, message)
            return
        message.seen_only_by = target.user
        channel.add(message)
        workspace.show(self.box, channel, message)
