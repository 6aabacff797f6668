"""Slack's copies of a message that was edited or withdrawn: each is brought up to date, one call after the other."""

from typing import Any

from django.conf import settings

from livechat.models import ChatSession, Message
from slackapp import changed_blocks, copies, keys, lookup, promises, rooms
from slackapp.blocks import parts, username
from slackapp.errands.errand import Errand
from slackapp.errands.lines import sender, thread
from slackapp.errands.posting import post
from slackapp.errors import Answered, Do, sentence
from slackapp.models import Delivery, MessageLink
from slackapp.promises import Job

# the copy itself is gone, which for a withdrawn message is all that was wanted
NOT_THERE = "message_not_found"


def update(job: Job) -> str:
    """The copy whose turn it is; doing it twice is the same as once."""
    there = copies.copies_of(_message(job))
    number = job.head.parts_sent
    if number >= len(there):
        return ""
    copy = there[number]
    said = _shown(job, copy, number)
    keys.call(job.link.installation, "chat.update", channel=copy.channel_id, ts=copy.ts, **said)
    return copy.ts


def _message(job: Job) -> Message:
    assert job.head.message is not None
    return job.head.message


def _shown(job: Job, copy: MessageLink, number: int) -> dict[str, Any]:
    message = _message(job)
    who = sender(job, message)
    together = job.link.chat.messages.filter(
        slack_links__installation=copy.installation_id,
        slack_links__channel_id=copy.channel_id,
        slack_links__ts=copy.ts,
        slack_links__from_slack=False,
    )
    messages = list(together.order_by("seq"))
    if len(messages) > 1:
        return changed_blocks.joined(messages, who)
    return changed_blocks.changed(message, who, number)


def updated(chat: ChatSession, job: Job, named: str) -> None:
    """On to the next copy; after the last one, what the message has grown by is posted as its further parts."""
    message, there = _message(job), copies.copies_of(_message(job))
    done = job.head.parts_sent + 1
    if done < len(there):
        Delivery.objects.filter(pk=job.head.pk).update(parts_sent=done, state=Delivery.State.PENDING)
        return
    promises.note_done(job)
    if there and message.deleted_at is None and len(parts(message.body)) > len(there):
        promises.post_further(message, len(there))
    elif there and message.mirror_state == Message.Mirror.FAILED:
        promises.note_there(chat, message)


def not_updated(chat: ChatSession, job: Job, error: Answered) -> bool:
    """The copy is left to a person, and a line in the chat says what it cannot; the other copies follow."""
    if error.stops_team or error.todo in (Do.WAIT, Do.LOOK):
        return False
    if error.todo is Do.TRY_AGAIN and job.head.attempts < promises.TRIES_OF_THE_UNKNOWN:
        return False
    here = not job.link.is_noisy and job.link.channel_id == job.link.connection.channel_id
    if error.todo is Do.FIX_CHANNEL and here:
        return False
    _leave(job, error)
    updated(chat, job, "")
    return True


def _leave(job: Job, error: Answered) -> None:
    message, there = _message(job), copies.copies_of(_message(job))
    number = job.head.parts_sent
    if error.code != NOT_THERE and number < len(there):
        copies.leave(job.link, there[number], sentence(error.code))
    if error.code != NOT_THERE or message.deleted_at is None:
        copies.remark(job.link, message)


# --- the line that says so ----------------------------------------------------------------------------------------


def say(job: Job) -> str:
    message = job.link.chat.messages.select_related("agent").get(pk=job.head.args["message"])
    url = f"{settings.CONSOLE_URL}/console/chats/{job.link.chat_id}#m-{message.pk}"
    head = changed_blocks.head_of_remark(message, _called(job, message), job.head.args)
    said = changed_blocks.remark(message, head, url, job.head.pk)
    return post(job, {**said, **thread(job)})


def _called(job: Job, message: Message) -> str:
    """Nobody is named in the app's own name but whoever wrote the note: the app says so itself."""
    if job.head.args.get("note") and message.agent is not None:
        return username(message.agent.name, "")
    return sender(job, message)


EDIT = Errand(call=update, settle=updated, refused=not_updated)
REMARK = Errand(call=say, settle=rooms.settle_post, find=lookup.find)
