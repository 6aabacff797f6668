"""conversations.history and conversations.replies."""

import re

from slack_sandbox import views
from slack_sandbox.api.paging import cursor_after, start_of
from slack_sandbox.api.registry import Call, Refusal, method
from slack_sandbox.model import Channel, Json, Message

HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
HISTORY_ARGS = {
    "channel": str,
    "cursor": str,
    "limit": int,
    "oldest": str,
    "latest": str,
    "inclusive": bool,
    "include_all_metadata": bool,
}
NON_MARKETPLACE_OBJECTS = 15


@method(
    "conversations.history",
    tier="t3",
    scopes=HISTORY,
    takes_json=True,
    required=("channel",),
    args=HISTORY_ARGS,
)
def history(call: Call) -> Json:
    channel = _readable(call)
    roots = [
        m for m in channel.messages.values() if not m.is_reply or m.wire.get("subtype") == "thread_broadcast"
    ]
    kept = [m for m in roots if _in_range(call, m) and not m.seen_only_by]
    return _messages(call, channel, list(reversed(kept))) | {"pin_count": len(channel.pins)}


@method(
    "conversations.replies",
    tier="t3",
    scopes=HISTORY,
    required=("channel", "ts"),
    args={**HISTORY_ARGS, "ts": str},
)
def replies(call: Call) -> Json:
    channel = _readable(call)
    asked = call.message(channel, "ts", "thread_not_found")
    root = (
        call.box.world.teams[call.team.id]
        .channels[channel.id]
        .messages.get(asked.thread_ts or asked.ts, asked)
    )
    kept = [root] + [reply for reply in channel.replies(root.ts) if _in_range(call, reply)]
    return _messages(call, channel, kept)


def _readable(call: Call) -> Channel:
    channel = call.channel()
    scope = "im:history" if channel.is_im else "groups:history" if channel.is_private else "channels:history"
    call.need(scope)
    if call.app.bot_user not in channel.members:
        raise Refusal("not_in_channel")
    return channel


def _in_range(call: Call, message: Message) -> bool:
    ts, inclusive = float(message.ts), call.flag("inclusive")
    oldest, latest = _stamp(call, "oldest", 0.0), _stamp(call, "latest", float("inf"))
    return oldest < ts < latest or (inclusive and ts in (oldest, latest))


def _stamp(call: Call, name: str, default: float) -> float:
    value = call.text(name)
    if value and not re.fullmatch(r"\d+(\.\d+)?", value):
        raise Refusal(f"invalid_ts_{name}")
    return float(value) if value else default


def _messages(call: Call, channel: Channel, found: list[Message]) -> Json:
    most = 1000 if call.box.limits.replies_per_minute is None else NON_MARKETPLACE_OBJECTS
    start, limit = start_of(call), min(most, call.number("limit", min(100, most), 1000))
    following = start + limit
    more = following < len(found)
    metadata = call.flag("include_all_metadata")
    answer: Json = {
        "messages": [views.full(channel, m, metadata) for m in found[start:following]],
        "has_more": more,
    }
    return answer | ({"response_metadata": {"next_cursor": cursor_after(following)}} if more else {})
