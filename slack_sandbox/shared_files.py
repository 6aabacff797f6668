"""Files of a workspace: kept, shown in Slack's shape, shared into channels, deleted."""

import base64
import mimetypes
import time
from collections.abc import Sequence

from slack_sandbox import workspace
from slack_sandbox.model import Channel, File, Json, Message, Person, Team
from slack_sandbox.sandbox import Sandbox

TOMBSTONE = "tombstone"


def add(box: Sandbox, team: Team, user: str, name: str, size: int) -> File:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    extension = name.rpartition(".")[2].lower() if "." in name else "binary"
    file = File(box.world.new_id("F"), team.id, user, name, name, size, kind, extension, int(time.time()))
    team.files[file.id] = file
    return file


def given(box: Sandbox, team: Team, person: Person, wanted: Sequence[str | Json]) -> list[File]:
    """What a person attaches: ids of files uploaded before, or descriptions of new ones (README)."""
    return [_one(box, team, person, one) for one in wanted]


def _one(box: Sandbox, team: Team, person: Person, wanted: str | Json) -> File:
    if isinstance(wanted, str):
        if wanted not in team.files:
            raise ValueError(f"no file {wanted!r}")
        return team.files[wanted]
    encoded = wanted.get("base64")
    content = base64.b64decode(str(encoded)) if encoded else str(wanted.get("content", "")).encode()
    file = add(box, team, person.id, str(wanted["name"]), int(wanted.get("size", len(content))))
    file.mode, file.external_url = str(wanted.get("mode", "hosted")), str(wanted.get("external_url", ""))
    if file.external_url:
        file.mode = "external"
    file.mimetype = str(wanted.get("mimetype", file.mimetype))
    file.must_ask, file.complete = bool(wanted.get("must_ask")), True
    box.contents.put(file.id, content)
    return file


# --- Slack's shapes -----------------------------------------------------------------------------------------------


def shape(box: Sandbox, file: File) -> Json:
    """A file object as files.info tells it and messages carry it."""
    if file.deleted:
        return {"id": file.id, "mode": TOMBSTONE}
    if file.mode == "hidden_by_limit":
        return {"id": file.id, "mode": file.mode, "date_delete": 0}
    where = f"{box.options.origin}/files-pri/{file.team}-{file.id}"
    link = file.external_url or f"{where}/{file.name}"
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.filetype,
        "pretty_type": file.filetype.upper(),
        "user": file.user,
        "user_team": file.team,
        "editable": file.mode == "snippet",
        "size": file.size,
        "mode": file.mode,
        "is_external": file.mode == "external",
        "external_type": "gdrive" if file.mode == "external" else "",
        "is_public": True,
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": link,
        "url_private_download": file.external_url or f"{where}/download/{file.name}",
        "permalink": f"{box.options.origin}/files/{file.user}/{file.id}/{file.name}",
        "has_rich_preview": False,
        "file_access": "visible",
    }


def in_message(box: Sandbox, file: File) -> Json:
    """As `shape`; of another company's file in a shared channel a message only says that one has to ask."""
    if file.must_ask and not file.deleted:
        return {
            "id": file.id,
            "mode": "file_access",
            "file_access": "check_file_info",
            "created": 0,
            "user": "",
        }
    return shape(box, file)


def shares_of(box: Sandbox, file: File) -> Json:
    """`shares` of files.info: public or private, by channel."""
    shared: Json = {}
    for share in file.shares:
        channel = box.world.teams[file.team].channels.get(share["channel"])
        kind = "private" if channel is None or channel.is_private or channel.is_im else "public"
        shared.setdefault(kind, {}).setdefault(share["channel"], []).append(
            {key: share[key] for key in ("ts", "thread_ts") if share.get(key)}
        )
    return shared


def is_seen_by(box: Sandbox, file: File, member: str) -> bool:
    channels = box.world.teams[file.team].channels
    return file.user == member or any(
        share["channel"] in channels and member in channels[share["channel"]].members for share in file.shares
    )


# --- what happens to them -----------------------------------------------------------------------------------------


def carried(box: Sandbox, files: Sequence[File], *, plain: bool = False) -> Json:
    """What a message gets for its files; `plain` leaves out the subtype, as Slack sometimes does."""
    if not files:
        return {}
    kind = {} if plain else {"subtype": "file_share"}
    shown = [in_message(box, file) for file in files]
    return {"files": shown, "upload": True, "display_as_bot": False, **kind}


def note_shared(box: Sandbox, channel: Channel, message: Message, files: Sequence[File]) -> None:
    for file in files:
        where = {"channel": channel.id, "ts": message.ts, "thread_ts": message.thread_ts}
        file.shares.append(where)
        event: Json = {"type": "file_shared", "channel_id": channel.id, "file_id": file.id}
        event |= {"user_id": file.user, "file": {"id": file.id}, "event_ts": box.world.new_ts()}
        box.emit_in(channel, event, scope="files:read")


def delete(box: Sandbox, team: Team, file: File) -> str:
    """Messages keep a tombstone; the app learns it twice, as of Slack: `file_deleted` and `message_changed`."""
    file.deleted = True
    for share in file.shares:
        channel = team.channels.get(share["channel"])
        message = channel.messages.get(share["ts"]) if channel else None
        if channel and message:
            left = [in_message(box, file) if one["id"] == file.id else one for one in message.wire["files"]]
            workspace.edit(box, channel, message, {"files": left}, file.user, marked=False)
    event = {"type": "file_deleted", "file_id": file.id, "event_ts": box.world.new_ts()}
    return box.emit(team, event, lane=team.id, scope="files:read")
