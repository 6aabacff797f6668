"""Slack's JSON shapes of what the sandbox knows, and the shapes its own page draws."""

import time
import zlib
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


def emoji_picture(box: Sandbox, name: str) -> str:
    """A picture for an emoji that came without one: its colour is its name's."""
    return f"{box.options.origin}/avatars/app-{zlib.crc32(name.encode()) & 0xFFFFFF:06x}-72.png"


def user(box: Sandbox, person: Person, with_email: bool = False, seen_by: str = "") -> Json:
    """`seen_by`: the team that asks; of somebody else's people it learns less."""
    stranger = bool(seen_by) and person.team != seen_by
    shown = profile(box, person)
    if with_email and person.email and not stranger:
        shown["email"] = person.email
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
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": int(time.time()),
        "is_email_confirmed": True,
        "who_can_share_contact_card": "EVERYONE",
    } | ({"is_stranger": True} if stranger else _of_org(box, person))


def _of_org(box: Sandbox, person: Person) -> Json:
    """People of an organisation carry what they are in all of it."""
    team = box.world.teams[person.team]
    org = box.world.org_of(team)
    if org is None:
        return {}
    shown = {
        "id": person.id,
        "enterprise_id": org.id,
        "enterprise_name": org.name,
        "is_admin": person.is_admin,
        "is_owner": person.is_owner,
        "teams": [team.id],
    }
    return {"enterprise_user": shown}


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
        "is_shared": bool(channel.shared_with),
        "is_frozen": False,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "context_team_id": channel.team,
        "updated": channel.created * 1000,
        "parent_conversation": None,
        "creator": channel.creator,
        "is_ext_shared": bool(channel.shared_with),
        "shared_team_ids": [channel.team, *channel.shared_with],
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
        "team_id": installation.team or installation.enterprise,
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
        "previews": [_preview(team, one) for one in wire.get("attachments", [])],
        "prompts": [_prompt(team, one) for one in message.prompts],
        "pinned": message.ts in channel.pins,
        "only_for": message.seen_only_by,
    }


def drawn(team: Team, view: Json) -> Json:
    """A modal or Home tab as the page draws it."""
    return {**view, "blocks": [_drawn(team, block) for block in view["blocks"]]}


def _preview(team: Team, attachment: Json) -> Json:
    """A preview below a message: its blocks, or the title and text of an older kind."""
    blocks = [_drawn(team, block) for block in attachment.get("blocks") or []]
    texts = (str(attachment.get(key) or "") for key in ("title", "text"))
    plain = [block for text in texts for block in _plain_block(team, text)]
    return {"url": attachment.get("from_url", ""), "blocks": blocks or plain}


def _prompt(team: Team, prompt: Json) -> Json:
    return {**prompt, "blocks": _plain_block(team, prompt["message"])}


def glyph(name: str) -> str:
    """The character of an emoji name, or '' for an unknown one."""
    known = richtext.emoji(name.strip(":"))
    if known is None:
        return ""
    tone = chr(0x1F3FB + known["skin_tone"] - 2) if "skin_tone" in known else ""
    return "".join(chr(int(point, 16)) for point in known["unicode"].split("-")) + tone


def author(box: Sandbox, team: Team, message: Message) -> Json:
    wire = message.wire
    installed = team.installed
    by_us = bool(installed and wire.get("bot_id") == installed.bot_id)
    user = wire.get("user") or (installed.bot_user if installed and by_us else "")
    person = box.world.person(str(user))
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
    if item.get("type") == "emoji" and not item.get("unicode"):
        return {**item, "url": _own_emoji(team, str(item.get("name")))}
    return _drawn(team, item)


def _own_emoji(team: Team, name: str) -> str:
    """Aliases may lead in a circle, and then nowhere."""
    for _ in range(5):
        value = team.emoji.get(name, "")
        if not value.startswith("alias:"):
            return value
        name = value.removeprefix("alias:")
    return ""


def page_of(items: Iterable[Json], start: int, limit: int) -> tuple[list[Json], int | None]:
    """A slice, and where the next one begins."""
    everything = list(items)
    following = start + limit
    return everything[start:following], following if following < len(everything) else None
