"""Promises about files: those of a line in Slack are to be fetched, those of a withdrawn message to vanish there.

Everything runs inside a transaction with the chat's row locked.
"""

import uuid
from typing import Any

from django.utils import timezone

from livechat.actions import fetched
from livechat.actions.messages import note_mirrored
from livechat.events import MessageChanged
from livechat.models import ChatSession, Message
from slackapp import doubts, lanes, promises
from slackapp.models import ChatLink, Delivery
from slackapp.promises import Job
from slackapp.shared_files import SlackFile

OUT = (Delivery.Kind.UPLOAD, Delivery.Kind.FILES, Delivery.Kind.FILE_LINK)


def promise_fetches(
    link: ChatLink, message: Message, files: tuple[SlackFile, ...], line: dict[str, str]
) -> int:
    """How many of the files are new or changed. `line` says where the message's author is told what did not work."""
    wanted = {file.expected(link.installation).external_id: file for file in files}
    expected = fetched.expect(message, [file.expected(link.installation) for file in wanted.values()])
    for row in expected:
        if row.state == row.State.FETCHING:
            file = wanted[row.external_id]
            of_file(link, row.pk, file=file.id, url=file.url, line=line)
    return len(expected)


def add_files(
    link: ChatLink, chat: ChatSession, message: Message, files: tuple[SlackFile, ...], line: dict[str, str]
) -> None:
    """The files of a line that is known, as one of its editions tells them."""
    if message.deleted_at is None and promise_fetches(link, message, files, line):
        fetched.note_changed(chat, message)


def of_file(link: ChatLink, file_id: uuid.UUID, **args: Any) -> None:
    """A promise about one file, which no other waits for. The caller holds the chat's row lock."""
    delivery = Delivery(link=link, kind=Delivery.Kind.FETCH, args={"attachment": str(file_id), **args})
    promises.put(lanes.file_key(link.chat_id, file_id), delivery)


def on_message_changed(fact: MessageChanged) -> None:
    """What was withdrawn is to vanish in Slack, too; words that files got afterwards are to appear."""
    if not fact.mirror or not fact.message.has_files:
        return
    out = Delivery.objects.filter(message=fact.message, kind__in=OUT).order_by("pk").first()
    if out is None:
        return
    if fact.change == "withdrawn":
        _promise(out, Delivery.Kind.UNSHARE)
    elif not fact.before.body:
        _promise(out, Delivery.Kind.LINE)


def _promise(like: Delivery, kind: str) -> None:
    """About the same message in the same order. A file is the bot's own in Slack, so it may be deleted there."""
    known = Delivery.objects.filter(message=like.message, kind=kind)
    if not known.exists():
        Delivery.objects.create(
            kind=kind, lane_id=like.lane_id, link_id=like.link_id, message_id=like.message_id
        )
        promises.wake(like.lane_id)


def try_later(job: Job, problem: str) -> None:
    """As often as it takes, ever less often; whoever calls this counts the attempts. Not for posts."""
    at = timezone.now() + promises.backoff(job.head.attempts)
    Delivery.objects.filter(pk=job.head.pk).update(
        state=Delivery.State.PENDING, slot_at=at, problem=problem[:300]
    )


def settle_files(chat: ChatSession, job: Job) -> None:
    """All of the message is in Slack: its words came before its files."""
    promises.note_done(job)
    note_mirrored(chat, job.messages, Message.Mirror.SENT, doubts.word_for(job.deliveries))


def note_uploaded(job: Job, uploaded: dict[str, str]) -> None:
    """Slack's ids by ours; the next file's turn begins anew."""
    args = {**job.head.args, "uploaded": uploaded}
    Delivery.objects.filter(pk=job.head.pk).update(args=args, state=Delivery.State.PENDING, attempts=0)


def note_completed(job: Job) -> None:
    """Slack has taken them and will share them. Our own echo may have been quicker."""
    in_flight = Delivery.objects.filter(pk=job.head.pk, state=Delivery.State.SENDING)
    in_flight.update(args={**job.head.args, "completed": True})


def become(job: Job, kind: str) -> None:
    """The next step, in the same place of the chat's order."""
    Delivery.objects.filter(pk=job.head.pk).update(
        kind=kind, state=Delivery.State.PENDING, attempts=0, first_tried_at=None, slot_at=None
    )
