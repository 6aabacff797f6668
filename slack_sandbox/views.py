"""Slack's JSON shapes of what the sandbox knows, and the shapes its own page draws."""

import time
from collections.abc import Iterable

from slack_sandbox import richtext
from slack_sandbox.model import Channel, Installation, Json, Message, Person, Team
from slack_sandbox.sandbox import Sandbox

IMAGE_SIZES = (24, 32, 48, 72, 192, 512)


def avatar(box: Sandbox, person: Person, size: int) -> str:
    return f"{box.options.origin}/avatars/{'app' if person.is_bot else person.id}-{person.color}-{size}.png"


def profile(box: Sandbox, person: Person) -> Json:
    shown: Json = {
        "title": person.title,
        "phone": "",
        "skype": "",
        "avatar_hash": person.color,
        "status_text": "",
        "status_emoji": "",
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        "display_name": person.display_name,
        "display_name_normalized": person.display_name,
        "team": person.team,
    }
    shown |= {f"image_{size}": avatar(box, person, size) for size in IMAGE_SIZES}
    return shown | ({"bot_id": person.bot_id, "api_app_id": person.app_id} if person.is_bot else {})


def user(box: Sandbox, person: Person, with_email: bool = False) -> Json:
    shown = profile(box, person) | ({"email": person.email} if with_email and person.email else {})
    return {
        "id": person.id,
        "team_id": person.team,
        "name": person.name,
        "deleted": person.deleted,
        "color": person.color,
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": person.tz,
        "tz_offset": 0,
        "profile": shown,
        "is_admin": person.is_admin,
        "is_owner": person.is_owner,
        "is_primary_owner": person.is_owner,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": int(time.time()),
        "is_email_confirmed": True,
        "who_can_share_contact_card": "EVERYONE",
    }


def conversation(channel: Channel, viewer: str) -> Json:
    if channel.is_im:
        return {
            "id": channel.id,
            "created": channel.created,
            "is_archived": False,
            "is_im": True,
            "is_org_shared": False,
            "user": channel.im_user,
            "is_user_deleted": False,
            "priority": 0,
        }
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": True,
        "is_group": False,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "created": channel.created,
        "is_archived": channel.is_archived,
        "is_general": channel.is_general,
        "unlinked": 0,
        "name_normalized": channel.name,
        "is_shared": False,
        "is_frozen": False,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "context_team_id": channel.team,
        "updated": channel.created * 1000,
        "parent_conversation": None,
        "creator": channel.creator,
        "is_ext_shared": False,
        "shared_team_ids": [channel.team],
        "pending_connected_team_ids": [],
        "is_member": viewer in channel.members,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": channel.purpose, "creator": "", "last_set": 0},
        "previous_names": channel.previous_names,
    }


def bot_profile(box: Sandbox, installation: Installation) -> Json:
    icons = {f"image_{size}": f"{box.options.origin}/avatars/app-4338ca-{size}.png" for size in (36, 48, 72)}
    return {
        "id": installation.bot_id,
        "app_id": installation.app_id,
        "name": box.options.app_name,
        "icons": icons,
        "deleted": False,
        "updated": 1_700_000_000,
        "team_id": installation.team,
        "user_id": installation.bot_user,
    }


def full(channel: Channel, message: Message, with_metadata: bool = False) -> Json:
    """A message as history shows it."""
    shown = dict(message.wire)
    replies = channel.replies(message.ts)
    if replies:
        shown |= _counters(message, replies)
    if message.is_reply and (root := channel.messages.get(message.thread_ts)) and "user" in root.wire:
        shown["parent_user_id"] = root.wire["user"]
    if message.reactions:
        shown["reactions"] = [
            {"name": n, "users": users, "count": len(users)} for n, users in message.reactions.items()
        ]
    if with_metadata and message.metadata:
        shown["metadata"] = message.metadata
    return shown


def _counters(message: Message, replies: list[Message]) -> Json:
    users = list(dict.fromkeys(str(r.wire.get("user") or r.wire.get("bot_id")) for r in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users_count": len(users),
        "latest_reply": replies[-1].ts,
        "reply_users": users[:5],
        "is_locked": False,
        "subscribed": False,
    }


def shown(box: Sandbox, team: Team, channel: Channel, message: Message) -> Json:
    """A message as the sandbox's page draws it: every text already taken apart into rich_text leaves."""
    wire = full(channel, message)
    wire.pop("blocks", None)
    blocks = message.wire.get("blocks") or []
    rich = [_drawn(team, block) for block in blocks] or _plain_block(team, str(message.wire.get("text", "")))
    return {
        **wire,
        "channel": channel.id,
        "reactions": [{**one, "glyph": glyph(one["name"])} for one in wire.get("reactions", [])],
        "author": author(box, team, message),
        "drawn": rich,
        "pinned": message.ts in channel.pins,
        "only_for": message.seen_only_by,
    }


def glyph(name: str) -> str:
    """The character of an emoji name, or '' for an unknown one."""
    known = richtext.emoji(name.strip(":"))
    if known is None:
        return ""
    tone = chr(0x1F3FB + known["skin_tone"] - 2) if "skin_tone" in known else ""
    return "".join(chr(int(point, 16)) for point in known["unicode"].split("-")) + tone


def author(box: Sandbox, team: Team, message: Message) -> Json:
    wire = message.wire
    person = team.people.get(str(wire.get("user", "")))
    if wire.get("username"):
        icon = wire.get("icons", {}).get("image_48", "")
        return {
            "name": wire["username"],
            "image": icon,
            "emoji": glyph(wire.get("icons", {}).get("emoji", "")),
            "app": True,
        }
    if person is None:
        return {"name": "Slackbot", "image": "", "emoji": "", "app": True}
    return {"name": person.shown_name, "image": avatar(box, person, 72), "emoji": "", "app": person.is_bot}


def _plain_block(team: Team, text: str) -> list[Json]:
    return [{"type": "rich_text", "elements": richtext.parse(text, team, typed=False)}] if text else []


def _drawn(team: Team, value: Json) -> Json:
    return {key: _drawn_value(team, item) for key, item in value.items()}


def _drawn_value(team: Team, item: object) -> object:
    if isinstance(item, list):
        return [_drawn_value(team, one) for one in item]
    if not isinstance(item, dict):
        return item
    if item.get("type") == "mrkdwn":
        return {"type": "mrkdwn", "elements": richtext.parse(str(item["text"]), team, typed=False)}
    return _drawn(team, item)


def page_of(items: Iterable[Json], start: int, limit: int) -> tuple[list[Json], int | None]:
    """A slice, and where the next one begins."""
    everything = list(items)
    following = start + limit
    return everything[start:following], following if following < len(everything) else None
