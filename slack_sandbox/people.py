"""What people do in a workspace: type, edit, react, click. Used by the page and by the control API."""

import uuid
from dataclasses import dataclass

from slack_sandbox import richtext, shared_files, unfurls, workspace
from slack_sandbox.model import Channel, Json, Message, Person, Team
from slack_sandbox.sandbox import Sandbox


class Wrong(Exception):
    """A request to the sandbox itself that makes no sense; the text says why."""


@dataclass
class Place:
    team: Team
    channel: Channel
    person: Person


def team_of(box: Sandbox, asked: Json) -> Team:
    """By name or id; else the team that knows the channel and person; else the first."""
    if asked.get("team"):
        team = box.world.team(str(asked["team"]))
        if team is None:
            raise Wrong(f"no team {asked['team']!r}")
        return team
    wanted = [str(asked[key]) for key in ("channel", "user") if asked.get(key)]
    fits = [t for t in box.world.teams.values() if all(t.channel(w) or t.person(w) for w in wanted)]
    fits = fits or [t for t in box.world.teams.values() if asked.get("channel") in t.channels]
    if not fits:
        raise Wrong(f"no team knows {' and '.join(wanted)}")
    return fits[0]


def channel_of(team: Team, asked: Json) -> Channel:
    channel = team.channel(str(asked.get("channel", "")))
    if channel is None:
        raise Wrong(f"no channel {asked.get('channel')!r} in {team.name}")
    return channel


def place_of(box: Sandbox, asked: Json) -> Place:
    team = team_of(box, asked)
    channel = channel_of(team, asked)
    known = (team, *(box.world.teams[other] for other in channel.shared_with))
    found = [person for one in known if (person := one.person(str(asked.get("user", ""))))]
    if not found:
        raise Wrong(f"nobody called {asked.get('user')!r} in {team.name}")
    return Place(team, channel, found[0])


def message_of(channel: Channel, asked: Json, key: str = "ts") -> Message:
    message = channel.messages.get(str(asked.get(key, "")))
    if message is None:
        raise Wrong(f"no message {asked.get(key)!r} in #{channel.name}")
    return message


def say(box: Sandbox, asked: Json) -> Json:
    place = place_of(box, asked)
    if place.channel.is_archived:
        raise Wrong(f"#{place.channel.name} is archived")
    if place.person.id not in place.channel.members:
        workspace.join(box, place.channel, place.person)
    files = shared_files.given(box, place.team, place.person, asked.get("files") or [])
    wire = _typed(place, str(asked.get("text", "")), asked.get("blocks"), may_be_empty=bool(files))
    wire |= shared_files.carried(box, files, plain=bool(asked.get("plain")))
    ts = box.world.new_ts()
    head: Json = {"client_msg_id": str(asked.get("client_msg_id") or uuid.uuid4()), "type": "message"}
    wire = {**head, **wire, "user": place.person.id, "ts": ts, **_companies(box, place)} | _threaded(
        place.channel, asked
    )
    if asked.get("me"):
        wire = {key: wire[key] for key in wire if key != "client_msg_id"} | {"subtype": "me_message"}
    message = Message(ts, place.channel.id, wire)
    event_id = workspace.post(box, place.channel, message)
    shared_files.note_shared(box, place.channel, message, files)
    unfurls.notice(box, place.team, place.channel, place.person, message)
    told = {"ts": ts, "channel": place.channel.id, "event_id": event_id}
    return told | ({"files": [file.id for file in files]} if files else {})


def _companies(box: Sandbox, place: Place) -> Json:
    """In a channel shared with another company a line tells whose person wrote it."""
    company = box.world.known_as(place.person)
    theirs = {"user_team": company, "source_team": company}
    return {"team": place.person.team} | (theirs if place.channel.shared_with else {})


def say_as_other_app(box: Sandbox, asked: Json) -> Json:
    """A post by an app that is not ours; `bot` is its name."""
    team = team_of(box, asked)
    channel, ts = channel_of(team, asked), box.world.new_ts()
    wire = {
        "type": "message",
        "subtype": "bot_message",
        "text": str(asked.get("text", "")),
        "username": str(asked["bot"]),
        "ts": ts,
        "bot_id": "B0OTHERAPP",
        "app_id": "A0OTHERAPP",
        "team": team.id,
        **_threaded(channel, asked),
    }
    return {
        "ts": ts,
        "channel": channel.id,
        "event_id": workspace.post(box, channel, Message(ts, channel.id, wire)),
    }


def _typed(place: Place, text: str, blocks: list[Json] | None, *, may_be_empty: bool = False) -> Json:
    if not text.strip() and not blocks and not may_be_empty:
        raise Wrong("nothing to say")
    if blocks or not text.strip():
        return {"text": text, **({"blocks": blocks} if blocks else {})}
    elements = richtext.parse(text, place.team, typed=True)
    block = {"type": "rich_text", "block_id": uuid.uuid4().hex[:5], "elements": elements}
    return {"text": richtext.to_mrkdwn(elements, place.team), "blocks": [block]}


def _threaded(channel: Channel, asked: Json) -> Json:
    if not asked.get("thread_ts"):
        return {}
    asked_for = message_of(channel, asked, "thread_ts")
    threaded: Json = {"thread_ts": asked_for.thread_ts or asked_for.ts}
    return threaded | ({"subtype": "thread_broadcast"} if asked.get("broadcast") else {})


def _own(box: Sandbox, asked: Json) -> tuple[Place, Message]:
    place = place_of(box, asked)
    message = message_of(place.channel, asked)
    if message.wire.get("user") != place.person.id:
        raise Wrong(f"{place.person.shown_name} did not write this message")
    return place, message


def edit(box: Sandbox, asked: Json) -> Json:
    place, message = _own(box, asked)
    files = shared_files.given(box, place.team, place.person, asked.get("files") or [])
    has_files = bool(files or message.wire.get("files"))
    changes = _typed(place, str(asked.get("text", "")), asked.get("blocks"), may_be_empty=has_files)
    changes.setdefault("blocks", None)
    if files:
        more = shared_files.carried(box, files)["files"]
        changes["files"] = [*message.wire.get("files", []), *more]
    event_id = workspace.edit(box, place.channel, message, changes, place.person.id)
    shared_files.note_shared(box, place.channel, message, files)
    return {"ts": message.ts, "event_id": event_id}


def upload(box: Sandbox, asked: Json) -> Json:
    """A file that a person has chosen and not sent yet."""
    place = place_of(box, asked)
    file = shared_files.given(box, place.team, place.person, [asked])[0]
    return {"file": file.id}


def delete_file(box: Sandbox, asked: Json) -> Json:
    team = team_of(box, {"team": asked.get("team")})
    team = next((one for one in box.world.teams.values() if asked.get("file") in one.files), team)
    file = team.files.get(str(asked.get("file", "")))
    if file is None or file.deleted:
        raise Wrong(f"no file {asked.get('file')!r}")
    return {"event_id": shared_files.delete(box, team, file)}


def delete(box: Sandbox, asked: Json) -> Json:
    """Owners and admins may delete what others wrote, apps included. `bare`: the event does not tell what it was."""
    place = place_of(box, asked)
    message = message_of(place.channel, asked)
    may = place.person.is_owner or place.person.is_admin or message.wire.get("user") == place.person.id
    if not may or message.wire.get("subtype") == "tombstone":
        raise Wrong(f"{place.person.shown_name} cannot delete this message")
    event_id = workspace.delete(box, place.channel, message, bare=bool(asked.get("bare")))
    return {"ts": message.ts, "event_id": event_id}


def unfurl(box: Sandbox, asked: Json) -> Json:
    """Slack shows the page behind a link: the message is told as changed, and says what it said."""
    team = team_of(box, {key: asked.get(key) for key in ("team", "channel")})
    channel = channel_of(team, asked)
    url = str(asked.get("url", "https://example.com/"))
    preview = {"id": 1, "from_url": url, "original_url": url, "title": "A page", "fallback": "A page"}
    message = message_of(channel, asked)
    return {"event_id": workspace.edit(box, channel, message, {"attachments": [preview]}, "", marked=False)}


def react(box: Sandbox, asked: Json) -> Json:
    """Adds the reaction, or takes it back when it is there."""
    place = place_of(box, asked)
    message, name = message_of(place.channel, asked), str(asked.get("name", "")).strip(":")
    if not name:
        raise Wrong("which emoji? give its name")
    there = place.person.id in message.reactions.get(name, [])
    event_id = workspace.react(box, place.channel, message, place.person.id, name, add=not there)
    return {"added": not there, "event_id": event_id}


def join_or_leave(box: Sandbox, asked: Json, joining: bool) -> Json:
    place = place_of(box, asked)
    if (place.person.id in place.channel.members) == joining:
        return {"changed": False}
    act = workspace.join if joining else workspace.leave
    act(box, place.channel, place.person, str(asked.get("by", "")))
    return {"changed": True}
