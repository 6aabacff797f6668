"""A file that somebody shared in a chat's thread is fetched with the bot token and kept here, made harmless.

The message is shown at once, with the file *on its way*. If it cannot be had, the visitor sees that, and whoever shared
it is told why.
"""

import json
import tempfile
import uuid
from dataclasses import asdict
from typing import Any

from django.db import transaction

from accounts.errors import Refused
from livechat.actions import fetched
from livechat.actions.files import reserve_keys
from livechat.files.incoming import MOST_FROM_AGENT, Stored, take_in
from livechat.models import Attachment, ChatSession
from slackapp import keys, promises, whispers
from slackapp.access import file_of_chat
from slackapp.actions.files import try_later
from slackapp.errands.errand import Errand
from slackapp.errors import Answered, NotSent, Unknown
from slackapp.models import Installation
from slackapp.promises import Job
from slackapp.shared_files import SlackFile, file_of

AWAY = "file_host_away"
# 1, 2, 5, 15 seconds, 1 and 5 minutes: nobody waits for a file for longer
TRIES = 7
NOT_ALLOWED = ("missing_scope", "no_permission", "not_allowed_token_type", "not_visible", "access_denied")
SENTENCES = {
    "file_too_large": "It is larger than 25 MB.",
    "file_not_found": "Slack does not know it any more.",
    "not_slacks_address": "It does not lie at Slack.",
    **dict.fromkeys(
        NOT_ALLOWED, "Slack does not let the app read it. An owner can connect Slack again in the console."
    ),
}


def call(job: Job) -> str:
    """What was stored, as JSON."""
    row = file_of_chat(job.link.chat_id, _file_id(job))
    if row is None or row.state != Attachment.State.FETCHING:
        return ""
    file = _where(job)
    if file.problem:
        raise Answered("files.info", "unfit", file.problem)
    if file.size > MOST_FROM_AGENT:
        raise Answered("files.info", "file_too_large")
    name = file.name if file.name != fetched.NAMELESS else row.name
    return json.dumps(asdict(_bring(job.link.installation, file.url, name)))


def _file_id(job: Job) -> uuid.UUID:
    return uuid.UUID(job.head.args["attachment"])


def _where(job: Job) -> SlackFile:
    """As the message said, or else as Slack says now: its address may have changed since."""
    args = job.head.args
    if args.get("url") and job.head.attempts == 1:
        return SlackFile(args["file"], fetched.NAMELESS, 0, args["url"])
    answer = keys.call(job.link.installation, "files.info", file=args["file"])
    found = answer.get("file")
    if not isinstance(found, dict) or not isinstance(found.get("id"), str):
        raise Unknown("files.info: the answer has no file")
    file = file_of({**found, "file_access": None})
    if file.is_gone or not (file.url or file.problem):
        raise Answered("files.info", "file_deleted")
    return file


def _bring(installation: Installation, url: str, name: str) -> Stored:
    """Trouble of the host that gives files out makes no post wait, so it is told apart from Slack's own."""
    try:
        with tempfile.TemporaryFile() as into:
            keys.fetch_file(installation, url, into, MOST_FROM_AGENT)
            return take_in(into, name, reserve_keys())
    except (NotSent, Unknown) as error:
        raise Answered("download", AWAY, str(error)) from error
    except Refused as refusal:
        raise Answered("download", refusal.code, refusal.sentence) from refusal


def settle(chat: ChatSession, job: Job, named: str) -> None:
    promises.note_done(job)
    if named:
        fetched.bring(chat, _file_id(job), Stored(**json.loads(named)))


def refused(chat: ChatSession, job: Job, error: Answered) -> bool:
    if _may_pass(error, job.head.attempts):
        try_later(job, str(error))
        return True
    if error.stops_team and error.code not in NOT_ALLOWED:
        return False
    if error.code == "file_deleted":
        promises.note_done(job)
        fetched.drop(chat, _file_id(job))
        return True
    why = SENTENCES.get(error.code) or error.detail
    if error.code == AWAY or not why:
        why = "Slack did not give it out."
    promises.note_done(job)
    fetched.give_up(chat, _file_id(job), why)
    _tell(job, why)
    return True


def _may_pass(error: Answered, attempts: int) -> bool:
    """Of the address in the message Slack says the same for a key that has had its time, or of one that is gone."""
    return (error.code == AWAY and attempts < TRIES) or (
        error.code in ("not_visible", "file_not_found") and attempts == 1
    )


def _tell(job: Job, why: str) -> None:
    line: dict[str, Any] = job.head.args.get("line") or {}
    file = file_of_chat(job.link.chat_id, _file_id(job))
    words = f"The visitor cannot be shown {file.name if file is not None else 'a file'}. {why}"
    installation = job.link.installation
    transaction.on_commit(lambda: whispers.tell_person(installation, line, words), robust=True)


FETCH = Errand(call=call, settle=settle, refused=refused)
