"""files.*: the upload in three steps, and what is known of a file."""

import re

from slack_sandbox import shared_files, views, workspace
from slack_sandbox.api.chat import CUSTOM_ARGS, custom_allowed, take_slot
from slack_sandbox.api.content import icons_of
from slack_sandbox.api.registry import Call, Refusal, bad_arguments, method
from slack_sandbox.model import Channel, File, Json, Message
from slack_sandbox.mrkdwn import Reading

MOST_ALT_TEXT = 1000


@method(
    "files.getUploadURLExternal",
    tier="t4",
    scopes=("files:write",),
    required=("filename",),
    args={"filename": str, "length": int, "alt_txt": str, "snippet_type": str},
)
def get_upload_url(call: Call) -> Json:
    if not re.fullmatch(r"\d+", call.text("length")) or int(call.text("length")) == 0:
        raise Refusal("missing_argument")
    if len(call.text("alt_txt")) > MOST_ALT_TEXT:
        raise Refusal("alt_txt_too_large")
    file = shared_files.add(
        call.box, call.team, call.app.bot_user, call.text("filename"), int(call.text("length"))
    )
    file.secret = call.box.world.secret(40)
    return {"upload_url": f"{call.box.options.origin}/upload/v1/{file.secret}", "file_id": file.id}


@method(
    "files.completeUploadExternal",
    tier="t4",
    scopes=("files:write",),
    takes_json=True,
    required=("files",),
    args={
        "files": list,
        "channel_id": str,
        "channels": str,
        "thread_ts": str,
        "initial_comment": str,
        "blocks": list,
        **CUSTOM_ARGS,
    },
)
def complete_upload(call: Call) -> Json:
    """Answers at once; the share happens later, by itself, and tells its `ts` by the message event alone."""
    titles = _titles(call)
    files = [_uploaded(call, file_id) for file_id in titles]
    custom_allowed(call)
    channel = _target(call)
    root = _root(call, channel) if channel else None
    if channel:
        take_slot(call, channel)
    for file in files:
        file.complete, file.title = True, titles[file.id] or file.name
    if channel:
        wire, reading = _wire(call, root)
        call.box.sharing.later(lambda: _share(call, channel, wire, reading, files))
    return {"files": [{"id": file.id, "title": file.title} for file in files]}


def _titles(call: Call) -> dict[str, str]:
    given = call.structure("files", "invalid_arguments")
    if (
        not isinstance(given, list)
        or not given
        or not all(isinstance(one, dict) and "id" in one for one in given)
    ):
        bad_arguments("must be a list of objects with an id [json-pointer:/files]")
    return {str(one["id"]): str(one.get("title") or "") for one in given}


def _uploaded(call: Call, file_id: str) -> File:
    """Each can be completed once, and only when its bytes are there."""
    file = call.team.files.get(file_id)
    if file is None or not file.uploaded or file.complete:
        raise Refusal("file_not_found")
    if file.user != call.app.bot_user:
        raise Refusal("access_denied")
    return file


def _target(call: Call) -> Channel | None:
    named = call.text("channel_id") or call.text("channels")
    if not named:
        return None
    if "," in named:
        raise Refusal("invalid_channel")
    channel = call.channel("channel_id" if call.text("channel_id") else "channels")
    if call.app.bot_user not in channel.members:
        raise Refusal("not_in_channel")
    if channel.is_archived:
        raise Refusal("posting_to_channel_denied")
    return channel


def _root(call: Call, channel: Channel) -> Message | None:
    wanted = call.text("thread_ts")
    if not wanted:
        return None
    root = channel.messages.get(wanted)
    if root is None or root.is_reply:
        raise Refusal("thread_not_found")
    return root


def _wire(call: Call, root: Message | None) -> tuple[Json, Reading]:
    app, reading = call.app, Reading(call.team, "text")
    text = reading.read(call.text("initial_comment"), bare_links=True, bare_names=False)
    wire: Json = {"type": "message", "text": text, "bot_id": app.bot_id}
    wire |= {"user": app.bot_user, "app_id": app.app_id, "team": call.team.id}
    wire |= {"bot_profile": views.bot_profile(call.box, app)}
    if call.text("username"):
        wire |= {"username": call.text("username")[:80]} | (
            {"icons": icons} if (icons := icons_of(call)) else {}
        )
    return wire | ({"thread_ts": root.ts} if root else {}), reading


def _share(call: Call, channel: Channel, wire: Json, reading: Reading, files: list[File]) -> None:
    if channel.id not in call.team.channels:
        return
    ts = call.box.world.new_ts()
    wire = {**wire, "ts": ts, **shared_files.carried(call.box, files)}
    message = Message(ts, channel.id, wire, pings=reading.pings, links=reading.links)
    workspace.post(call.box, channel, message)
    shared_files.note_shared(call.box, channel, message, files)


@method("files.info", tier="t4", scopes=("files:read",), required=("file",), args={"file": str})
def info(call: Call) -> Json:
    file = _known(call)
    shared = {"shares": shared_files.shares_of(call.box, file), "comments_count": 0}
    return {"file": {**shared_files.shape(call.box, file), **shared}, "comments": []}


@method(
    "files.delete",
    tier="t3",
    scopes=("files:write",),
    takes_json=True,
    required=("file",),
    args={"file": str},
)
def delete(call: Call) -> Json:
    file = _known(call)
    if file.user != call.app.bot_user:
        raise Refusal("cant_delete_file")
    shared_files.delete(call.box, call.team, file)
    return {}


def _known(call: Call) -> File:
    file = call.team.files.get(call.text("file"))
    if file is None or not shared_files.is_seen_by(call.box, file, call.app.bot_user):
        raise Refusal("file_not_found")
    if file.deleted:
        raise Refusal("file_deleted")
    return file
