"""The control API: seeds, acts of people, faults, and a look behind the scenes. JSON in, JSON out."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from slack_sandbox import admins, company, interacting, leaving, people, seeding, views, workspace
from slack_sandbox.api.conversations import check_name
from slack_sandbox.api.registry import Refusal
from slack_sandbox.given import number, read_json
from slack_sandbox.model import Channel, Json, Message, Team
from slack_sandbox.people import Wrong
from slack_sandbox.sandbox import Sandbox
from slack_sandbox.sockets import DISCONNECTS, FAREWELL

Act = Callable[[Sandbox, Json], Json | Awaitable[Json]]


def reset(box: Sandbox, asked: Json) -> Json:
    box.reset()
    return {}


def clock(box: Sandbox, asked: Json) -> Json:
    factor, ahead = number(asked, "factor", box.clock.factor), number(asked, "ahead", 0)
    if factor == 0:
        raise Wrong("the clock's factor must be above 0")
    box.clock.set(factor)
    box.clock.advance(ahead)
    return {"factor": factor}


def limits(box: Sandbox, asked: Json) -> Json:
    """`replies_per_minute` switches the rules for apps outside the Marketplace on, null switches them off."""
    factor, replies = number(asked, "factor", box.limits.factor), box.limits.replies_per_minute
    if "replies_per_minute" in asked:
        replies = None if asked["replies_per_minute"] is None else number(asked, "replies_per_minute")
    box.limits.factor, box.limits.replies_per_minute = factor, replies
    box.limits.reset()
    return {"factor": box.limits.factor, "replies_per_minute": box.limits.replies_per_minute}


def seed(box: Sandbox, asked: Json) -> Json:
    box.faults.random.seed(int(asked["seed"]))
    return {}


async def socket_mode(box: Sandbox, asked: Json) -> Json:
    """Per app, all or nothing: off, every connection is told so and closed."""
    box.postman.sockets.on = bool(asked["on"])
    if not box.postman.sockets.on:
        await box.postman.sockets.disconnect("link_disabled")
    return {"on": box.postman.sockets.on}


async def disconnect(box: Sandbox, asked: Json) -> Json:
    reason = str(asked.get("reason") or "refresh_requested")
    if reason not in (*DISCONNECTS, "gone"):
        raise Wrong(f"the reason is one of {', '.join(DISCONNECTS)}, gone")
    closes_in = number(asked, "closes_in", FAREWELL)
    return {"connections": await box.postman.sockets.disconnect(reason, closes_in)}


def delayed_events(box: Sandbox, asked: Json) -> Json:
    box.postman.delayed_events = bool(asked["on"])
    return {}


def say(box: Sandbox, asked: Json) -> Json:
    return people.say_as_other_app(box, asked) if asked.get("bot") else people.say(box, asked)


def join(box: Sandbox, asked: Json) -> Json:
    return people.join_or_leave(box, asked, joining=True)


def leave(box: Sandbox, asked: Json) -> Json:
    return people.join_or_leave(box, asked, joining=False)


def add_team(box: Sandbox, asked: Json) -> Json:
    if box.world.team(str(asked["name"])):
        raise Wrong(f"there is a team {asked['name']!r} already")
    team = seeding.add_team(box.world, str(asked["name"]), (), str(asked.get("domain", "")))
    for person in asked.get("people", []):
        seeding.add_person(box.world, team, **person)
    box.keeper.touch()
    return {"team": team.id, "people": {p.name: p.id for p in team.people.values()}}


def add_person(box: Sandbox, asked: Json) -> Json:
    """Adds a person, or changes the one that has this name."""
    team = people.team_of(box, {"team": asked.get("team")})
    given = {key: value for key, value in asked.items() if key != "team"}
    known = next((p for p in team.people.values() if p.name == given["name"]), None)
    person = (
        workspace.change_person(box, known, given) if known else seeding.add_person(box.world, team, **given)
    )
    box.tell_pages(team.id, {"type": "channels"})
    return {"user": person.id}


def add_channel(box: Sandbox, asked: Json) -> Json:
    place_team = people.team_of(box, {"team": asked.get("team")})
    name = str(asked["name"])
    check_name(name)
    if place_team.channel_named(name):
        raise Wrong(f"there is a channel #{name} already")
    creator = next(iter(place_team.people), "")
    channel = seeding.add_channel(box.world, place_team, name, creator, str(asked.get("purpose", "")))
    channel.is_private = bool(asked.get("private"))
    box.tell_pages(place_team.id, {"type": "channels"})
    return {"channel": channel.id}


def _channel_act(act: Callable[[Sandbox, Team, Channel, Json], None]) -> Act:
    def run(box: Sandbox, asked: Json) -> Json:
        team = people.team_of(box, {key: asked.get(key) for key in ("team", "channel")})
        act(box, team, people.channel_of(team, asked), asked)
        return {}

    return run


def _owner(team: Team) -> str:
    return next((p.id for p in team.people.values() if p.is_owner), "")


def _archive(box: Sandbox, team: Team, channel: Channel, asked: Json) -> None:
    workspace.archive(box, channel, _owner(team))


def _unarchive(box: Sandbox, team: Team, channel: Channel, asked: Json) -> None:
    workspace.archive(box, channel, _owner(team), archived=False)


def _rename(box: Sandbox, team: Team, channel: Channel, asked: Json) -> None:
    check_name(str(asked["name"]))
    workspace.rename(box, channel, str(asked["name"]))


def _delete_channel(box: Sandbox, team: Team, channel: Channel, asked: Json) -> None:
    workspace.remove_channel(box, channel, _owner(team))


def _kick(box: Sandbox, team: Team, channel: Channel, asked: Json) -> None:
    who = team.installed.bot_user if team.installed and not asked.get("user") else str(asked.get("user", ""))
    person = team.person(who)
    if person is None or person.id not in channel.members:
        raise Wrong("this person is not in the channel")
    workspace.leave(box, channel, person, actor=_owner(team))


def _invite(box: Sandbox, team: Team, channel: Channel, asked: Json) -> None:
    who = team.installed.bot_user if team.installed and not asked.get("user") else str(asked.get("user", ""))
    person = team.person(who)
    if person is None or person.id in channel.members:
        raise Wrong("nobody to invite")
    by = team.person(str(asked.get("by", "")))
    workspace.join(box, channel, person, inviter=by.id if by else _owner(team))


def _leaving(uninstalled: bool) -> Act:
    def run(box: Sandbox, asked: Json) -> Json:
        team = people.team_of(box, {"team": asked.get("team")})
        return {"events": leaving.end(box, team.installed, uninstalled) if team.installed else []}

    return run


def emit(box: Sandbox, asked: Json) -> Json:
    """Any event at all, in Slack's envelope, whatever the scopes: for types the sandbox does not make itself."""
    team = people.team_of(box, {"team": asked.get("team")})
    if team.installed is None:
        raise Wrong(f"the app is not installed in {team.name}")
    event = {"event_ts": box.world.new_ts(), **asked["event"]}
    return {"event_id": box.emit_to(team.installed, team, event, str(asked.get("lane", team.id)))}


async def verify_url(box: Sandbox, asked: Json) -> Json:
    """What Slack sends when the request URL is saved; tells what the app answered."""
    challenge = box.world.secret(52)
    body = {"token": "sandbox-verification-token", "challenge": challenge, "type": "url_verification"}
    answer = await box.postman.call("/slack/events", json.dumps(body).encode(), "application/json")
    return {"challenge": challenge, "status": answer.status, "answer": answer.body.decode(errors="replace")}


def sharing(box: Sandbox, asked: Json) -> Json:
    """How an app's uploads are shared: after `delay` seconds, or never (`happens: false`)."""
    box.sharing.delay = number(asked, "delay", box.sharing.delay)
    box.sharing.happens = bool(asked.get("happens", box.sharing.happens))
    box.sharing.signs_in_elsewhere = bool(asked.get("redirect", box.sharing.signs_in_elsewhere))
    return {"delay": box.sharing.delay, "happens": box.sharing.happens}


def add_fault(box: Sandbox, asked: Json) -> Json:
    given = dict(asked)
    try:
        return {"id": box.faults.add(given.pop("method"), given.pop("kind"), **given).id}
    except (ValueError, TypeError) as problem:
        raise Wrong(str(problem)) from problem


def rotate_keys(box: Sandbox, asked: Json) -> Json:
    """Id tokens are signed with another key from now on; with `keep` the old one is still published."""
    box.signing_keys.rotate(keep=bool(asked.get("keep")))
    return {"kids": [str(key["kid"]) for key in box.signing_keys.published()]}


# never shown
SECRET = {"token", "refresh_token", "earlier", "spent", "exchanged"}
ACTS: dict[str, Act] = {
    "reset": reset,
    "rotate_keys": rotate_keys,
    "clock": clock,
    "socket_mode": socket_mode,
    "disconnect": disconnect,
    "limits": limits,
    "seed": seed,
    "delayed_events": delayed_events,
    "say": say,
    "edit": people.edit,
    "delete": people.delete,
    "unfurl": people.unfurl,
    "react": people.react,
    "upload": people.upload,
    "delete_file": people.delete_file,
    "sharing": sharing,
    "join": join,
    "leave": leave,
    "teams": add_team,
    "people": add_person,
    "channels": add_channel,
    "presence": company.set_presence,
    "share": company.share,
    "emoji": company.change_emoji,
    "archive": _channel_act(_archive),
    "unarchive": _channel_act(_unarchive),
    "rename": _channel_act(_rename),
    "delete_channel": _channel_act(_delete_channel),
    "kick": _channel_act(_kick),
    "invite": _channel_act(_invite),
    "uninstall": _leaving(True),
    "revoke": _leaving(False),
    "emit": emit,
    "verify_url": verify_url,
    **admins.ACTS,
    **interacting.ACTS,
    "faults": add_fault,
}


def state(box: Sandbox, asked: Json) -> Json:
    wanted = str(asked.get("team", ""))
    teams = [
        team
        for team in box.world.teams.values()
        if wanted.lower() in ("", team.id.lower(), team.name.lower())
    ]
    return {
        "teams": [_team(box, team) for team in teams],
        "clock": box.clock.factor,
        "socket_mode": {"on": box.postman.sockets.on, "connections": len(box.postman.sockets.open)},
        "limits": box.limits.factor,
    }


def _team(box: Sandbox, team: Team) -> Json:
    installed = team.installed
    return {
        "id": team.id,
        "name": team.name,
        "domain": team.domain,
        "people": [asdict(person) for person in team.people.values()],
        "installation": {k: v for k, v in asdict(installed).items() if k not in SECRET}
        if installed
        else None,
        "enterprise": team.enterprise,
        "channels": [_channel(channel) for channel in team.channels.values()],
    }


def _channel(channel: Channel) -> Json:
    row = asdict(channel) | {"messages": [_message(channel, m) for m in channel.messages.values()]}
    del row["threads"]
    return row


def _message(channel: Channel, message: Message) -> Json:
    more = {
        "pings": message.pings,
        "links": message.links,
        "metadata": message.metadata,
        "seen_only_by": message.seen_only_by,
        "prompts": message.prompts,
    }
    return {**views.full(channel, message), **more, "channel": channel.id}


def messages(box: Sandbox, asked: Json) -> Json:
    team = people.team_of(box, {key: asked.get(key) for key in ("team", "channel")})
    channel = people.channel_of(team, asked)
    thread = str(asked.get("thread_ts", ""))
    found = [m for m in channel.messages.values() if not thread or thread in (m.ts, m.thread_ts)]
    return {"channel": channel.id, "messages": [_message(channel, m) for m in found]}


def requests(box: Sandbox, asked: Json) -> Json:
    return {"requests": box.requests.since(int(asked.get("since", 0)))}


def events(box: Sandbox, asked: Json) -> Json:
    return {"events": box.postman.journal.since(int(asked.get("since", 0)))}


def pending(box: Sandbox, asked: Json) -> Json:
    return {"events": box.postman.open_events}


def list_faults(box: Sandbox, asked: Json) -> Json:
    return {"faults": box.faults.listed()}


LOOKS: dict[str, Callable[[Sandbox, Json], Json]] = {
    "state": state,
    "messages": messages,
    "requests": requests,
    "events": events,
    "pending": pending,
    "faults": list_faults,
}


class Control:
    def __init__(self, box: Sandbox) -> None:
        self.box = box

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/_control/{act}", self.act, methods=["POST"]),
            Route("/_control/{look}", self.look, methods=["GET"]),
            Route("/_control/faults", self.clear_faults, methods=["DELETE"]),
        ]

    async def act(self, request: Request) -> Response:
        act = ACTS.get(request.path_params["act"])
        if act is None:
            return _wrong(f"no such act; there are {', '.join(ACTS)}", 404)
        if not request.headers.get("content-type", "application/json").startswith("application/json"):
            return _wrong("send JSON", 415)  # keeps other sites' forms out
        try:
            done = act(self.box, await _body(request))
            answer = done if isinstance(done, dict) else await done
        except KeyError as missing:
            return _wrong(f"missing {missing}")
        except Refusal as refusal:
            return _wrong(refusal.answer["error"])
        except (Wrong, ValueError, TypeError, OSError) as problem:
            return _wrong(str(problem))
        return JSONResponse({"ok": True, **answer})

    async def look(self, request: Request) -> Response:
        look = LOOKS.get(request.path_params["look"])
        if look is None:
            return _wrong(f"nothing to see; there are {', '.join(LOOKS)}", 404)
        try:
            return JSONResponse({"ok": True, **look(self.box, dict(request.query_params))})
        except (Wrong, ValueError) as problem:
            return _wrong(str(problem))

    async def clear_faults(self, request: Request) -> Response:
        wanted = request.query_params.get("id")
        self.box.faults.clear(int(wanted) if wanted else None)
        return JSONResponse({"ok": True})


async def _body(request: Request) -> Json:
    given = read_json(await request.body() or b"{}")
    if not isinstance(given, dict):
        raise Wrong("send a JSON object")
    return given


def _wrong(sentence: str, status: int = 400) -> Response:
    return JSONResponse({"ok": False, "error": sentence}, status)
