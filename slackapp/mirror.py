"""Carries a chat's promises to Slack: transaction and call in turn until its lane is empty."""

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.errors import NotFound
from config.engine import ring_in
from config.prepared import Prepared
from livechat.actions.messages import lock_chat
from livechat.models import ChatSession
from slackapp import budgets, doubts, lanes, promises
from slackapp.actions import note_channel_problem, note_installation_problem, note_posted
from slackapp.errands import ERRANDS
from slackapp.errors import Answered, Do, Limited, SlackError, Unknown, sentence
from slackapp.kinds import TRAITS, budget_of, place_of
from slackapp.models import Lane
from slackapp.promises import Job, Parked

log = logging.getLogger(__name__)

# What is to be written once a call is over, with the chat's row locked; returns the moment the lane wants to be entered
# again, or None to go on.
Settle = Callable[[ChatSession], datetime | None]
# what a transaction ends with; None when another worker has the lane
Step = Job | Parked | budgets.Contended | None
_LANE = Prepared(lambda lane_id: Lane.objects.filter(pk=lane_id))
LOOK_AGAIN = timedelta(seconds=1), timedelta(minutes=5)


def deliver(lane_id: int) -> None:
    """Works one lane until it is empty or has to wait. Ringing twice, or never, is harmless."""
    lane = _LANE.first(lane_id=lane_id)
    if lane is None or not lanes.seems_free(lane):
        return
    token, chat_id = uuid.uuid4(), lanes.chat_of(lane)
    step = _begin(lane_id, token, chat_id)
    while isinstance(step, Job | budgets.Contended):
        if isinstance(step, Job):
            step = _go_on(lane_id, token, chat_id, _perform(step))
        else:
            budgets.queue_up(step)
            step = _begin(lane_id, token, chat_id)
    if step is not None and step.until is not None:
        _ring_at(lane_id, step.until)


def _go_on(lane_id: int, token: uuid.UUID, chat_id: uuid.UUID, settle: Settle) -> Step:
    """`_advance` after a call, during which the visitor may have been erased: then erasing.py finds what it left."""
    try:
        return _advance(lane_id, token, chat_id, settle)
    except NotFound:
        log.info("chat %s is gone", chat_id)
        return None


def _begin(lane_id: int, token: uuid.UUID, chat_id: uuid.UUID) -> Step:
    """`_advance`; a lane whose next job cannot even be read rests, so that the sweep does not ring it without end."""
    try:
        return _advance(lane_id, token, chat_id, None)
    except NotFound:
        with transaction.atomic():
            if (lane := lanes.enter(lane_id)) is not None:
                lanes.release(lane, None)  # the chat is gone, and with it whatever Slack was to be told
        return None
    except Exception:
        with transaction.atomic():
            lock_chat(chat_id)
            if (lane := lanes.enter(lane_id)) is not None:
                lanes.release(lane, timezone.now() + lanes.LEASE)
        raise


def _ring_at(lane_id: int, moment: datetime) -> None:
    ring_in((moment - timezone.now()).total_seconds(), lambda: promises.ring(lane_id))


def _advance(lane_id: int, token: uuid.UUID, chat_id: uuid.UUID, settle: Settle | None) -> Step:
    """One transaction: what the last call did is written and the next job is taken, under a lease for its call."""
    with transaction.atomic():
        chat = lock_chat(chat_id)
        lane = lanes.enter(lane_id) if settle is None else lanes.hold(lane_id, token)
        if lane is None:
            log.log(logging.WARNING if settle else logging.DEBUG, "lane %s is another worker's", lane_id)
            return None
        until = settle(chat) if settle is not None else None
        step = Parked(until) if until is not None else _take(lane)
        if isinstance(step, Job):
            lanes.lease(lane, token)
        else:
            lanes.release(lane, step.until if isinstance(step, Parked) else timezone.now())
        return step


def _take(lane: Lane) -> Job | Parked | budgets.Contended:
    try:
        return promises.take(lane)
    except budgets.Contended as contended:
        return contended


def _perform(job: Job) -> Settle:
    """The one call, outside of any transaction. Every outcome becomes something to write."""
    errand = ERRANDS[job.head.kind]
    try:
        if job.look and errand.find is not None:
            return _looked(job, errand.find(job))
        return _sent(job, errand.call(job))
    except SlackError as error:
        log.info("slack did not take a delivery of chat %s: %s", job.link.chat_id, error)
        return _failed(job, error)


# --- outcomes -----------------------------------------------------------------------------------------------------


def _sent(job: Job, named: str) -> Settle:
    """`named`: what Slack calls it."""

    def settle(chat: ChatSession) -> None:
        # it may make other lanes due, whose rows are locked before those of connection and installation
        ERRANDS[job.head.kind].settle(chat, job, named)
        note_posted(job.link.connection)
        budgets.note_success(job.link.installation)

    return settle


def _looked(job: Job, found: str | None) -> Settle:
    """A complete negative answer, and only that, frees the post to be repeated."""
    if found is not None:
        return _sent(job, found)

    def settle(chat: ChatSession) -> None:
        doubts.note_page(job.head, None)
        if promises.still_unknown(job):
            promises.settle_not_sent(job, "it did not arrive, so it is sent again")

    return settle


def _failed(job: Job, error: SlackError) -> Settle:
    if isinstance(error, Limited):
        return lambda chat: _limited(chat, job, error)
    if job.look and isinstance(error, Answered):
        return lambda chat: _look_refused(chat, job, error)
    if job.look:
        return lambda chat: _not_told(chat, job, error)
    if isinstance(error, Unknown) and not TRAITS[job.head.kind].repeatable:
        return lambda chat: _unknown(chat, job, error)
    if isinstance(error, Answered):
        return lambda chat: _answered(chat, job, error)
    return lambda chat: _again(chat, job, error)


def _limited(chat: ChatSession, job: Job, error: Limited) -> datetime | None:
    if job.look:
        doubts.note_page(job.head, error.cursor)
        return timezone.now() + timedelta(seconds=error.seconds)
    until = budgets.pause(job.link.installation, budget_of(job.head), error.seconds)
    if ERRANDS[job.head.kind].limited(chat, job, until):
        return None
    promises.settle_not_sent(job, "Slack asked to wait")
    return until


def _unknown(chat: ChatSession, job: Job, error: SlackError) -> datetime:
    budgets.note_failure(job.link.installation)
    promises.settle_unknown(chat, job, str(error))
    return timezone.now() + timedelta(seconds=settings.SLACK_ECHO_WAIT)


def _not_told(chat: ChatSession, job: Job, error: SlackError) -> datetime:
    """Looked at again, ever less often. It says nothing of posting, so it makes no other chat wait."""
    doubts.note_page(job.head, None)
    promises.settle_unknown(chat, job, str(error))
    now = timezone.now()
    return now + min(max(now - (job.head.tried_at or now), LOOK_AGAIN[0]), LOOK_AGAIN[1])


def _look_refused(chat: ChatSession, job: Job, error: Answered) -> None:
    """Slack will not let us look until a person mends something; what is in doubt is not repeated meanwhile."""
    if not _stops(job, error) and promises.still_unknown(job):
        problem = sentence(error.code)
        doubts.remember(job.deliveries)
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
    if ERRANDS[job.head.kind].refused(chat, job, error):
        return None
    if _stops(job, error):
        promises.settle_not_sent(job, problem)
    elif todo is Do.TRY_AGAIN and job.head.attempts < promises.TRIES_OF_THE_UNKNOWN:
        promises.settle_not_sent(job, problem)
        return timezone.now() + promises.backoff(job.head.attempts)
    else:
        log.log(_loudness(todo), "slack refused a delivery for good: %s", error)
        promises.settle_dead(chat, job, problem)
    return None


def _stops(job: Job, error: Answered) -> bool:
    """Whether queues stop for it until it is mended, or the place has moved meanwhile: either way nothing is lost."""
    link, problem = job.link, sentence(error.code)
    if error.todo is Do.FIX_TEAM and not link.installation.slack_team_id:
        return note_channel_problem(link.connection, link.connection.channel_id, problem, error.code)
    if error.stops_team:
        note_installation_problem(link.installation, problem, error.code)
        return True
    if error.todo is not Do.FIX_CHANNEL:
        return False
    place = place_of(job.head)
    return promises.has_moved(job) or note_channel_problem(link.connection, place, problem, error.code)


def _loudness(todo: Do) -> int:
    """Slack's rules are for whoever reads the chat; the rest may be a mistake of ours."""
    return logging.WARNING if todo is Do.TELL else logging.ERROR
