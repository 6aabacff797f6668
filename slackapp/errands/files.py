"""Files on their way into a chat's thread, in three steps that become one another in the same place of the order.

*upload*: one file at a time goes to Slack, where nobody sees it yet. *files*: all of a message's are shared in one
post; Slack does that some seconds after it has answered, and tells its `ts` by the message event alone. *file_link*:
where Slack takes no file, or never shares it, a line says so and where it can be seen.
"""

from typing import Any

from django.conf import settings
from django.utils import timezone

from livechat.files import store
from livechat.models import Attachment, ChatSession, Message
from slackapp import blocks, client, keys, lookup, promises
from slackapp.actions.files import OUT, become, note_completed, note_uploaded, settle_files, try_later
from slackapp.actions.shares import LINE, SHARED, TOLD, line_of, note_found_late, note_told
from slackapp.errands.errand import Errand
from slackapp.errands.lines import refused as line_refused
from slackapp.errands.lines import sender, thread
from slackapp.errands.posting import post
from slackapp.errors import Answered, Do, NotSent, Unknown
from slackapp.kinds import place_of
from slackapp.models import Delivery, Installation
from slackapp.promises import Job

COMPLETED = "completed"
WITHDRAWN = "withdrawn"
AWAY = "file_host_away"
NEVER_SHARED = "never_shared"
TRIES = 4
# how long Slack may take to share what it has accepted, as a part of the wait for an echo
SHARED_WITHIN = 1.5
# the app was installed before it asked for this: the rest of it works
NOT_ALLOWED = ("missing_scope", "no_permission", "not_allowed_token_type")


def _uploaded(job: Job) -> dict[str, str]:
    """Slack's ids by ours."""
    found: dict[str, str] = job.head.args.get("uploaded", {})
    return found


def _message(job: Job) -> Message:
    assert job.head.message is not None
    return job.head.message


def _ready(job: Job) -> list[Attachment]:
    found = _message(job).attachments.filter(state=Attachment.State.READY)
    return list(found.order_by("place", "pk"))


# --- upload -------------------------------------------------------------------------------------------------------


def upload(job: Job) -> str:
    """Our id and Slack's of the next file; empty when none is left."""
    left = [file for file in _ready(job) if str(file.pk) not in _uploaded(job)]
    if not left or _message(job).deleted_at is not None:
        return ""
    answer = keys.call(
        job.link.installation, "files.getUploadURLExternal", filename=left[0].name, length=left[0].size
    )
    if not isinstance(answer.get("file_id"), str) or not isinstance(answer.get("upload_url"), str):
        raise Unknown("files.getUploadURLExternal: the answer has no address")
    _send(left[0], answer["upload_url"])
    return f"{left[0].pk} {answer['file_id']}"


def _send(file: Attachment, upload_url: str) -> None:
    """Trouble of the host that takes files is none of Slack's posts: it makes no other chat wait."""
    try:
        with store.open_stored(file.storage_key) as content:
            client.send_file(upload_url, content)
    except (NotSent, Unknown) as error:
        raise Answered("upload", AWAY, str(error)) from error
    except OSError as error:
        raise Answered("upload", "file_gone", type(error).__name__) from error


def settle_upload(chat: ChatSession, job: Job, named: str) -> None:
    if named:
        ours, slacks = named.split()
        note_uploaded(job, {**_uploaded(job), ours: slacks})
    elif _uploaded(job) and _message(job).deleted_at is None:
        become(job, Delivery.Kind.FILES)
    else:
        settle_files(chat, job)


def refuse_upload(chat: ChatSession, job: Job, error: Answered) -> bool:
    if error.code == AWAY and job.head.attempts < TRIES:
        try_later(job, str(error))
        return True
    if error.stops_team and error.code not in NOT_ALLOWED:
        return False
    become(job, Delivery.Kind.FILE_LINK)
    return True


# --- share --------------------------------------------------------------------------------------------------------


def share(job: Job) -> str:
    """Slack takes each file once: of a repeat that it does not know any more it is sure that it had it."""
    if _message(job).deleted_at is not None:
        return WITHDRAWN
    if job.head.args.get("completed"):
        raise Answered("files.completeUploadExternal", NEVER_SHARED)
    keys.call(
        job.link.installation,
        "files.completeUploadExternal",
        files=_in_their_order(job),
        channel_id=place_of(job.head),
        username=sender(job, _message(job)),
        **thread(job),
    )
    return COMPLETED


def _in_their_order(job: Job) -> list[dict[str, str]]:
    """As the visitor attached them: PostgreSQL does not keep the order of a JSON object's keys."""
    titles = {str(file.pk): file.name for file in _ready(job)}
    places = {ours: place for place, ours in enumerate(titles)}
    uploaded = sorted(_uploaded(job).items(), key=lambda pair: places.get(pair[0], len(places)))
    return [{"id": slacks, "title": titles.get(ours, "file")} for ours, slacks in uploaded]


def settle_share(chat: ChatSession, job: Job, named: str) -> None:
    """`completed` is no end: until it is seen in the thread, the promise stays in flight."""
    if named == COMPLETED:
        note_completed(job)
    else:
        settle_files(chat, job)


def find_share(job: Job) -> str | None:
    """The post's ts as files.info tells it; None once Slack has had its time."""
    if ts := _shared_at(job, next(iter(_uploaded(job).values()), "")):
        return ts
    waited = timezone.now() - (job.head.tried_at or job.head.created_at)
    if waited.total_seconds() < settings.SLACK_ECHO_WAIT * SHARED_WITHIN:
        raise Unknown("files.info: not shared yet")
    return None


def _shared_at(job: Job, file_id: str) -> str | None:
    try:
        answer = keys.call(job.link.installation, "files.info", file=file_id)
    except Answered as error:
        if error.stops_team and error.code not in NOT_ALLOWED:
            raise
        return None
    places = _dict(_dict(answer.get("file")).get("shares"))
    for kind in ("public", "private"):
        found = _dict(places.get(kind)).get(place_of(job.head))
        if isinstance(found, list) and found and isinstance(_dict(found[0]).get("ts"), str):
            return str(found[0]["ts"])
    return None


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def look_later(job: Job) -> str:
    """Once, long after a line had to stand for the files: whether Slack shared them without our hearing of it."""
    line = line_of(job.head)
    return _shared_at(job, next(iter(line.args["uploaded"].values()))) or "" if line is not None else ""


def refuse_share(chat: ChatSession, job: Job, error: Answered) -> bool:
    if not promises.still_unknown(job) or line_refused(chat, job, error):
        return True
    if error.todo is Do.FIX_CHANNEL or (error.stops_team and error.code not in NOT_ALLOWED):
        return False
    become(job, Delivery.Kind.FILE_LINK)
    return True


# --- tell ---------------------------------------------------------------------------------------------------------


def tell(job: Job) -> str:
    """The names, and a way to them for people of the workspace alone. Said by the app, which may delete that again."""
    chat, message = job.link.chat, _message(job)
    if message.deleted_at is not None or job.head.args.get(SHARED):
        return ""
    where = f"{settings.CONSOLE_URL}/console/chats/{chat.pk}#m-{message.pk}"
    words = blocks.files_elsewhere(sender(job, message), [file.name for file in _ready(job)], where)
    metadata = {"event_type": "chat_files", "event_payload": {"delivery": job.head.pk}}
    return post(job, {**blocks.own_line(words, metadata), **thread(job)})


# --- take back ----------------------------------------------------------------------------------------------------


def unshare(job: Job) -> str:
    """A line that is not needed any more; or every file that Slack has of the withdrawn message, and the line that

    stands for them. What is gone already is as it should be.
    """
    installation = job.link.installation
    if LINE in job.head.args:
        _take_line_away(installation, *job.head.args[LINE])
        return ""
    sent = Delivery.objects.filter(message=_message(job), kind__in=OUT)
    for args in sent.values_list("args", flat=True):
        for file_id in args.get("uploaded", {}).values():
            _delete(installation, file_id)
        if TOLD in args:
            _take_line_away(installation, *args[TOLD])
    return ""


def _take_line_away(installation: Installation, channel_id: str, ts: str) -> None:
    try:
        keys.call(installation, "chat.delete", channel=channel_id, ts=ts)
    except Answered as error:
        if error.code != "message_not_found":
            raise


def _delete(installation: Installation, file_id: str) -> None:
    try:
        keys.call(installation, "files.delete", file=file_id)
    except Answered as error:
        if error.code not in ("file_not_found", "file_deleted"):
            raise


def settle_unshared(chat: ChatSession, job: Job, named: str) -> None:
    promises.note_done(job)


UPLOAD = Errand(call=upload, settle=settle_upload, refused=refuse_upload)
FILES = Errand(call=share, settle=settle_share, find=find_share, refused=refuse_share)
FILE_LINK = Errand(call=tell, settle=note_told, find=lookup.find, refused=line_refused)
UNSHARE = Errand(call=unshare, settle=settle_unshared)
LATE_SHARE = Errand(call=look_later, settle=note_found_late)
