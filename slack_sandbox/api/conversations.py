"""conversations.* and users.conversations."""

import re

from slack_sandbox import views, workspace
from slack_sandbox.api.paging import page
from slack_sandbox.api.registry import Call, Refusal, method
from slack_sandbox.model import Channel, Json

READ = ("channels:read", "groups:read", "im:read", "mpim:read")
WRITE = ("channels:manage", "groups:write", "im:write", "mpim:write")
INVITE = ("channels:manage", "groups:write", "channels:write.invites", "groups:write.invites")
TOPIC = ("channels:manage", "groups:write", "channels:write.topic", "groups:write.topic")
KINDS = {"public_channel", "private_channel", "mpim", "im"}
TYPE_SCOPE = {
    "public_channel": "channels:read",
    "private_channel": "groups:read",
    "im": "im:read",
    "mpim": "mpim:read",
}
LISTING_ARGS = {"cursor": str, "limit": int, "types": str, "exclude_archived": bool, "team_id": str}


def _by_kind(call: Call, channel: Channel, public: tuple[str, ...], private: tuple[str, ...]) -> None:
    call.need(
        *(
            private
            if channel.is_private
            else ("im:write", "im:read", "im:history")
            if channel.is_im
            else public
        )
    )


def _managed(call: Call, *extra: str) -> Channel:
    """A channel that the bot may change: known, joined, of a kind the scopes cover, not archived."""
    channel = call.channel()
    public = ("channels:manage", *(scope for scope in extra if scope.startswith("channels")))
    private = ("groups:write", *(scope for scope in extra if scope.startswith("groups")))
    _by_kind(call, channel, public, private)
    if channel.is_im:
        raise Refusal("method_not_supported_for_channel_type")
    if call.app.bot_user not in channel.members:
        raise Refusal("not_in_channel")
    if channel.is_archived:
        raise Refusal("is_archived")
    return channel


def check_name(name: str) -> None:
    if not name.strip():
        raise Refusal("invalid_name_required")
    if len(name) > 80:
        raise Refusal("invalid_name_maxlength")
    if not re.search(r"[a-z0-9]", name.lower()):
        raise Refusal("invalid_name_punctuation")
    if not re.fullmatch(r"[a-z0-9_-]+", name):
        raise Refusal("invalid_name_specials")


@method(
    "conversations.create",
    tier="t2",
    scopes=WRITE,
    takes_json=True,
    args={"name": str, "is_private": bool, "team_id": str},
)
def create(call: Call) -> Json:
    name, private = call.text("name"), call.flag("is_private")
    call.need("groups:write" if private else "channels:manage")
    check_name(name)
    if "create" in call.team.forbidden:
        raise Refusal("restricted_action")
    if call.team.channel_named(name):
        raise Refusal("name_taken")
    channel = Channel(
        id=call.box.world.new_id("C"),
        team=call.team.id,
        name=name,
        creator=call.app.bot_user,
        created=int(float(call.box.world.new_ts())),
        is_private=private,
    )
    call.team.channels[channel.id] = channel
    if not private:
        facts = {"id": channel.id, "name": name, "created": channel.created, "creator": channel.creator}
        call.box.emit(
            call.team, {"type": "channel_created", "channel": facts}, lane=channel.id, scope="channels:read"
        )
    workspace.join(call.box, channel, call.bot)
    return {"channel": views.conversation(channel, call.app.bot_user)}


def _listed(call: Call, only_mine: bool) -> list[Json]:
    types = [kind.strip() for kind in (call.text("types") or "public_channel").split(",")]
    if not set(types) <= KINDS:
        raise Refusal("invalid_types")
    for kind in types:
        call.need(TYPE_SCOPE[kind])
    me = call.app.bot_user

    def wanted(channel: Channel) -> bool:
        kind = "im" if channel.is_im else "private_channel" if channel.is_private else "public_channel"
        visible = me in channel.members or (kind == "public_channel" and not only_mine)
        return kind in types and visible and not (channel.is_archived and call.flag("exclude_archived"))

    return [views.conversation(c, me) | _count(c) for c in call.team.channels.values() if wanted(c)]


def _count(channel: Channel) -> Json:
    return {} if channel.is_im else {"num_members": len(channel.members)}


@method("conversations.list", tier="t2", scopes=READ, args=LISTING_ARGS)
def listing(call: Call) -> Json:
    return page(call, "channels", _listed(call, only_mine=False))


@method("users.conversations", tier="t3", scopes=READ, args={**LISTING_ARGS, "user": str})
def mine(call: Call) -> Json:
    if call.text("user") not in ("", call.app.bot_user):
        raise Refusal(
            "user_not_found"
        )  # other people's memberships are not needed, so nothing can lean on them
    return page(call, "channels", _listed(call, only_mine=True))


@method(
    "conversations.info",
    tier="t3",
    scopes=READ,
    required=("channel",),
    args={"channel": str, "include_locale": bool, "include_num_members": bool},
)
def info(call: Call) -> Json:
    channel = call.channel()
    _by_kind(call, channel, ("channels:read",), ("groups:read",))
    shown = views.conversation(channel, call.app.bot_user)
    return {"channel": shown | (_count(channel) if call.flag("include_num_members") else {})}


@method(
    "conversations.join",
    tier="t3",
    scopes=("channels:join",),
    takes_json=True,
    args={"channel": str},
    required=("channel",),
)
def join(call: Call) -> Json:
    channel = call.channel()
    if channel.is_private or channel.is_im:
        raise Refusal("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise Refusal("is_archived")
    if call.app.bot_user in channel.members:
        warned = {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
        return {"channel": views.conversation(channel, call.app.bot_user), **warned}
    workspace.join(call.box, channel, call.bot)
    return {"channel": views.conversation(channel, call.app.bot_user)}


@method(
    "conversations.invite",
    tier="t3",
    scopes=INVITE,
    takes_json=True,
    required=("channel", "users"),
    args={"channel": str, "users": str, "force": bool},
)
def invite(call: Call) -> Json:
    channel = _managed(call, "channels:write.invites", "groups:write.invites")
    users = [user.strip() for user in call.text("users").split(",") if user.strip()]
    if len(users) > 100:
        raise Refusal("too_many_users")
    errors = [{"user": u, "ok": False, "error": e} for u in users if (e := _cannot_invite(call, channel, u))]
    if errors and not (call.flag("force") and len(errors) < len(users)):
        raise Refusal(str(errors[0]["error"]), errors=errors)
    for user in users:
        if not _cannot_invite(call, channel, user):
            workspace.join(call.box, channel, call.team.people[user], inviter=call.app.bot_user)
    shown = views.conversation(channel, call.app.bot_user)
    return {"channel": shown, "errors": errors} if errors else {"channel": shown}


def _cannot_invite(call: Call, channel: Channel, user: str) -> str:
    if user == call.app.bot_user:
        return "cant_invite_self"
    if user not in call.team.people or call.team.people[user].deleted:
        return "user_not_found"
    if user in channel.members:
        return "already_in_channel"
    # a single-channel guest has its one channel already
    single = call.team.people[user].is_ultra_restricted
    has_one = any(user in other.members and not other.is_im for other in call.team.channels.values())
    return "ura_max_channels" if single and has_one else ""


@method(
    "conversations.kick",
    tier="t3",
    scopes=("channels:manage", "groups:write"),
    takes_json=True,
    required=("channel",),
    args={"channel": str, "user": str},
)
def kick(call: Call) -> Json:
    channel = _managed(call)
    user = call.text("user")
    if user == call.app.bot_user:
        raise Refusal("cant_kick_self")
    if user not in channel.members:
        raise Refusal("not_in_channel" if user in call.team.people else "user_not_found")
    if channel.is_general:
        raise Refusal("cant_kick_from_general")
    workspace.leave(call.box, channel, call.team.people[user], actor=call.app.bot_user)
    return {}


@method(
    "conversations.members",
    tier="t4",
    scopes=READ,
    required=("channel",),
    args={"channel": str, "cursor": str, "limit": int},
)
def members(call: Call) -> Json:
    channel = call.channel()
    _by_kind(call, channel, ("channels:read",), ("groups:read",))
    return page(call, "members", channel.members)


@method(
    "conversations.open",
    tier="t3",
    scopes=("im:write", "mpim:write", "channels:manage", "groups:write"),
    takes_json=True,
    args={"channel": str, "users": str, "return_im": bool, "prevent_creation": bool},
)
def open_dm(call: Call) -> Json:
    call.need("im:write")
    if not call.text("users"):
        raise Refusal("users_list_not_supplied")
    user = call.team.people.get(call.text("users"))
    if user is None:
        raise Refusal("user_not_found")
    channel = direct(call, user.id)
    return {
        "channel": views.conversation(channel, call.app.bot_user)
        if call.flag("return_im")
        else {"id": channel.id}
    }


def direct(call: Call, user: str) -> Channel:
    return workspace.direct(call.box, call.team, call.app.bot_user, user)


@method(
    "conversations.leave",
    tier="t3",
    scopes=WRITE,
    takes_json=True,
    args={"channel": str},
    required=("channel",),
)
def leave(call: Call) -> Json:
    channel = call.channel()
    _by_kind(call, channel, ("channels:manage",), ("groups:write",))
    if channel.is_general:
        raise Refusal("cant_leave_general")
    if call.app.bot_user not in channel.members:
        return {"not_in_channel": True}
    workspace.leave(call.box, channel, call.bot)
    return {}


@method(
    "conversations.archive",
    tier="t2",
    scopes=WRITE,
    takes_json=True,
    args={"channel": str},
    required=("channel",),
)
def archive(call: Call) -> Json:
    if call.channel().is_archived:
        raise Refusal("already_archived")
    channel = _managed(call)
    if channel.is_general:
        raise Refusal("cant_archive_general")
    if "archive" in call.team.forbidden:
        raise Refusal("restricted_action")
    workspace.archive(call.box, channel, call.app.bot_user)
    return {}


@method(
    "conversations.unarchive",
    tier="t2",
    scopes=WRITE,
    takes_json=True,
    args={"channel": str},
    required=("channel",),
)
def unarchive(call: Call) -> Json:
    channel = call.channel()
    raise Refusal(
        "not_in_channel" if channel.is_archived else "not_archived"
    )  # bots lose their place on archiving


@method(
    "conversations.rename",
    tier="t2",
    scopes=WRITE,
    takes_json=True,
    required=("channel", "name"),
    args={"channel": str, "name": str},
)
def rename(call: Call) -> Json:
    channel = _managed(call)
    name = call.text("name")
    check_name(name)
    if channel.is_general or channel.creator != call.app.bot_user:
        raise Refusal("not_authorized")
    if call.team.channel_named(name) not in (None, channel):
        raise Refusal("name_taken")
    workspace.rename(call.box, channel, name)
    return {"channel": views.conversation(channel, call.app.bot_user)}


@method(
    "conversations.setTopic",
    tier="t2",
    scopes=TOPIC,
    takes_json=True,
    required=("channel", "topic"),
    args={"channel": str, "topic": str},
)
def set_topic(call: Call) -> Json:
    channel = _managed(call, "channels:write.topic", "groups:write.topic")
    if len(call.text("topic")) > 250:
        raise Refusal("too_long")
    workspace.set_topic(call.box, channel, call.app.bot_user, call.text("topic"))
    return {"channel": views.conversation(channel, call.app.bot_user)}


@method(
    "conversations.setPurpose",
    tier="t2",
    scopes=TOPIC,
    takes_json=True,
    required=("channel", "purpose"),
    args={"channel": str, "purpose": str},
)
def set_purpose(call: Call) -> Json:
    channel = _managed(call, "channels:write.topic", "groups:write.topic")
    if len(call.text("purpose")) > 250:
        raise Refusal("too_long")
    channel.purpose = call.text("purpose")
    call.box.tell_pages(call.team.id, {"type": "channels"})
    return {"channel": views.conversation(channel, call.app.bot_user)}
