"""Slash commands: typed in a channel, answered in the body or later at the response_url."""

from slack_sandbox import blocks as kit
from slack_sandbox import interactions, people, responses, workspace
from slack_sandbox.given import read_json
from slack_sandbox.model import Channel, Json, Message
from slack_sandbox.people import Place, Wrong
from slack_sandbox.sandbox import Sandbox

ERRORS = {"operation_timeout": "operation_timeout", "connection_failed": "dispatch_failed"}


async def run(box: Sandbox, asked: Json) -> Json:
    """`text` is what stands in the composer, with or without the command's name."""
    place = people.place_of(box, asked)
    word, _, text = _typed(box, asked).partition(" ")
    refusal = _refusal(box, place, word, asked)
    if refusal:
        _slackbot(box, place, refusal, str(asked.get("thread_ts") or ""))
        return {"status": None, "problem": refusal}
    if place.channel.is_private and place.person.id not in place.channel.members:
        raise Wrong(f"{place.person.shown_name} is not in this channel")
    fields = _fields(box, place, word, text.strip())
    delivered = await interactions.deliver(box, "/slack/commands", fields)
    problem = _problem(delivered) or _show(box, place, f"{word} {text}".strip(), delivered)
    if problem:
        _slackbot(box, place, f'{word} failed with the error "{problem}"')
    return {"status": delivered.status, "problem": problem}


def _typed(box: Sandbox, asked: Json) -> str:
    text = str(asked.get("text") or "").strip()
    return text if text.startswith("/") else f"{box.options.known_commands[0].name} {text}"


def _refusal(box: Sandbox, place: Place, word: str, asked: Json) -> str:
    """What Slack says by itself; the app hears nothing of it."""
    installed = place.team.installed
    known = word in [command.name for command in box.options.known_commands]
    if not known or installed is None or "commands" not in installed.scopes:
        return f"{word} is not a valid command."
    if asked.get("thread_ts"):
        return f"{word} is not supported in threads. Sorry!"
    if place.person.team != place.team.id:
        return f"{word} is not available to people of other companies."
    return ""


def _fields(box: Sandbox, place: Place, word: str, text: str) -> dict[str, str]:
    team, channel, person = place.team, place.channel, place.person
    org = box.world.org_of(team)
    of_org = bool(team.installed and team.installed.enterprise)
    return {
        "token": interactions.TOKEN,
        "team_id": team.id,
        "team_domain": team.domain,
        **({"enterprise_id": org.id, "enterprise_name": org.name} if org else {}),
        "channel_id": channel.id,
        "channel_name": _name(channel),
        "user_id": person.id,
        "user_name": person.name,
        "command": word,
        "text": text,
        "api_app_id": box.options.app_id,
        "is_enterprise_install": str(of_org).lower(),
        "response_url": responses.issue(box, channel, person.id, family="commands"),
        "trigger_id": box.triggers.issue(box.world, team, person),
    }


def _name(channel: Channel) -> str:
    if channel.is_im:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name


def _problem(delivered: interactions.Delivered) -> str:
    if delivered.problem == "http_error":
        client = delivered.status is not None and delivered.status < 500
        return "http_client_error" if client else "http_service_error"
    return ERRORS.get(delivered.problem or "", "") if delivered.status != 200 else ""


def _show(box: Sandbox, place: Place, typed: str, delivered: interactions.Delivered) -> str:
    """Puts the answer where it belongs; returns Slack's error for one that it does not understand."""
    if not delivered.body.strip():
        return ""
    try:
        body = _read(delivered)
    except ValueError:
        return "invalid_command_response"
    if body.get("response_type") == "in_channel":
        _show_typed(box, place, typed)
    responses.post(box, place.channel, place.person.id, body)
    return ""


def _read(delivered: interactions.Delivered) -> Json:
    if not delivered.kind.startswith("application/json"):
        return {"text": delivered.body.decode()}
    body = read_json(delivered.body)
    problems = kit.problems_of(body.get("blocks") or []) if isinstance(body, dict) else ["no object"]
    if problems or not (body.get("text") or body.get("blocks")):
        raise ValueError("; ".join(problems) or "no_text")
    return dict(body)


def _show_typed(box: Sandbox, place: Place, typed: str) -> None:
    """An answer to all shows what was asked, too; no app hears of that line."""
    ts = box.world.new_ts()
    wire = {"type": "message", "ts": ts, "user": place.person.id, "text": typed, "team": place.team.id}
    message = Message(ts, place.channel.id, wire)
    place.channel.add(message)
    workspace.show(box, place.channel, message)


def _slackbot(box: Sandbox, place: Place, sentence: str, thread_ts: str = "") -> None:
    ts = box.world.new_ts()
    wire = {"type": "message", "ts": ts, "user": "USLACKBOT", "text": sentence}
    wire |= {"thread_ts": thread_ts} if thread_ts else {}
    responses.whisper(box, place.channel, Message(ts, place.channel.id, wire), place.person.id)
