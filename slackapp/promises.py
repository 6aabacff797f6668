"""The promise rows towards Slack: made in the transaction of the message, settled one transaction per post.

Order of one chat is the order of `Delivery.id`, given under the chat's row lock. One is in flight at a time, and one
whose outcome is unknown is resolved before the next is touched. Locks are taken in one order everywhere: chat, lane,
connection, installation, budget.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from config.prepared import Change, Insert, Prepared
from livechat.actions.messages import lock_chat, note_mirrored
from livechat.events import MessagePosted
from livechat.models import ChatSession, Message
from slackapp import blocks, budgets, lanes
from slackapp.models import ChatLink, Connection, Delivery, Installation, Lane, MessageLink

JOIN_LINES, JOIN_SIZE = 10, blocks.PART_SIZE
BACKOFF = (1, 2, 5, 15, 60, 300, 900)
GIVE_UP_AFTER = timedelta(hours=24)
TRIES_OF_THE_UNKNOWN = 3
MOST_THREADS = 5
_LINK = Prepared(lambda chat_id: ChatLink.objects.select_related("connection", "lane").filter(pk=chat_id))
_WAITING = Prepared(
    lambda lane_id: (
        Delivery.objects.filter(
            lane_id=lane_id, state__in=(Delivery.State.PENDING, Delivery.State.SENDING), joined_into=None
        )
        .select_related(
            "link__installation",
            "link__connection",
            "link__chat__site",
            "link__chat__visitor",
            "message__agent",
        )
        .order_by("pk")[:JOIN_LINES]
    )
)
_INSERT = Insert(Delivery)
_LINK_COPY = Insert(MessageLink, ignore_conflicts=True)
_NOTE_SENDING = Change(
    lambda pk, at, first_at, attempts, head: (
        Delivery.objects.filter(pk=pk),
        {
            "state": Delivery.State.SENDING,
            "tried_at": at,
            "first_tried_at": first_at,
            "attempts": attempts,
            "joined_into": head,
        },
    ),
    pk=int,
    at=datetime,
    first_at=datetime,
    attempts=int,
    head=int,
)
_NOTE_SENT = Change(
    lambda pk: (Delivery.objects.filter(pk=pk), {"state": Delivery.State.SENT, "problem": ""}), pk=int
)


def backoff(attempts: int) -> timedelta:
    return timedelta(seconds=BACKOFF[min(max(attempts, 1), len(BACKOFF)) - 1])


# --- made with the message ----------------------------------------------------------------------------------------


def promise_copy(fact: MessagePosted) -> None:
    """Inside the message's transaction: the copy for Slack, and with a chat's first message its card."""
    if not fact.mirror:
        return
    link = _LINK.first(chat_id=fact.chat.pk) or _new_link(fact.chat)
    if link is None or link.connection.state == Connection.State.DISCONNECTED:
        note_mirrored(fact.chat, [fact.message], Message.Mirror.NONE)
        return
    _INSERT(Delivery(lane_id=link.lane_id, link=link, kind=Delivery.Kind.LINE, message=fact.message))
    # a lane that is due already, or parked until a moment, is not rung again by every line that joins its queue; only
    # who holds the chat's lock puts a lane to sleep, so what was read above still holds
    if link.lane.due_at is None:
        lanes.mark_due(link.lane_id)
        transaction.on_commit(lambda: ring(link.lane_id), robust=True)


def ring(lane_id: int) -> None:
    from slackapp import tasks

    tasks.ring_deliver(lane_id)


def _new_link(chat: ChatSession) -> ChatLink | None:
    usable = (Connection.State.READY, Connection.State.BROKEN)
    connections = Connection.unscoped.filter(site_id=chat.site_id, is_default=True, state__in=usable)
    connection = connections.first()
    if connection is None or connection.installation_id is None:
        return None
    lane = Lane.objects.create(key=f"out:{chat.pk}")
    link = ChatLink.objects.create(
        chat=chat,
        connection=connection,
        installation_id=connection.installation_id,
        channel_id=connection.channel_id,
        lane=lane,
    )
    Delivery.objects.create(lane=lane, link=link, kind=Delivery.Kind.CARD)
    return link


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
    found = _WAITING.all(lane_id=lane.pk)
    if not found:
        return Parked(None)
    head, link = found[0], found[0].link
    if not _may_post(link):
        return Parked(None)
    if head.state == Delivery.State.SENDING:
        return _take_unknown(head)
    if head.kind == Delivery.Kind.LINE and link.root_ts is None:
        return Parked(None)  # its card is dead and waits for a person
    if (wait := budgets.wait_for_slot(link.installation, link.channel_id, head)) is not None:
        return Parked(wait)
    return _take_pending(link, found)


def _may_post(link: ChatLink) -> bool:
    stopped = (Connection.State.BROKEN, Connection.State.DISCONNECTED)
    return link.installation.state == Installation.State.ACTIVE and link.connection.state not in stopped


def _take_unknown(head: Delivery) -> Job | Parked:
    """First our own echo is awaited, then one look; a post is never repeated on a guess."""
    look_at = (head.tried_at or head.created_at) + timedelta(seconds=settings.SLACK_ECHO_WAIT)
    if look_at > timezone.now():
        return Parked(look_at)
    joined = Delivery.objects.filter(joined_into=head).select_related("message__agent").order_by("pk")
    return Job(head.link, [head, *joined], look=True)


def _take_pending(link: ChatLink, found: list[Delivery]) -> Job:
    group = _joinable(found)
    now = timezone.now()
    for delivery in group:
        delivery.state, delivery.tried_at = Delivery.State.SENDING, now
        delivery.first_tried_at = delivery.first_tried_at or now
        delivery.attempts += 1
        delivery.joined_into = None if delivery is group[0] else group[0]
        _NOTE_SENDING(
            pk=delivery.pk,
            at=now,
            first_at=delivery.first_tried_at,
            attempts=delivery.attempts,
            head=delivery.joined_into_id,
        )
    return Job(link, group, look=False)


def _joinable(found: list[Delivery]) -> list[Delivery]:
    """The head and the lines after it that fit into one post: same author, short, none tried before."""
    head = found[0]
    group, size = [head], len(head.message.body) if head.message else JOIN_SIZE
    for delivery in found[1:]:
        size += len(delivery.message.body) + 1 if delivery.message else JOIN_SIZE
        if head.kind != Delivery.Kind.LINE or delivery.state != Delivery.State.PENDING or size > JOIN_SIZE:
            break
        if _author_of(head) != _author_of(delivery) or head.parts_sent:
            break
        group.append(delivery)
    return group


def _author_of(delivery: Delivery) -> tuple[str, uuid.UUID | None]:
    return (delivery.message.author_kind, delivery.message.agent_id) if delivery.message else ("", None)


# --- settled after the call ---------------------------------------------------------------------------------------


def settle_sent(chat: ChatSession, job: Job, ts: str) -> None:
    """Slack has it. A long message counts only with its last part; the echo may have settled it before."""
    head = job.head
    if head.message is not None and head.parts_sent + 1 < len(blocks.parts(head.message.body)):
        Delivery.objects.filter(pk=head.pk).update(
            parts_sent=head.parts_sent + 1, state=Delivery.State.PENDING
        )
        return
    for delivery in job.deliveries:
        _NOTE_SENT(pk=delivery.pk)
    if head.kind == Delivery.Kind.CARD:
        ChatLink.objects.filter(pk=job.link.pk).update(root_ts=ts)
        return
    for message in job.messages:
        _LINK_COPY(_copy(job.link, message, ts))
    note_mirrored(chat, job.messages, Message.Mirror.SENT)


def _copy(link: ChatLink, message: Message, ts: str) -> MessageLink:
    where = {"installation_id": link.installation_id, "channel_id": link.channel_id, "ts": ts}
    return MessageLink(message=message, from_slack=False, **where)


def settle_not_sent(job: Job, problem: str) -> None:
    """A sure no: the same lines are free to be posted again, joined or not."""
    Delivery.objects.filter(pk__in=_pks(job)).update(
        state=Delivery.State.PENDING, joined_into=None, problem=problem[:300]
    )


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


def _tell(chat: ChatSession, job: Job, state: str, problem: str) -> None:
    if job.messages:
        note_mirrored(chat, job.messages, state, problem)


def _pks(job: Job) -> list[int]:
    return [delivery.pk for delivery in job.deliveries]


def still_unknown(job: Job) -> bool:
    """False when our own echo has settled the head meanwhile."""
    return Delivery.objects.filter(pk=job.head.pk, state=Delivery.State.SENDING).exists()


def is_overdue(job: Job) -> bool:
    return timezone.now() - job.head.created_at > GIVE_UP_AFTER


def new_thread(job: Job) -> None:
    """The thread is gone in Slack: the chat gets a new card, before the line that found out."""
    settle_not_sent(job, "the thread is gone in Slack")
    ChatLink.objects.filter(pk=job.link.pk).update(root_ts=None)
    Delivery.objects.filter(link=job.link, kind=Delivery.Kind.CARD).update(
        state=Delivery.State.PENDING, attempts=0, first_tried_at=None, created_at=timezone.now()
    )


# --- confirmed by our own echo ------------------------------------------------------------------------------------


def confirm(
    installation: Installation, channel_id: str, ts: str, event_type: str, payload: dict[str, object]
) -> Callable[[], None] | None:
    """Our own post came back as an event: what is still in flight under its ids is to be settled with its `ts`.

    Gives what is to be done inside a transaction; None, as most often, when the answer to the call came first.
    """
    found = _in_flight(installation, channel_id, event_type, payload)
    if not found:
        return None

    def settle() -> None:
        for delivery in found:
            _confirm_one(delivery, ts, payload.get("part") if event_type == "chat_part" else None)

    return settle


def _confirm_one(found: Delivery, ts: str, part: object) -> None:
    chat = lock_chat(found.link_id)
    lane = Lane.objects.select_for_update().get(pk=found.lane_id)
    delivery = Delivery.objects.select_related("link", "message").get(pk=found.pk)
    if delivery.state != Delivery.State.SENDING or delivery.joined_into_id:
        return
    if part is not None and part != delivery.parts_sent + 1:
        return
    joined = Delivery.objects.filter(joined_into=delivery).select_related("message").order_by("pk")
    settle_sent(chat, Job(delivery.link, [delivery, *joined], look=False), ts)
    lanes.mark_due(lane.pk)
    transaction.on_commit(lambda: ring(lane.pk), robust=True)


_in_the_air = Delivery.objects.filter(state=Delivery.State.SENDING)
_CARD_IN_FLIGHT = Prepared(
    lambda installation_id, channel_id, chat_id: _in_the_air.filter(
        link__installation_id=installation_id,
        link__channel_id=channel_id,
        link__chat_id=chat_id,
        kind=Delivery.Kind.CARD,
    )
)
_LINE_IN_FLIGHT = Prepared(
    lambda installation_id, channel_id, message_id: _in_the_air.filter(
        link__installation_id=installation_id,
        link__channel_id=channel_id,
        message_id=message_id,
        joined_into=None,
    )
)


def _in_flight(
    installation: Installation, channel_id: str, event_type: str, payload: dict[str, object]
) -> list[Delivery]:
    where: dict[str, Any] = {"installation_id": installation.pk, "channel_id": channel_id}
    if event_type == "chat_card":
        return [
            card for pk in _uuids([payload.get("chat")]) for card in _CARD_IN_FLIGHT.all(chat_id=pk, **where)
        ]
    mids = payload.get("mids") if event_type == "chat_message" else [payload.get("mid")]
    wanted = _uuids(mids if isinstance(mids, list) else [])
    return [line for pk in wanted for line in _LINE_IN_FLIGHT.all(message_id=pk, **where)]


def _uuids(values: list[object]) -> list[uuid.UUID]:
    result = []
    for value in values[:50]:
        try:
            result.append(uuid.UUID(str(value)))
        except ValueError:
            continue
    return result
