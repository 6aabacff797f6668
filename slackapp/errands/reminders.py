"""A reminder that a visitor waits: in the chat's thread or channel, or in the lobby."""

from typing import Any

from django.conf import settings
from django.utils import timezone

from livechat.models import ChatSession
from slackapp import lookup, promises, reminder_blocks, reminders, rooms
from slackapp.errands.errand import Errand
from slackapp.errands.lines import thread
from slackapp.errands.posting import post
from slackapp.errors import Answered, Do
from slackapp.kinds import OWN_WORDS, TRAITS
from slackapp.promises import Job
from slackapp.reminded import Step

LATER = (Do.WAIT, Do.LOOK, Do.TRY_AGAIN)


def call(job: Job) -> str:
    link, step = job.link, job.head.args["step"]
    room = link.channel_id if TRAITS[job.head.kind].in_lobby else ""
    said = reminder_blocks.reminder(link.chat, _mentioned(job), room, timezone.now(), settings.CONSOLE_URL)
    where: dict[str, Any] = thread(job)
    if reminder_blocks.is_broadcast(link, step):
        where["reply_broadcast"] = True
    metadata = {"event_type": OWN_WORDS[job.head.kind], "event_payload": {"delivery": job.head.pk}}
    return post(job, {**said, **where, "metadata": metadata})


def _mentioned(job: Job) -> list[str]:
    """Those of this Slack team: others would be shown as letters and digits."""
    if job.head.args["step"] != Step.MENTION:
        return []
    people = [str(one).split(":") for one in reminders.plan_of(job.link.chat.site).people]
    return [user_id for team_id, user_id in people if team_id == job.link.connection.team_id]


def refused(chat: ChatSession, job: Job, error: Answered) -> bool:
    """It is done without, and the next step comes at its time. A channel in trouble is its connection's."""
    broken = error.todo is Do.FIX_CHANNEL and not job.link.is_noisy
    if broken or error.stops_team or error.todo in LATER:
        return False
    promises.note_done(job)
    return True


REMIND = Errand(call=call, settle=rooms.settle_post, find=lookup.find, refused=refused)
