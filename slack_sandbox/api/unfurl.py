"""chat.unfurl: a preview below a message or in the composer, or the wish that the person signs in first."""

from slack_sandbox import blocks as kit
from slack_sandbox import workspace
from slack_sandbox.api.registry import Call, Refusal, method
from slack_sandbox.model import Json
from slack_sandbox.told_links import COMPOSER, Shared

SOURCES = ("composer", "conversations_history")
AUTH = ("user_auth_required", "user_auth_url", "user_auth_message", "user_auth_blocks")
BLOCKS = {kind: shape for kind, shape in kit.BLOCKS.items() if kind not in ("rich_text", "input", "markdown")}
PREVIEW = kit.Shape(
    {"title": kit.plain(300), "subtitle": kit.plain(300), "icon_url": kit.url(3000), "type": kit.anything}
)
ATTACHMENT = (
    "title title_link text fallback color pretext author_name author_link author_icon fields image_url thumb_url "
    "footer footer_icon ts mrkdwn_in actions callback_id"
).split()


@method(
    "chat.unfurl",
    tier="t3",
    scopes=("links:write",),
    takes_json=True,
    args={
        "channel": str,
        "ts": str,
        "unfurls": dict,
        "unfurl_id": str,
        "source": str,
        "user_auth_required": bool,
        "user_auth_url": str,
        "user_auth_message": str,
        "user_auth_blocks": list,
    },
)
def unfurl(call: Call) -> Json:
    shared = _by_id(call) if call.text("unfurl_id") or call.text("source") else _by_place(call)
    if any(call.args.get(name) for name in AUTH):
        _prompt(call, shared)
        return {}
    given = call.structure("unfurls", "invalid_unfurls_format")
    if given is None:
        raise Refusal("missing_unfurls")
    if not isinstance(given, dict):
        raise Refusal("invalid_unfurls_format")
    for url, one in given.items():
        _check(call, shared, url, one)
    _show(call, shared, given)
    return {}


def _by_id(call: Call) -> Shared:
    for name in ("unfurl_id", "source"):
        if not call.text(name):
            raise Refusal(f"missing_{name}")
    if call.text("source") not in SOURCES:
        raise Refusal("invalid_source")
    shared = call.box.unfurls.told.get(call.text("unfurl_id"))
    teams = {team.id for team in call.box.world.teams_of(call.app)}
    if shared is None or shared.team not in teams:
        raise Refusal("invalid_unfurl_id")
    if (shared.channel == COMPOSER) != (call.text("source") == "composer"):
        raise Refusal("invalid_source")
    return shared


def _by_place(call: Call) -> Shared:
    for name in ("channel", "ts"):
        if not call.text(name):
            raise Refusal(f"missing_{name}")
    channel = call.team.channels.get(call.text("channel"))
    if channel is None:
        raise Refusal("cannot_find_channel")
    if call.text("ts") not in channel.messages:
        raise Refusal("cannot_find_message")
    shared = call.box.unfurls.shared_in(channel.id, call.text("ts"))
    if shared is None:
        raise Refusal("cannot_unfurl_message")
    return shared


def _check(call: Call, shared: Shared, url: str, one: object) -> None:
    if not call.box.unfurls.domain_of(url):
        raise Refusal("cannot_unfurl_url")
    if url not in shared.urls:
        raise Refusal("cannot_unfurl_message")
    known = {"blocks", "preview", "hide_color", *ATTACHMENT}
    if not isinstance(one, dict) or not one or set(one) - known:
        raise Refusal("cannot_parse_attachment")
    problems = kit.problems_of(one.get("blocks") or [], BLOCKS)
    if one.get("preview") is not None:
        PREVIEW(one["preview"], "/preview", problems)
    if problems:
        messages = [f"[ERROR] {problem}" for problem in problems]
        raise Refusal("invalid_blocks", errors=list(problems), response_metadata={"messages": messages})


def _prompt(call: Call, shared: Shared) -> None:
    if shared.user in call.box.unfurls.never:
        raise Refusal("cannot_prompt")
    team = call.box.world.teams[shared.team]
    asked = {
        "user": shared.user,
        "url": call.text("user_auth_url"),
        "message": call.text("user_auth_message"),
    }
    if shared.channel == COMPOSER:
        return
    channel = team.channels[shared.channel]
    message = channel.messages.get(shared.ts)
    if message is None:
        raise Refusal("cannot_find_message")
    message.prompts = [one for one in message.prompts if one["user"] != shared.user] + [asked]
    workspace.show(call.box, channel, message)


def _show(call: Call, shared: Shared, given: Json) -> None:
    team = call.box.world.teams[shared.team]
    if shared.channel == COMPOSER:
        shown = [{"url": url, **(one.get("preview") or {})} for url, one in given.items()]
        call.box.unfurls.previews[team.id, shared.user] = shown
        call.box.tell_pages(team.id, {"type": "previews", "user": shared.user})
        return
    channel = team.channels.get(shared.channel)
    message = channel.messages.get(shared.ts) if channel else None
    if channel is None or message is None:
        raise Refusal("cannot_find_message")
    kept = [one for one in message.wire.get("attachments", []) if one.get("from_url") not in given]
    attachments = [*kept, *(_attachment(call, url, one) for url, one in given.items())]
    numbered = [{**one, "id": number} for number, one in enumerate(attachments, start=1)]
    message.prompts = []
    workspace.edit(call.box, channel, message, {"attachments": numbered}, "", marked=False)


def _attachment(call: Call, url: str, one: Json) -> Json:
    shown = {key: value for key, value in one.items() if key != "preview"}
    if "blocks" in shown:
        shown["blocks"] = kit.with_ids(shown["blocks"], lambda: call.box.world.secret(5))
    return {
        "fallback": "[no preview available]",
        **shown,
        "from_url": url,
        "original_url": url,
        "app_unfurl_url": url,
        "is_app_unfurl": True,
        "bot_id": call.app.bot_id,
        "app_id": call.app.app_id,
    }
