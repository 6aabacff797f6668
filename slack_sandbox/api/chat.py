"""chat.*, reactions.*, pins.add."""

import re

from slack_sandbox import workspace
from slack_sandbox.api.content import Content, bot_wire
from slack_sandbox.api.conversations import direct
from slack_sandbox.api.registry import Call, RateLimited, Refusal, method
from slack_sandbox.model import Channel, Json, Message
from slack_sandbox.responses import whisper

CONTENT_ARGS: dict[str, type] = {
    "channel": str,
    "text": str,
    "blocks": list,
    "attachments": list,
    "markdown_text": str,
    "metadata": dict,
    "link_names": bool,
    "parse": str,
    "as_user": bool,
}
CUSTOM_ARGS: dict[str, type] = {"username": str, "icon_url": str, "icon_emoji": str}
POST_ARGS: dict[str, type] = {
    **CONTENT_ARGS,
    **CUSTOM_ARGS,
    "mrkdwn": bool,
    "thread_ts": str,
    "reply_broadcast": bool,
    "unfurl_links": bool,
    "unfurl_media": bool,
}
NOT_THREADABLE = ("channel_join", "channel_leave", "channel_topic", "channel_name", "channel_archive")


@method(
    "chat.postMessage",
    tier="special",
    scopes=("chat:write",),
    takes_json=True,
    args=POST_ARGS,
    required=("channel",),
)
def post_message(call: Call) -> Json:
    channel = _target(call)
    custom_allowed(call)
    content = Content.of(call)
    root = _thread(call, channel)
    take_slot(call, channel)
    ts = call.box.world.new_ts()
    wire = bot_wire(call, ts, content) | ({"thread_ts": root.ts} if root else {})
    if root and call.flag("reply_broadcast"):
        wire.setdefault("subtype", "thread_broadcast")
    message = Message(ts, channel.id, wire, content.metadata, content.pings, content.links)
    workspace.post(call.box, channel, message)
    return {"channel": channel.id, "ts": ts, "message": dict(wire)}


def _target(call: Call) -> Channel:
    if call.text("channel").startswith("U") and call.text("channel") in call.team.people:
        return direct(call, call.text("channel"))
    channel = call.channel()
    if channel.is_archived:
        raise Refusal("is_archived")
    public = not channel.is_private and "chat:write.public" in call.app.scopes
    if call.app.bot_user not in channel.members and not public:
        raise Refusal("not_in_channel")
    return channel


def custom_allowed(call: Call) -> None:
    if any(call.text(name) for name in CUSTOM_ARGS):
        call.need("chat:write.customize")


def _thread(call: Call, channel: Channel) -> Message | None:
    wanted = call.text("thread_ts")
    if not wanted:
        return None
    if not re.fullmatch(r"\d{10}\.\d{6}", wanted):
        raise Refusal("invalid_thread_ts")
    root = channel.messages.get(wanted)
    if root is None or root.seen_only_by:
        raise Refusal("thread_not_found")
    if root.is_reply or root.wire.get("subtype") in NOT_THREADABLE:
        raise Refusal("cannot_reply_to_message")
    return root


def take_slot(call: Call, channel: Channel) -> None:
    wait = call.box.limits.wait_for_post(call.team.id, channel.id)
    if wait:
        raise RateLimited(wait, "rate_limited")


def _own(call: Call, error: str) -> tuple[Channel, Message]:
    channel = call.channel()
    message = call.message(channel, "ts")
    if message.wire.get("bot_id") != call.app.bot_id:
        raise Refusal(error)
    return channel, message


@method(
    "chat.update",
    tier="t3",
    scopes=("chat:write",),
    takes_json=True,
    required=("channel", "ts"),
    args={**CONTENT_ARGS, "ts": str, "reply_broadcast": bool, "file_ids": list},
)
def update(call: Call) -> Json:
    channel, message = _own(call, "cant_update_message")
    if channel.is_archived:
        raise Refusal("is_archived")
    if len(call.text("text")) > 4000:
        raise Refusal("msg_too_long")
    content = Content.of(call)
    changes: Json = {"text": content.text, "blocks": content.blocks or None}
    changes["attachments"] = content.attachments or None
    if message.by_custom_name:  # the name and picture given at posting do not survive an update
        changes |= {"username": None, "icons": None, "subtype": None, "user": call.app.bot_user}
    marked = content.text != message.wire.get("text") or not content.blocks
    message.pings, message.links = content.pings, content.links
    if content.metadata is not None:
        message.metadata = content.metadata
    workspace.edit(call.box, channel, message, changes, call.app.bot_user, marked)
    return {"channel": channel.id, "ts": message.ts, "text": content.text, "message": dict(message.wire)}


@method(
    "chat.delete",
    tier="t3",
    scopes=("chat:write",),
    takes_json=True,
    required=("channel", "ts"),
    args={"channel": str, "ts": str, "as_user": bool},
)
def delete(call: Call) -> Json:
    channel, message = _own(call, "cant_delete_message")
    if message.by_custom_name or message.wire.get("subtype") == "tombstone":
        raise Refusal("cant_delete_message")
    workspace.delete(call.box, channel, message)
    return {"channel": channel.id, "ts": message.ts}


@method(
    "chat.postEphemeral",
    tier="t4",
    scopes=("chat:write",),
    takes_json=True,
    required=("channel", "user"),
    args={**CONTENT_ARGS, **CUSTOM_ARGS, "user": str, "thread_ts": str},
)
def post_ephemeral(call: Call) -> Json:
    channel = call.channel()
    if channel.is_archived:
        raise Refusal("is_archived")
    if call.app.bot_user not in channel.members:
        raise Refusal("not_in_channel")
    if call.text("user") not in channel.members:
        raise Refusal("user_not_in_channel")
    custom_allowed(call)
    content, root = Content.of(call), _thread(call, channel)
    ts = call.box.world.new_ts()
    wire = bot_wire(call, ts, content) | ({"thread_ts": root.ts} if root else {}) | {"is_ephemeral": True}
    whisper(
        call.box,
        channel,
        Message(ts, channel.id, wire, pings=content.pings, links=content.links),
        call.text("user"),
    )
    return {"message_ts": ts}


@method(
    "chat.getPermalink",
    tier="special",
    required=("channel", "message_ts"),
    args={"channel": str, "message_ts": str},
)
def get_permalink(call: Call) -> Json:
    channel = call.channel()
    message = call.message(channel, "message_ts")
    path = f"https://{call.team.domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    thread = f"?thread_ts={message.thread_ts}&cid={channel.id}" if message.is_reply else ""
    return {"channel": channel.id, "permalink": path + thread}


REACTION_ARGS: dict[str, type] = {"channel": str, "name": str, "timestamp": str}


def _reaction(call: Call) -> tuple[Channel, Message, str]:
    channel = call.joined_channel()
    name = call.text("name")
    if not re.fullmatch(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?", name):
        raise Refusal("invalid_name")
    return channel, call.message(channel, "timestamp"), name


@method(
    "reactions.add",
    tier="t3",
    scopes=("reactions:write",),
    takes_json=True,
    required=("channel", "name", "timestamp"),
    args=REACTION_ARGS,
)
def reactions_add(call: Call) -> Json:
    channel, message, name = _reaction(call)
    if channel.is_archived:
        raise Refusal("is_archived")
    if call.app.bot_user in message.reactions.get(name, []):
        raise Refusal("already_reacted")
    workspace.react(call.box, channel, message, call.app.bot_user, name)
    return {}


@method(
    "reactions.remove",
    tier="t2",
    scopes=("reactions:write",),
    takes_json=True,
    required=("name",),
    args=REACTION_ARGS,
)
def reactions_remove(call: Call) -> Json:
    if not (call.text("channel") and call.text("timestamp")):
        raise Refusal("no_item_specified")
    channel, message, name = _reaction(call)
    if call.app.bot_user not in message.reactions.get(name, []):
        raise Refusal("no_reaction")
    workspace.react(call.box, channel, message, call.app.bot_user, name, add=False)
    return {}


@method(
    "pins.add",
    tier="t2",
    scopes=("pins:write",),
    takes_json=True,
    required=("channel",),
    args={"channel": str, "timestamp": str},
)
def pins_add(call: Call) -> Json:
    channel = call.joined_channel()
    if not call.text("timestamp"):
        raise Refusal("no_item_specified")
    message = call.message(channel, "timestamp")
    if message.ts in channel.pins:
        raise Refusal("already_pinned")
    channel.pins.append(message.ts)
    workspace.show(call.box, channel, message)
    return {}
