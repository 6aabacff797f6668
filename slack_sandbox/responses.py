"""response_urls: what the app may post to one, and what Slack does with it."""

import time

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from slack_sandbox import blocks as block_kit
from slack_sandbox import workspace
from slack_sandbox.api.strikes import after, before
from slack_sandbox.given import read_json
from slack_sandbox.model import Channel, Json, Message, Team
from slack_sandbox.mrkdwn import Reading, read_blocks
from slack_sandbox.sandbox import ResponseUrl, Sandbox

RESPONSE_URL_LIVES = 1800


def issue(box: Sandbox, channel: Channel, user: str, message_ts: str = "", family: str = "actions") -> str:
    """`family` is the first part of its path, which differs with what it answers."""
    key = f"{channel.team}/{box.world.random.randrange(10**12)}/{box.world.secret()}"
    expires = time.time() + RESPONSE_URL_LIVES
    box.response_urls[key] = ResponseUrl(channel.team, channel.id, message_ts, user, expires)
    return f"{box.options.origin}/{family}/{key}"


class Responses:
    """POST /actions/…, /commands/… or /app-actions/…: what Slack does with a post to a response_url."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box

    def routes(self) -> list[BaseRoute]:
        families = ("actions", "app-actions", "commands")
        return [Route(f"/{one}/{{key:path}}", self.take, methods=["POST"]) for one in families]

    async def take(self, request: Request) -> Response:
        fault = self.box.faults.draw("response_url", {})
        spoiled = await before(request, fault) if fault else None
        if spoiled is not None:
            return spoiled
        answer = await self._take(request)
        return await after(request, fault, answer) if fault else answer

    async def _take(self, request: Request) -> Response:
        target = self.box.response_urls.get(request.path_params["key"])
        if target is None or target.expires < time.time():
            return PlainTextResponse("expired_url", 404)
        if target.uses_left == 0:
            return PlainTextResponse("used_url", 404)
        try:
            body = read_json(await request.body())
        except ValueError:
            return PlainTextResponse("invalid_payload", 400)
        if not isinstance(body, dict):
            return PlainTextResponse("invalid_payload", 400)
        problems = block_kit.problems_of(body.get("blocks") or [])
        if problems:
            return JSONResponse({"ok": False, "error": "invalid_blocks", "errors": problems}, 400)
        if not (body.get("delete_original") or body.get("text") or body.get("blocks")):
            return JSONResponse({"ok": False, "error": "no_text"}, 400)
        target.uses_left -= 1
        self._apply(target, body)
        return PlainTextResponse("ok")

    def _apply(self, target: ResponseUrl, body: Json) -> None:
        team = self.box.world.teams[target.team]
        channel = team.channels[target.channel]
        message = channel.messages.get(target.message_ts)
        if body.get("delete_original") and message:
            _remove(self.box, channel, message)
        elif body.get("replace_original") and message:
            _replace(self.box, channel, message, content_of(self.box, team, body))
        else:
            post(self.box, channel, target.user, body)


def _remove(box: Sandbox, channel: Channel, message: Message) -> None:
    """Nobody is told of what only one person saw."""
    if not message.seen_only_by:
        workspace.delete(box, channel, message)
        return
    channel.remove(message)
    gone = {"type": "deleted", "channel": channel.id, "ts": message.ts, "thread_ts": message.thread_ts}
    box.tell_pages(channel.team, gone)


def _replace(box: Sandbox, channel: Channel, message: Message, content: Json) -> None:
    if not message.seen_only_by:
        workspace.edit(box, channel, message, content, str(message.wire.get("user", "")))
        return
    message.wire = {key: value for key, value in {**message.wire, **content}.items() if value is not None}
    workspace.show(box, channel, message)


def content_of(box: Sandbox, team: Team, body: Json) -> Json:
    filled = block_kit.with_ids(body.get("blocks") or [], lambda: box.world.secret(5))
    text = Reading(team, "text").read(str(body.get("text") or ""), bare_links=True, bare_names=False)
    return {"text": text, "blocks": filled or None}


def post(box: Sandbox, channel: Channel, user: str, body: Json) -> Message:
    """A line of the app's own for `user` alone, or with `response_type: in_channel` for all."""
    team = box.world.teams[channel.team]
    installation, content = team.installed, content_of(box, team, body)
    ts, reading = box.world.new_ts(), Reading(team, "text")
    bot_id = installation.bot_id if installation else ""
    wire: Json = {"type": "message", "subtype": "bot_message", "ts": ts, "bot_id": bot_id}
    wire |= {key: value for key, value in content.items() if value}
    read_blocks(team, content["blocks"] or [], reading)
    shared = body.get("response_type") == "in_channel"
    if body.get("thread_ts") and shared:
        wire["thread_ts"] = body["thread_ts"]
    message = Message(ts, channel.id, wire, pings=reading.pings, links=reading.links)
    if shared:
        workspace.post(box, channel, message)
    else:
        whisper(box, channel, message, user)
    return message


def whisper(box: Sandbox, channel: Channel, message: Message, user: str) -> None:
    """Shown to one person, announced to nobody."""
    message.seen_only_by = user
    channel.add(message)
    workspace.show(box, channel, message)
