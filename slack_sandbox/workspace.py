"""What happens in a workspace: each act changes the world, tells the app by events and tells open pages."""

from dataclasses import replace

from slack_sandbox import views
from slack_sandbox.model import Channel, Json, Message, Person, Team
from slack_sandbox.sandbox import HISTORY_SCOPE, READ_SCOPE, Sandbox

TOMBSTONE = {
    "type": "message",
    "subtype": "tombstone",
    "text": "This message was deleted.",
    "user": "USLACKBOT",
    "hidden": True,
}


def post(box: Sandbox, channel: Channel, message: Message) -> str:
    """Adds a message and announces it; returns the event's id, or '' when the app learns nothing."""
    channel.add(message)
    show(box, channel, message)
    event = _message_event(box, channel, message)
    event_id = box.emit_in(channel, event, scope=HISTORY_SCOPE[channel.kind])
    _mention(box, channel, event)
    return event_id


def _message_event(box: Sandbox, channel: Channel, message: Message) -> Json:
    event = {**message.wire, "channel": channel.id, "event_ts": message.ts, "channel_type": channel.kind}
    if message.is_reply:
        root = channel.messages.get(message.thread_ts)
        if root and "user" in root.wire:
            event["parent_user_id"] = root.wire["user"]
        if message.wire.get("subtype") == "thread_broadcast" and root:
            event["root"] = views.full(channel, root)
    return event | _metadata_for_app(box, channel, message)


def _metadata_for_app(box: Sandbox, channel: Channel, message: Message) -> Json:
    installation = box.world.teams[channel.team].installed
    readable = installation and "metadata.message:read" in installation.scopes
    return {"metadata": message.metadata} if message.metadata and readable else {}


def _mention(box: Sandbox, channel: Channel, event: Json) -> None:
    installation = box.world.teams[channel.team].installed
    if installation and "bot_id" not in event and f"<@{installation.bot_user}>" in event.get("text", ""):
        kept: Json = {
            key: event[key]
            for key in ("user", "text", "ts", "team", "channel", "thread_ts", "event_ts", "blocks")
            if key in event
        }
        box.emit_in(channel, {"type": "app_mention", **kept}, scope="app_mentions:read")


def show(box: Sandbox, channel: Channel, message: Message) -> None:
    team = box.world.teams[channel.team]
    box.tell_pages(team.id, {"type": "message", "message": views.shown(box, team, channel, message)})
    if message.is_reply and (root := channel.messages.get(message.thread_ts)):
        box.tell_pages(team.id, {"type": "message", "message": views.shown(box, team, channel, root)})


def note(box: Sandbox, channel: Channel, subtype: str, user: str, text: str, **more: str) -> None:
    """A system line such as a join."""
    ts = box.world.new_ts()
    wire = {
        "type": "message",
        "subtype": subtype,
        "ts": ts,
        "user": user,
        "text": text,
        "team": channel.team,
        **more,
    }
    post(box, channel, Message(ts, channel.id, wire))


def edit(
    box: Sandbox, channel: Channel, message: Message, changes: Json, editor: str, marked: bool = True
) -> str:
    before = dict(message.wire)
    message.wire = {key: value for key, value in {**message.wire, **changes}.items() if value is not None}
    stamp = box.world.new_ts()
    if marked:
        message.wire["edited"] = {"user": editor, "ts": f"{stamp.split('.')[0]}.000000"}
    show(box, channel, message)
    shown = message.wire | _metadata_for_app(box, channel, message)
    event = {
        "type": "message",
        "subtype": "message_changed",
        "message": shown,
        "previous_message": before,
        "channel": channel.id,
        "hidden": True,
        "ts": stamp,
        "event_ts": stamp,
        "channel_type": channel.kind,
    }
    return box.emit_in(channel, event, scope=HISTORY_SCOPE[channel.kind])


def delete(box: Sandbox, channel: Channel, message: Message, bare: bool = False) -> str:
    """A thread's parent with replies leaves a tombstone, as Slack does. `bare`: the event lacks what it was."""
    if channel.threads.get(message.ts):
        return _bury(box, channel, message)
    channel.remove(message)
    stamp = box.world.new_ts()
    box.tell_pages(
        channel.team,
        {"type": "deleted", "channel": channel.id, "ts": message.ts, "thread_ts": message.thread_ts},
    )
    if message.is_reply and (root := channel.messages.get(message.thread_ts)):
        show(box, channel, root)
    event = {
        "type": "message",
        "subtype": "message_deleted",
        **({} if bare else {"previous_message": message.wire}),
        "channel": channel.id,
        "hidden": True,
        "deleted_ts": message.ts,
        "ts": stamp,
        "event_ts": stamp,
        "channel_type": channel.kind,
    }
    return box.emit_in(channel, event, scope=HISTORY_SCOPE[channel.kind])


def _bury(box: Sandbox, channel: Channel, message: Message) -> str:
    gone = {key: None for key in message.wire if key not in ("ts", "thread_ts")}
    message.metadata, message.pings, message.links = None, [], []
    return edit(box, channel, message, {**gone, **TOMBSTONE}, "USLACKBOT", marked=False)


def react(box: Sandbox, channel: Channel, message: Message, user: str, name: str, add: bool = True) -> str:
    users = message.reactions.setdefault(name, [])
    if add:
        users.append(user)
    else:
        users.remove(user)
    if not users:
        del message.reactions[name]
    show(box, channel, message)
    item = {"type": "message", "channel": channel.id, "ts": message.ts}
    event = {
        "type": "reaction_added" if add else "reaction_removed",
        "user": user,
        "reaction": name,
        "item": item,
    }
    if "user" in message.wire:
        event["item_user"] = message.wire["user"]
    return box.emit_in(channel, {**event, "event_ts": box.world.new_ts()}, scope="reactions:read")


def join(box: Sandbox, channel: Channel, person: Person, inviter: str = "") -> None:
    channel.members.append(person.id)
    _channels_changed(box, channel)
    by = {"inviter": inviter} if inviter else {}
    event = {
        "type": "member_joined_channel",
        "user": person.id,
        "channel": channel.id,
        "team": channel.team,
        "channel_type": "G" if channel.is_private else "C",
        "event_ts": box.world.new_ts(),
        **by,
    }
    box.emit_in(channel, event, scope=READ_SCOPE[channel.kind])
    note(box, channel, "channel_join", person.id, f"<@{person.id}> has joined the channel", **by)


def leave(box: Sandbox, channel: Channel, person: Person, actor: str = "") -> None:
    team = box.world.teams[channel.team]
    event = {
        "type": "member_left_channel",
        "user": person.id,
        "channel": channel.id,
        "team": channel.team,
        "channel_type": "G" if channel.is_private else "C",
        "event_ts": box.world.new_ts(),
    }
    box.emit_in(channel, event, scope=READ_SCOPE[channel.kind])
    if team.installed and person.id == team.installed.bot_user:
        left = {"type": "group_left" if channel.is_private else "channel_left", "channel": channel.id}
        box.emit_in(
            channel,
            {**left, "actor_id": actor or person.id, "event_ts": box.world.new_ts()},
            scope=READ_SCOPE[channel.kind],
        )
    channel.members.remove(person.id)
    _channels_changed(box, channel)


def direct(box: Sandbox, team: Team, bot_user: str, user: str) -> Channel:
    """The app's direct messages with a person."""
    known = next((c for c in team.channels.values() if c.is_im and c.im_user == user), None)
    if known:
        return known
    channel = Channel(
        id=box.world.new_id("D"),
        team=team.id,
        name="",
        creator=bot_user,
        created=int(float(box.world.new_ts())),
        is_im=True,
        im_user=user,
        members=[user, bot_user],
    )
    team.channels[channel.id] = channel
    box.tell_pages(team.id, {"type": "channels"})
    return channel


def archive(box: Sandbox, channel: Channel, user: str, archived: bool = True) -> None:
    channel.is_archived = archived
    prefix = "group" if channel.is_private else "channel"
    _announce(
        box,
        channel,
        {
            "type": f"{prefix}_archive" if archived else f"{prefix}_unarchive",
            "channel": channel.id,
            "user": user,
        },
    )


def rename(box: Sandbox, channel: Channel, name: str) -> None:
    channel.previous_names.insert(0, channel.name)
    channel.name = name
    facts = {
        "id": channel.id,
        "name": name,
        "name_normalized": name,
        "created": channel.created,
        "is_channel": not channel.is_private,
    }
    _announce(
        box, channel, {"type": "group_rename" if channel.is_private else "channel_rename", "channel": facts}
    )


def remove_channel(box: Sandbox, channel: Channel, user: str) -> None:
    _announce(
        box,
        channel,
        {
            "type": "group_deleted" if channel.is_private else "channel_deleted",
            "channel": channel.id,
            "actor_id": user,
        },
    )
    del box.world.teams[channel.team].channels[channel.id]


def set_topic(box: Sandbox, channel: Channel, user: str, topic: str) -> None:
    channel.topic = topic
    _channels_changed(box, channel)
    note(box, channel, "channel_topic", user, f"set the channel topic: {topic}", topic=topic)


def _announce(box: Sandbox, channel: Channel, event: Json) -> None:
    """Public channels' fate is known to every app that may read channels, a private one's to members."""
    event = {**event, "event_ts": box.world.new_ts()}
    scope = READ_SCOPE[channel.kind]
    if channel.is_private:
        box.emit_in(channel, event, scope=scope)
    else:
        box.emit(box.world.teams[channel.team], event, lane=channel.id, scope=scope)
    _channels_changed(box, channel)


def _channels_changed(box: Sandbox, channel: Channel) -> None:
    box.tell_pages(channel.team, {"type": "channels"})


def tell_emoji(box: Sandbox, team: Team, change: Json) -> str:
    box.tell_pages(team.id, {"type": "channels"})
    event = {"type": "emoji_changed", **change, "event_ts": box.world.new_ts()}
    return box.emit(team, event, lane=team.id, scope="emoji:read")


def change_person(box: Sandbox, person: Person, changes: Json) -> Person:
    team = box.world.teams[person.team]
    changed = replace(person, **changes)
    team.people[person.id] = changed
    box.tell_pages(team.id, {"type": "channels"})
    event = {"type": "user_change", "user": views.user(box, changed), "event_ts": box.world.new_ts()}
    box.emit(team, event, lane=team.id, scope="users:read")
    return changed
