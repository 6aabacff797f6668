"""The promise rows towards Slack: made in the transaction of the message, settled one transaction per post.

Order of one chat is the order of `Delivery.id`, given under the chat's row lock. One is in flight at a time, and one
whose outcome is unknown is resolved before the next is touched. Locks are taken in one order everywhere: chat, lane,
connection, installation, budget.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from config.prepared import Change, Insert, Prepared, columns_of
from livechat.actions.messages import note_mirrored
from livechat.events import MessagePosted
from livechat.models import ChatSession, Message
from slackapp import blocks, budgets, doubts, lanes, linking, parting, places, words
from slackapp.kinds import TRAITS, Traits, budget_of, copies_of
from slackapp.lanes import backoff as backoff
from slackapp.models import ChatLink, Connection, Delivery, Installation, Lane, MessageLink
from slackapp.pieces import ALONE, pieces_of

JOIN_LINES, JOIN_SIZE = 10, blocks.PART_SIZE
GIVE_UP_AFTER = timedelta(hours=24)
TRIES_OF_THE_UNKNOWN = 3
TRIES_OF_THE_OLD = 7
_LINK = Prepared(
    lambda chat_id: (
        ChatLink.objects.select_related("connection", "lane")
        .filter(pk=chat_id)
        .only(*columns_of(ChatLink), "connection__state", "lane__due_at")
    )
)
_WAITING = Prepared(lambda lane_id: places.OPEN.filter(lane_id=lane_id)[:JOIN_LINES])
_WAITING_OF_KIND = Prepared(
    lambda link_id, kind: Delivery.objects.filter(
        link_id=link_id, kind=kind, state=Delivery.State.PENDING
    ).only("pk")[:1]
)
_INSERT = Insert(Delivery)
_LINK_COPY = Insert(MessageLink, ignore_conflicts=True)
_NOTE_SENDING = Change(
    lambda pk, at, first_at, attempts: (
        Delivery.objects.filter(pk=pk),
        {
            "state": Delivery.State.SENDING,
            "tried_at": at,
            "first_tried_at": first_at,
            "attempts": attempts,
            "joined_into": None,
        },
    ),
    pk=int,
    at=datetime,
    first_at=datetime,
    attempts=int,
)
_NOTE_SENT = Change(
    lambda pk: (Delivery.objects.filter(pk=pk), {"state": Delivery.State.SENT, "problem": ""}), pk=int
)


# --- made with the message ----------------------------------------------------------------------------------------


def promise_copy(fact: MessagePosted) -> None:
    """Inside the message's transaction: the copy for Slack, and with a chat's first message its card."""
    if not fact.mirror:
        return
    link = _LINK.first(chat_id=fact.chat.pk) or linking.new_link(fact.chat)
    if link is not None and parting.has_ended(link):
        link = parting.follow(fact.chat, link)
    if link is None:
        note_mirrored(fact.chat, [fact.message], Message.Mirror.NONE)
        return
    for kind in copies_of(fact.message):
        _INSERT.later(Delivery(lane_id=link.lane_id, link=link, kind=kind, message=fact.message))
    # a lane that is due already, or parked until a moment, is not rung again by every line that joins its queue; only
    # who holds the chat's lock puts a lane to sleep, so what was read above still holds
    if link.lane.due_at is None:
        lanes.mark_due(link.lane_id)
        transaction.on_commit(lambda: ring(link.lane_id), robust=True)


def ring(lane_id: int) -> None:
    from slackapp import tasks

    tasks.ring_deliver(lane_id)


def wake(lane_id: int) -> None:
    """The lane has work; rung after the commit."""
    lanes.mark_due(lane_id)
    transaction.on_commit(lambda: ring(lane_id), robust=True)


def aside(link: ChatLink, kind: str, **args: Any) -> None:
    """A promise that no line of the chat waits for. The caller holds the chat's row lock."""
    put(lanes.side_key(link.chat_id), Delivery(link=link, kind=kind, args=args))


def in_own_time(link: ChatLink, kind: str, lane_key: str) -> None:
    """A courtesy, in a lane of its own: as `aside`, one open promise of the kind does for all."""
    if _WAITING_OF_KIND.first(link_id=link.pk, kind=kind) is not None:
        lane_id = lanes.make_due(lane_key)
        transaction.on_commit(lambda: ring(lane_id), robust=True)
    else:
        put(lane_key, Delivery(link=link, kind=kind))


def late(link: ChatLink, kind: str, not_before: datetime, **args: Any) -> None:
    """A promise for a later moment, in a lane that holds nothing else up. The caller holds the chat's row lock."""
    put(lanes.late_key(link.chat_id), Delivery(link=link, kind=kind, slot_at=not_before, args=args))


def put(lane_key: str, delivery: Delivery) -> None:
    delivery.lane_id = lanes.make_due(lane_key)
    _INSERT.later(delivery)
    transaction.on_commit(lambda: ring(delivery.lane_id), robust=True)


# --- taken by a worker --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Job:
    """One call to make: post the head (`deliveries`, several when lines are joined), or look whether it arrived."""

    link: ChatLink
    deliveries: list[Delivery]
    look: bool

    @property
    def head(self) -> Delivery:
        return self.deliveries[0]

    @property
    def messages(self) -> list[Message]:
        return [delivery.message for delivery in self.deliveries if delivery.message is not None]


@dataclass(frozen=True, slots=True)
class Parked:
    """Nothing may be done before `until` (None: until somebody rings)."""

    until: datetime | None


def take(lane: Lane) -> Job | Parked:
    """The lane's next job. The caller holds the lane (lanes.hold) inside a transaction."""
    found = places.with_place(_WAITING.all(lane_id=lane.pk))
    if not found:
        return Parked(None)
    found = places.behind_its_place(lane, found)
    head, link = found[0], found[0].link
    if parting.has_ended(link):
        parting.settle_parted(link.chat, lane.pk)
        return Parked(None)
    if places.is_void(head, link):
        _NOTE_SENT.later(pk=head.pk)
        return take(lane)
    if parting.has_no_key(head):
        parting.give_up_fetch(link.chat, head)
        return take(lane)
    traits = TRAITS[head.kind]
    if not _may_go(link, traits):
        return Parked(None)
    if head.state == Delivery.State.SENDING and not traits.repeatable:
        return _take_unknown(head)
    if traits.needs_thread and link.root_ts is None and not link.is_noisy:
        return Parked(None)  # its card is dead and waits for a person
    if (wait := _wait(head, traits)) is not None:
        return Parked(wait)
    return _take_pending(link, found)


def _may_go(link: ChatLink, traits: Traits) -> bool:
    """A connection whose channel is broken keeps what goes there; a chat in a channel of its own goes on."""
    if link.installation.state != Installation.State.ACTIVE:
        return False
    in_channel = traits.in_lobby or not link.is_noisy
    return not (in_channel and link.connection.state == Connection.State.BROKEN)


def _wait(head: Delivery, traits: Traits) -> datetime | None:
    """None: go now. A kind with patience is let go once that is over, to find another way (`Errand.limited`)."""
    if traits.is_post or traits.is_paced:
        return budgets.wait_for_slot(head.link.installation, budget_of(head), head)
    if head.slot_at is not None and head.slot_at > timezone.now():
        return head.slot_at
    paused = head.link.installation.paused_until
    if paused is not None and paused > timezone.now():
        return paused
    wait = budgets.asked_to_wait(head.link.installation, traits.method) if traits.method else None
    if wait is None or traits.patience is None:
        return wait
    return None if wait > head.created_at + traits.patience else wait


def _take_unknown(head: Delivery) -> Job | Parked:
    """First our own echo is awaited, then one look; a post is never repeated on a guess."""
    wait = timedelta(seconds=settings.SLACK_ECHO_WAIT * TRAITS[head.kind].first_look)
    look_at = (head.tried_at or head.created_at) + wait
    if look_at > timezone.now():
        return Parked(look_at)
    joined = Delivery.objects.filter(joined_into=head).select_related("message__agent").order_by("pk")
    return Job(head.link, words.as_posted([head, *joined]), look=True)


def _take_pending(link: ChatLink, found: list[Delivery]) -> Job:
    group = _joinable(found)
    now = timezone.now()
    head, *joined = group
    for delivery in group:
        words.forget(delivery)
        delivery.state, delivery.tried_at = Delivery.State.SENDING, now
        delivery.first_tried_at = delivery.first_tried_at or now
        delivery.attempts += 1
        delivery.joined_into = None if delivery is head else head
    _NOTE_SENDING.later(pk=head.pk, at=now, first_at=head.first_tried_at, attempts=head.attempts)
    if joined:
        Delivery.objects.filter(pk__in=[delivery.pk for delivery in joined]).update(
            state=Delivery.State.SENDING,
            tried_at=now,
            first_tried_at=Coalesce("first_tried_at", Value(now)),
            attempts=F("attempts") + 1,
            joined_into=head,
        )
    return Job(link, group, look=False)


def _joinable(found: list[Delivery]) -> list[Delivery]:
    """The head and the lines after it that fit into one post: same author, short, none tried before."""
    head = found[0]
    group, size = [head], len(head.message.body) if head.message else JOIN_SIZE
    for delivery in found[1:]:
        size += len(delivery.message.body) + 1 if delivery.message else JOIN_SIZE
        if (
            {head.kind, delivery.kind} != {Delivery.Kind.LINE}
            or delivery.state != Delivery.State.PENDING
            or size > JOIN_SIZE
        ):
            break
        if (
            _author_of(head) != _author_of(delivery)
            or head.parts_sent
            or ALONE in {**head.args, **delivery.args}
        ):
            break
        group.append(delivery)
    return group


def _author_of(delivery: Delivery) -> tuple[str, uuid.UUID | None]:
    return (delivery.message.author_kind, delivery.message.agent_id) if delivery.message else ("", None)


# --- settled after the call ---------------------------------------------------------------------------------------


def settle_sent(chat: ChatSession, job: Job, ts: str) -> None:
    """Slack has it; under no `ts` if all of it was there. A long message counts with its last part.

    The echo may have settled it before.
    """
    head = job.head
    if head.message is not None and head.parts_sent + 1 < len(pieces_of(head)):
        Delivery.objects.filter(pk=head.pk).update(
            parts_sent=head.parts_sent + 1, state=Delivery.State.PENDING
        )
        _LINK_COPY.later(_copy(job.link, head.message, ts))
        words.thaw(chat, [head.pk])
        return
    note_done(job)
    if head.kind == Delivery.Kind.CARD:
        _card_is_there(job.link, ts)
        return
    if head.kind == Delivery.Kind.LOBBY:
        ChatLink.objects.filter(pk=job.link.pk).update(lobby_ts=ts)
    if ts:
        _note_copies(job, ts)
    # what has files is there when they are
    if whole := [message for message in job.messages if not message.has_files]:
        note_mirrored(chat, whole, Message.Mirror.SENT, doubts.word_for(job.deliveries))


def note_done(job: Job) -> None:
    if len(job.deliveries) == 1:
        _NOTE_SENT.later(pk=job.head.pk)
    else:
        Delivery.objects.filter(pk__in=_pks(job)).update(state=Delivery.State.SENT, problem="")
    doubts.note(job.deliveries)


def _card_is_there(link: ChatLink, ts: str) -> None:
    """In a channel of its own the card is pinned, once, whichever of answer and echo came first."""
    changed = ChatLink.objects.filter(pk=link.pk, root_ts=None).update(root_ts=ts)
    if changed and link.is_noisy:
        aside(link, Delivery.Kind.PIN)


def _note_copies(job: Job, ts: str) -> None:
    copies = [_copy(job.link, message, ts) for message in job.messages]
    if len(copies) == 1:
        _LINK_COPY.later(copies[0])
    else:
        MessageLink.objects.bulk_create(copies, ignore_conflicts=True)


def _copy(link: ChatLink, message: Message, ts: str) -> MessageLink:
    where = {"installation_id": link.installation_id, "channel_id": link.channel_id, "ts": ts}
    return MessageLink(message=message, from_slack=False, **where)


def settle_not_sent(job: Job, problem: str) -> None:
    """A sure no: the same lines are free to be posted again, joined or not."""
    Delivery.objects.filter(pk__in=_pks(job)).update(
        state=Delivery.State.PENDING, joined_into=None, problem=problem[:300]
    )
    words.thaw(job.link.chat, _pks(job))


def settle_unknown(chat: ChatSession, job: Job, problem: str) -> None:
    """It may be in Slack: stays in flight, and the console says *checking*. Our own echo may have been quicker."""
    in_doubt = Delivery.objects.filter(pk__in=_pks(job), state=Delivery.State.SENDING)
    if in_doubt.update(problem=problem[:300]):
        _tell(chat, job, Message.Mirror.CHECKING, "")


def settle_dead(chat: ChatSession, job: Job, problem: str) -> None:
    """A person has to decide: the row stays, the message says why, *Send again* brings it back."""
    Delivery.objects.filter(pk__in=_pks(job)).update(
        state=Delivery.State.DEAD, joined_into=None, problem=problem[:300]
    )
    _tell(chat, job, Message.Mirror.FAILED, problem)
    words.thaw(chat, _pks(job))


def _tell(chat: ChatSession, job: Job, state: str, problem: str) -> None:
    if job.messages:
        note_mirrored(chat, job.messages, state, problem)


def _pks(job: Job) -> list[int]:
    return [delivery.pk for delivery in job.deliveries]


def post_further(message: Message, parts_there: int) -> None:
    """The message has grown: its line goes on with the parts that are not in Slack yet."""
    line = Delivery.objects.filter(message=message, kind=Delivery.Kind.LINE, state=Delivery.State.SENT)
    line.update(state=Delivery.State.PENDING, parts_sent=parts_there, attempts=0, created_at=timezone.now())


def note_there(chat: ChatSession, message: Message) -> None:
    note_mirrored(chat, [message], Message.Mirror.SENT)


def still_unknown(job: Job) -> bool:
    """False when our own echo has settled the head meanwhile."""
    return Delivery.objects.filter(pk=job.head.pk, state=Delivery.State.SENDING).exists()


def is_overdue(job: Job) -> bool:
    """After a day, and not at the first stumble of what had to wait so long for a person."""
    age = timezone.now() - (job.head.slot_at or job.head.created_at)
    return age > GIVE_UP_AFTER and job.head.attempts >= TRIES_OF_THE_OLD


def has_moved(job: Job) -> bool:
    """Slack gave the channel another id since the job was taken."""
    now = ChatLink.objects.filter(pk=job.link.pk).values_list("channel_id", "lobby_channel_id").first()
    return now is not None and now != (job.link.channel_id, job.link.lobby_channel_id)
