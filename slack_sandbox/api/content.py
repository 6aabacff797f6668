"""What an app posts: text, blocks and metadata, checked and read as Slack does."""

import json
import re
from dataclasses import dataclass, field

from slack_sandbox import blocks as block_kit
from slack_sandbox import views
from slack_sandbox.api.registry import Call, Refusal
from slack_sandbox.model import Json
from slack_sandbox.mrkdwn import Reading, read_blocks

TEXT_KEPT = 40_000
METADATA_BYTES = 16_000
ATTACHMENTS = 100


@dataclass
class Content:
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    pings: list[Json] = field(default_factory=list)
    links: list[Json] = field(default_factory=list)

    @classmethod
    def of(cls, call: Call) -> "Content":
        blocks = _blocks(call)
        attachments = _attachments(call)
        _one_source(call, blocks, attachments)
        names = call.flag("link_names") or call.text("parse") == "full"
        reading = Reading(call.team, "text")
        source = call.text("text") or call.text("markdown_text")
        text = reading.read(source[:TEXT_KEPT], bare_links=call.text("parse") != "none", bare_names=names)
        read_blocks(call.team, blocks, reading)
        filled = block_kit.with_ids(blocks, lambda: call.box.world.secret(5))
        return cls(text, filled, attachments, metadata_of(call), reading.pings, reading.links)


def _one_source(call: Call, blocks: list[Json], attachments: list[Json]) -> None:
    if call.text("markdown_text"):
        if call.text("text") or blocks:
            raise Refusal("markdown_text_conflict")
        if len(call.text("markdown_text")) > 12_000:
            raise Refusal("msg_too_long")
    elif not (call.text("text").strip() or blocks or attachments):
        raise Refusal("no_text")


def _blocks(call: Call) -> list[Json]:
    given = call.structure("blocks", "invalid_blocks_format")
    if given is None:
        return []
    if not isinstance(given, list):
        raise Refusal("invalid_blocks_format")
    problems = block_kit.problems_of(given)
    if problems:
        messages = [f"[ERROR] {problem}" for problem in problems]
        raise Refusal("invalid_blocks", errors=list(problems), response_metadata={"messages": messages})
    if len(json.dumps(given)) > 250_000:
        raise Refusal("msg_blocks_too_long")
    return given


def _attachments(call: Call) -> list[Json]:
    given = call.structure("attachments", "invalid_attachments")
    if given is None:
        return []
    if not isinstance(given, list):
        raise Refusal("invalid_attachments")
    if len(given) > ATTACHMENTS:
        raise Refusal("too_many_attachments")
    return given


def metadata_of(call: Call) -> Json | None:
    given = call.structure("metadata", "invalid_metadata_format")
    if given is None:
        return None
    if not isinstance(given, dict) or set(given) - {"event_type", "event_payload"}:
        raise Refusal("invalid_metadata_format")
    kind, payload = given.get("event_type"), given.get("event_payload")
    if not isinstance(kind, str) or not kind or not isinstance(payload, dict):
        raise Refusal("invalid_metadata_format")
    if not re.fullmatch(r"[A-Za-z0-9_.:-]{1,255}", kind) or not all(map(_plain_entry, payload.items())):
        raise Refusal("invalid_metadata_schema")
    if len(json.dumps(given)) > METADATA_BYTES:
        raise Refusal("metadata_too_large")
    return given


def _plain_entry(entry: tuple[str, object]) -> bool:
    """Slack's own rule: snake_case keys, scalars or flat lists of scalars."""
    key, value = entry
    items = value if isinstance(value, list) else [value]
    flat = all(isinstance(item, str | int | float | bool) for item in items)
    return bool(re.fullmatch(r"[a-z][a-z0-9_]*", key)) and flat


def icons_of(call: Call) -> Json:
    if call.text("icon_emoji"):
        return {"emoji": call.text("icon_emoji")}
    url = call.text("icon_url")
    return {f"image_{size}": url for size in (36, 48, 72)} if re.match(r"https?://\S+$", url) else {}


def bot_wire(call: Call, ts: str, content: Content) -> Json:
    """The message as the app's own, or under a custom name, which has no `user`."""
    app = call.app
    wire: Json = {
        "type": "message",
        "ts": ts,
        "text": content.text,
        "bot_id": app.bot_id,
        "app_id": app.app_id,
    }
    if content.blocks:
        wire["blocks"] = content.blocks
    if content.attachments:
        wire["attachments"] = content.attachments
    if call.text("username"):
        icons = icons_of(call)
        return (
            wire
            | {"subtype": "bot_message", "username": call.text("username")[:255]}
            | ({"icons": icons} if icons else {})
        )
    return wire | {
        "user": app.bot_user,
        "team": call.team.id,
        "bot_profile": views.bot_profile(call.box, app),
    }
