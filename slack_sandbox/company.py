"""What a company decides or a person shows beside chatting: presence, shared channels, emoji of its own."""

import re

from slack_sandbox import people, views, workspace
from slack_sandbox.model import Channel, Json, Person, Team
from slack_sandbox.people import Wrong
from slack_sandbox.sandbox import Sandbox

PRESENCES = ("active", "away")
EMOJI_NAME = re.compile(r"[a-z0-9_+'-]{1,100}")


def set_presence(box: Sandbox, asked: Json) -> Json:
    """Slack sends no event for it: apps have to ask."""
    team = people.team_of(box, {key: asked.get(key) for key in ("team", "user")})
    person = team.person(str(asked.get("user", "")))
    if person is None:
        raise Wrong(f"nobody called {asked.get('user')!r} in {team.name}")
    if asked.get("presence") not in PRESENCES:
        raise Wrong("presence is active or away")
    person.presence = str(asked["presence"])
    box.tell_pages(team.id, {"type": "channels"})
    return {"user": person.id, "presence": person.presence}


def share(box: Sandbox, asked: Json) -> Json:
    """Slack Connect: people of the other team may be in the channel from now on, with `tells` their app, too."""
    team = people.team_of(box, {key: asked.get(key) for key in ("team", "channel")})
    channel, other = people.channel_of(team, asked), box.world.team(str(asked.get("with", "")))
    if other is None or other is team:
        raise Wrong("share it with another team")
    if other.id not in channel.shared_with:
        channel.shared_with.append(other.id)
        event = {"type": "channel_shared", "connected_team_id": other.id, "channel": channel.id}
        box.emit_in(channel, {**event, "event_ts": box.world.new_ts()}, scope="channels:read")
    if "tells" in asked:
        _let_app_in(channel, other, str(asked["tells"]))
    box.tell_pages(team.id, {"type": "channels"})
    return {"shared_with": channel.shared_with}


def _let_app_in(channel: Channel, other: Team, tells: str) -> None:
    if tells not in ("home", "guest", "both"):
        raise Wrong("tells is home, guest or both")
    if other.installed is None:
        raise Wrong(f"the app is not installed in {other.name}")
    if other.installed.bot_user not in channel.members:
        channel.members.append(other.installed.bot_user)
    channel.tells = tells


def outsiders(box: Sandbox, team: Team) -> list[Person]:
    """People of other teams who are, or may be, in a channel of this one."""
    guests = {other for channel in team.channels.values() for other in channel.shared_with}
    return [
        person for other in guests for person in box.world.teams[other].people.values() if not person.is_bot
    ]


def change_emoji(box: Sandbox, asked: Json) -> Json:
    """Adds one (a picture of ours, an address or an alias of another name), or takes one away with `remove`."""
    team, name = people.team_of(box, {"team": asked.get("team")}), str(asked["name"])
    if not EMOJI_NAME.fullmatch(name):
        raise Wrong("an emoji's name has small letters, digits and _ + ' -")
    if asked.get("remove"):
        team.emoji.pop(name, None)
        return {"event_id": workspace.tell_emoji(box, team, {"subtype": "remove", "names": [name]})}
    value = (
        f"alias:{asked['alias']}"
        if asked.get("alias")
        else str(asked.get("url") or views.emoji_picture(box, name))
    )
    team.emoji[name] = value
    return {"event_id": workspace.tell_emoji(box, team, {"subtype": "add", "name": name, "value": value})}
