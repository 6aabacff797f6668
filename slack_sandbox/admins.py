"""What admins do, and Slack itself: organisations, rotating tokens, channels that turn private or change their id."""

from slack_sandbox import leaving, people, workspace
from slack_sandbox.given import number
from slack_sandbox.model import Channel, Json, Org
from slack_sandbox.people import Wrong
from slack_sandbox.sandbox import READ_SCOPE, Sandbox


def rotate_tokens(box: Sandbox, asked: Json) -> Json:
    """Installations from now on get pairs; `seconds` is an access token's life, `grace` a used refresh token's."""
    box.rotation.on = bool(asked.get("on", True))
    box.rotation.seconds = number(asked, "seconds", box.rotation.seconds)
    box.rotation.grace = number(asked, "grace", box.rotation.grace)
    return {"on": box.rotation.on, "seconds": box.rotation.seconds, "grace": box.rotation.grace}


def end_tokens(box: Sandbox, asked: Json) -> Json:
    """The access tokens of a team, or of its organisation, have had their time; its refresh token has not."""
    installation = people.team_of(box, {"team": asked.get("team")}).installed
    if installation is None or not installation.expires:
        raise Wrong("there are no tokens that end")
    installation.expires = 1.0
    installation.earlier = dict.fromkeys(installation.earlier, 1.0)
    return {}


def add_org(box: Sandbox, asked: Json) -> Json:
    """An Enterprise Grid organisation over teams that are there."""
    name = str(asked["name"])
    org = Org(box.world.new_id("E"), name, name.lower().replace(" ", "-"))
    box.world.orgs[org.id] = org
    for wanted in asked["teams"]:
        people.team_of(box, {"team": wanted}).enterprise = org.id
    box.keeper.touch()
    return {"org": org.id}


def grant(box: Sandbox, asked: Json) -> Json:
    return {"events": leaving.grant(box, people.team_of(box, {"team": asked.get("team")}), granted=True)}


def withdraw(box: Sandbox, asked: Json) -> Json:
    return {"events": leaving.grant(box, people.team_of(box, {"team": asked.get("team")}), granted=False)}


def _channel(box: Sandbox, asked: Json) -> Channel:
    team = people.team_of(box, {key: asked.get(key) for key in ("team", "channel")})
    return people.channel_of(team, asked)


def make_private(box: Sandbox, asked: Json) -> Json:
    """Its members see a line about it; the id stays."""
    channel = _channel(box, asked)
    channel.is_private = True
    owner = next((p.id for p in box.world.teams[channel.team].people.values() if p.is_owner), "")
    workspace.note(box, channel, "channel_convert_to_private", owner, "made this channel private")
    box.tell_pages(channel.team, {"type": "channels"})
    return {}


def change_id(box: Sandbox, asked: Json) -> Json:
    """What sharing and moving channels may do to them."""
    channel = _channel(box, asked)
    team = box.world.teams[channel.team]
    old, channel.id = channel.id, box.world.new_id("C")
    team.channels = {c.id: c for c in team.channels.values()}
    for message in channel.messages.values():
        message.channel = channel.id
    event = {"type": "channel_id_changed", "old_channel_id": old, "new_channel_id": channel.id}
    box.emit_in(channel, {**event, "event_ts": box.world.new_ts()}, scope=READ_SCOPE[channel.kind])
    box.tell_pages(team.id, {"type": "channels"})
    return {"channel": channel.id}


def rename_team(box: Sandbox, asked: Json) -> Json:
    team = people.team_of(box, {"team": asked.get("team")})
    team.name = str(asked["name"])
    box.emit(team, {"type": "team_rename", "name": team.name}, lane=team.id, scope="team:read")
    return {}


def forbid(box: Sandbox, asked: Json) -> Json:
    """From now on no app may do these; none of them allows everything again."""
    team = people.team_of(box, {"team": asked.get("team")})
    wanted = [str(act) for act in asked["acts"]]
    if not set(wanted) <= {"create", "archive"}:
        raise Wrong("admins forbid create and archive")
    team.forbidden = wanted
    box.keeper.touch()
    return {"forbidden": team.forbidden}


ACTS = {
    "forbid": forbid,
    "rotation": rotate_tokens,
    "end_tokens": end_tokens,
    "orgs": add_org,
    "grant": grant,
    "withdraw": withdraw,
    "make_private": make_private,
    "change_id": change_id,
    "rename_team": rename_team,
}
