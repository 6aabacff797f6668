"""The line that calls whoever was given a chat."""

from typing import Any

from accounts.models import Agent
from livechat.models import ChatSession
from slackapp import lookup, promises, rooms
from slackapp.blocks import username
from slackapp.errands.channels import do_without
from slackapp.errands.errand import Errand
from slackapp.errands.lines import thread
from slackapp.errands.posting import post
from slackapp.errors import Answered, Do
from slackapp.kinds import OWN_WORDS
from slackapp.models import ChatLink
from slackapp.promises import Job

LATER = (Do.WAIT, Do.LOOK, Do.TRY_AGAIN)


def call(job: Job) -> str:
    """Nothing if the chat is somebody else's by now, or closed: nobody is called for nothing."""
    user_id, by = str(job.head.args["user"]), str(job.head.args.get("by") or "")
    links = ChatLink.objects.filter(pk=job.link.pk, chat__agent__external_id__endswith=f":{user_id}")
    if not links.filter(chat__status=ChatSession.Status.OPEN).exists():
        return ""
    giver = Agent.objects.in_workspace(job.link.chat.site.workspace).filter(pk=by).first() if by else None
    metadata = {"event_type": OWN_WORDS[job.head.kind], "event_payload": {"delivery": job.head.pk}}
    return post(job, {**said(user_id, str(giver or "")), **thread(job), "metadata": metadata})


def said(user_id: str, giver: str) -> dict[str, Any]:
    words = (
        f"this chat is yours now. {username(giver, '')} gave it to you."
        if giver
        else "this chat is yours now."
    )
    elements = [{"type": "user", "user_id": user_id}, {"type": "text", "text": f", {words}"}]
    return {
        # called once, by the blocks
        "text": words.capitalize(),
        "blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}],
        "parse": "none",
        "unfurl_links": False,
        "unfurl_media": False,
    }


def settle(chat: ChatSession, job: Job, ts: str) -> None:
    if ts:
        rooms.settle_post(chat, job, ts)
    else:
        promises.note_done(job)


def refused(chat: ChatSession, job: Job, error: Answered) -> bool:
    """The chat does without; a channel in trouble is its connection's matter."""
    broken = error.todo is Do.FIX_CHANNEL and not job.link.is_noisy
    if broken or error.stops_team or error.todo in LATER:
        return False
    return do_without(chat, job, error)


ASSIGNED = Errand(call=call, settle=settle, find=lookup.find, refused=refused)
