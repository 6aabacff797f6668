"""The line that says that a snoozed chat is back."""

from typing import Any

from livechat.models import ChatSession
from slackapp import lookup, promises, rooms
from slackapp.errands.channels import do_without
from slackapp.errands.errand import Errand
from slackapp.errands.lines import thread
from slackapp.errands.posting import post
from slackapp.errors import Answered, Do
from slackapp.kinds import OWN_WORDS
from slackapp.models import ChatLink
from slackapp.promises import Job

LATER = (Do.WAIT, Do.LOOK, Do.TRY_AGAIN)
BACK = "This chat is back: it was snoozed until now."


def call(job: Job) -> str:
    """Nothing if that is not so any more: Slack may have been away for hours."""
    if not _is_back(job):
        return ""
    metadata = {"event_type": OWN_WORDS[job.head.kind], "event_payload": {"delivery": job.head.pk}}
    return post(job, {**said(str(job.head.args.get("user", ""))), **thread(job), "metadata": metadata})


def _is_back(job: Job) -> bool:
    links = ChatLink.objects.filter(pk=job.link.pk, chat__visitor__blocked_at=None)
    return links.filter(chat__status=ChatSession.Status.OPEN, chat__snoozed_until=None).exists()


def said(user_id: str) -> dict[str, Any]:
    words: list[dict[str, Any]] = [{"type": "text", "text": BACK}]
    if user_id:
        words = [{"type": "user", "user_id": user_id}, {"type": "text", "text": f" {BACK}"}]
    return {
        # called once, by the blocks
        "text": BACK,
        "blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": words}]}],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def refused(chat: ChatSession, job: Job, error: Answered) -> bool:
    """The chat does without; a channel in trouble is its connection's matter."""
    broken = error.todo is Do.FIX_CHANNEL and not job.link.is_noisy
    if broken or error.stops_team or error.todo in LATER:
        return False
    return do_without(chat, job, error)


def settle(chat: ChatSession, job: Job, ts: str) -> None:
    if ts:
        rooms.settle_post(chat, job, ts)
    else:
        promises.note_done(job)


WOKEN = Errand(call=call, settle=settle, find=lookup.find, refused=refused)
