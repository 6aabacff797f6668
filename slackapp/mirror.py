"""Carries a chat's promises to Slack: transaction and call in turn until its lane is empty."""

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from config.engine import ring_in
from config.prepared import Prepared
from livechat.actions.messages import lock_chat
from livechat.models import ChatSession, Message
from slackapp import blocks, budgets, client, lanes, lookup, promises
from slackapp.actions import note_channel_problem, note_installation_problem, note_posted
from slackapp.errors import Answered, Do, Limited, NotSent, SlackError, Unknown, sentence
from slackapp.models import ChatLink, Delivery
from slackapp.promises import Job, Parked

log = logging.getLogger(__name__)

# What is to be written once a call is over, with the chat's row locked; returns the moment the lane wants to be entered
# again, or None to go on.
Settle = Callable[[ChatSession], datetime | None]
_OF_LANE = Prepared(lambda lane_id: ChatLink.objects.select_related("lane").filter(lane_id=lane_id))
LOOK_AGAIN = timedelta(seconds=1), timedelta(minutes=5)


def deliver(lane_id: int) -> None:
    """Works one lane until it is empty or has to wait. Ringing twice, or never, is harmless."""
    link = _OF_LANE.first(lane_id=lane_id)
    if link is None or not lanes.seems_free(link.lane):
        return
    token = uuid.uuid4()
    step = _begin(lane_id, token, link.chat_id)
    while isinstance(step, Job):
        step = _advance(lane_id, token, link.chat_id, _perform(step))
    if step is not None and step.until is not None:
        _ring_at(lane_id, step.until)


def _begin(lane_id: int, token: uuid.UUID, chat_id: uuid.UUID) -> Job | Parked | None:
    """`_advance`; a lane whose next job cannot even be read rests, so that the sweep does not ring it without end."""
    try:
        return _advance(lane_id, token, chat_id, None)
    except Exception:
        with transaction.atomic():
            lock_chat(chat_id)
            if (lane := lanes.enter(lane_id)) is not None:
                lanes.release(lane, timezone.now() + lanes.LEASE)
        raise


def _ring_at(lane_id: int, moment: datetime) -> None:
    ring_in((moment - timezone.now()).total_seconds(), lambda: promises.ring(lane_id))


def _advance(
    lane_id: int, token: uuid.UUID, chat_id: uuid.UUID, settle: Settle | None
) -> Job | Parked | None:
    """One transaction: what the last call did is written and the next job is taken, under a lease for its call.

    None: another worker has the lane.
    """
    with transaction.atomic():
        chat = lock_chat(chat_id)
        lane = lanes.enter(lane_id) if settle is None else lanes.hold(lane_id, token)
        if lane is None:
            log.log(logging.WARNING if settle else logging.DEBUG, "lane %s is another worker's", lane_id)
            return None
        until = settle(chat) if settle is not None else None
        step = Parked(until) if until is not None else promises.take(lane)
        if isinstance(step, Parked):
            lanes.release(lane, step.until)
        else:
            lanes.lease(lane, token)
        return step


def _perform(job: Job) -> Settle:
    """The one call, outside of any transaction. Every outcome becomes something to write."""
    try:
        if job.look:
            return _looked(job, lookup.find(job))
        return _sent(job, _post(job))
    except SlackError as error:
        log.info("slack did not take a delivery of chat %s: %s", job.link.chat_id, error)
        return _failed(job, error)


def _post(job: Job) -> str:
    link = job.link
    arguments = _arguments(job)
    answer = client.call(
        "chat.postMessage", link.installation.bot_token.reveal(), channel=link.channel_id, **arguments
    )
    if not isinstance(answer.get("ts"), str):
        raise Unknown("chat.postMessage: the answer has no ts")
    return str(answer["ts"])


def _arguments(job: Job) -> dict[str, object]:
    chat = job.link.chat
    if job.head.kind == Delivery.Kind.CARD:
        return blocks.card(chat, settings.CONSOLE_URL)
    return {**_line(job), "thread_ts": job.link.root_ts}


def _line(job: Job) -> dict[str, object]:
    """One line, several joined, or the next part of a long one."""
    messages = job.messages
    name = _sender(job, messages[0])
    if len(messages) > 1:
        text = "\n".join(message.body for message in messages)
        return blocks.line(text, name, blocks.line_metadata([str(message.pk) for message in messages]))
    pieces = blocks.parts(messages[0].body)
    number = min(job.head.parts_sent, len(pieces) - 1)
    last = number == len(pieces) - 1
    mid = str(messages[0].pk)
    metadata = blocks.line_metadata([mid]) if last else blocks.part_metadata(mid, number + 1, len(pieces))
    return blocks.line(pieces[number], name, metadata)


def _sender(job: Job, message: Message) -> str:
    if message.author_kind == Message.Author.VISITOR:
        return blocks.username(job.link.chat.visitor.display_name)
    return blocks.username(
        message.agent.name if message.agent else job.link.chat.site.name, "(from the console)"
    )


# --- outcomes -----------------------------------------------------------------------------------------------------


def _sent(job: Job, ts: str) -> Settle:
    def settle(chat: ChatSession) -> None:
        note_posted(job.link.connection)
        budgets.note_success(job.link.installation)
        promises.settle_sent(chat, job, ts)

    return settle


def _looked(job: Job, found: str | None) -> Settle:
    """A complete negative answer, and only that, frees the post to be repeated."""
    if found is not None:
        return _sent(job, found)

    def settle(chat: ChatSession) -> None:
        if promises.still_unknown(job):
            promises.settle_not_sent(job, "it did not arrive, so it is sent again")

    return settle


def _failed(job: Job, error: SlackError) -> Settle:
    if isinstance(error, Limited):
        return lambda chat: _limited(job, error)
    if job.look and isinstance(error, Answered):
        return lambda chat: _look_refused(chat, job, error)
    if job.look:
        return lambda chat: _not_told(chat, job, error)
    if isinstance(error, Unknown):
        return lambda chat: _unknown(chat, job, error)
    if isinstance(error, NotSent):
        return lambda chat: _again(chat, job, error)
    assert isinstance(error, Answered)
    return lambda chat: _answered(chat, job, error)


def _limited(job: Job, error: Limited) -> datetime:
    if job.look:
        return timezone.now() + timedelta(seconds=error.seconds)
    promises.settle_not_sent(job, "Slack asked to wait")
    return budgets.pause_channel(job.link.installation, job.link.channel_id, error.seconds)


def _unknown(chat: ChatSession, job: Job, error: SlackError) -> datetime:
    budgets.note_failure(job.link.installation)
    promises.settle_unknown(chat, job, str(error))
    return timezone.now() + timedelta(seconds=settings.SLACK_ECHO_WAIT)


def _not_told(chat: ChatSession, job: Job, error: SlackError) -> datetime:
    """Looked at again, ever less often. It says nothing of posting, so it makes no other chat wait."""
    promises.settle_unknown(chat, job, str(error))
    now = timezone.now()
    return now + min(max(now - (job.head.tried_at or now), LOOK_AGAIN[0]), LOOK_AGAIN[1])


def _look_refused(chat: ChatSession, job: Job, error: Answered) -> None:
    """Slack will not let us look until a person mends something; what is in doubt is not repeated meanwhile."""
    problem = sentence(error.code)
    if error.todo is Do.REAUTHORISE:
        note_installation_problem(job.link.installation, problem)
    elif not note_channel_problem(
        job.link.connection, job.link.channel_id, problem
    ) and promises.still_unknown(job):
        promises.settle_dead(chat, job, f"It may have arrived, which cannot be checked. {problem}")


def _again(chat: ChatSession, job: Job, error: SlackError) -> datetime | None:
    budgets.note_failure(job.link.installation)
    if promises.is_overdue(job):
        promises.settle_dead(chat, job, "Slack could not be reached for a day.")
        return None
    promises.settle_not_sent(job, str(error))
    return timezone.now() + promises.backoff(job.head.attempts)


def _answered(chat: ChatSession, job: Job, error: Answered) -> datetime | None:
    todo, problem = error.todo, sentence(error.code)
    if todo is Do.REAUTHORISE:
        promises.settle_not_sent(job, problem)
        note_installation_problem(job.link.installation, problem)
    elif todo is Do.FIX_CHANNEL and note_channel_problem(job.link.connection, job.link.channel_id, problem):
        promises.settle_not_sent(job, problem)
    elif (
        todo is Do.NEW_THREAD
        and job.head.kind == Delivery.Kind.LINE
        and job.head.attempts < promises.MOST_THREADS
    ):
        promises.new_thread(job)
    elif todo is Do.TRY_AGAIN and job.head.attempts < promises.TRIES_OF_THE_UNKNOWN:
        promises.settle_not_sent(job, problem)
        return timezone.now() + promises.backoff(job.head.attempts)
    else:
        log.error("slack refused a delivery for good: %s", error)
        promises.settle_dead(chat, job, problem)
    return None
