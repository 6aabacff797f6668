"""Receipts in Slack (S19): a reaction at an answer says that the visitor's browser has it, another that it was seen.

What is shown stands in the answer's link, what is to be shown follows from the chat's marks. So there is nothing to
queue: one promise for each chat is worked until both agree, and *seen* simply takes the place of *got*.
"""

import logging
import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q
from django.utils import timezone

from accounts.errors import NotFound
from config.prepared import Prepared, columns_of
from livechat.actions.messages import lock_chat
from livechat.events import VisitorReached
from livechat.models import ChatSession, Message
from slackapp import lanes, promises
from slackapp.models import ChatLink, Connection, Delivery, MessageLink

log = logging.getLogger(__name__)

GOT, SAW = "heavy_check_mark", "eyes"
WAITING, TOLD, SHOWN_GOT, SHOWN_BOTH, SHOWN_SAW = "waiting", "told", "got", "both", "saw"
UNFINISHED = (WAITING, TOLD, SHOWN_GOT, SHOWN_BOTH)
# after that long whoever answered hears that nobody is there; not for what is older, which they know by now
PATIENCE, STILL_NEWS = timedelta(seconds=20), timedelta(hours=1)
AT_ONCE = 50
ABSENT = "The visitor is not on the website just now. Your answer waits for them there."
ENDED = "The visitor is gone and the chat is closed. Your answer waits for them should they come back."
_LINK = Prepared(
    lambda chat_id: (
        ChatLink.objects.select_related("connection")
        .filter(pk=chat_id)
        .only(*columns_of(ChatLink), "connection__receipts", "connection__state")
    )
)
# an answer that shows less than the chat's marks say, or whose author is to hear that nobody is there
_BEHIND = Prepared(
    lambda chat_id, got, seen, late: (
        MessageLink.objects.select_related("message")
        .filter(
            Q(receipt=SHOWN_BOTH)
            | Q(message__seq__lte=seen)
            | Q(message__seq__lte=got, receipt__in=(WAITING, TOLD))
            | Q(message__created_at__lte=late, receipt=WAITING),
            message__chat_id=chat_id,
            message__deleted_at=None,
            from_slack=True,
            receipt__in=UNFINISHED,
        )
        .only("channel_id", "ts", "slack_user_id", "receipt", "message__seq")
        .order_by("message__seq")[:1]
    )
)


@dataclass(frozen=True, slots=True)
class Step:
    """One call to Slack: `add` or `remove` a reaction, or `tell` the author; `then` is what is shown afterwards."""

    row: MessageLink
    act: str
    name: str
    then: str


def begun(link: ChatLink, message: Message) -> str:
    """What a person's new line begins with; notes need no receipt."""
    return WAITING if link.connection.receipts and not message.is_note else ""


def promise(fact: VisitorReached) -> None:
    """Inside the transaction that moved the chat's marks."""
    link = _LINK.first(chat_id=fact.chat.pk)
    if link is not None and next_step(link, fact.chat) is not None:
        promises.in_own_time(link, Delivery.Kind.RECEIPT, lanes.receipts_key(link.chat_id))


def next_step(link: ChatLink, chat: ChatSession) -> Step | None:
    """The oldest answer first. What the visitor reached is older than what waits for them."""
    if not link.connection.receipts or link.connection.state == Connection.State.DISCONNECTED:
        return None
    marks = {"got": chat.visitor_got_seq, "seen": chat.visitor_seen_seq}
    row = _BEHIND.first(chat_id=chat.pk, late=timezone.now() - PATIENCE, **marks)
    return None if row is None else _reaction(row, chat) or _word(row, chat)


def _reaction(row: MessageLink, chat: ChatSession) -> Step | None:
    seq = row.message.seq if row.message is not None else None
    if seq is None:
        return None
    if row.receipt == SHOWN_BOTH:
        return Step(row, "remove", GOT, SHOWN_SAW)
    if seq <= chat.visitor_seen_seq:
        return Step(row, "add", SAW, SHOWN_BOTH if row.receipt == SHOWN_GOT else SHOWN_SAW)
    if seq <= chat.visitor_got_seq and row.receipt != SHOWN_GOT:
        return Step(row, "add", GOT, SHOWN_GOT)
    return None


def _word(row: MessageLink, chat: ChatSession) -> Step:
    """Once for each absence: if somebody was told and the visitor has not been here since, it is known."""
    told = MessageLink.objects.filter(message__chat_id=chat.pk, message__deleted_at=None, receipt=TOLD)
    known = not row.slack_user_id or told.exists()
    return Step(row, "" if known else "tell", ABSENT if chat.is_open else ENDED, TOLD)


def find_absent() -> None:
    """Chats whose visitor did not get an answer in good time, those that wait the longest first. Part of the sweep.

    Each that is looked at leaves the list, so that none keeps others from their turn.
    """
    now = timezone.now()
    open_ones = Delivery.objects.filter(
        link_id=OuterRef("message__chat_id"),
        kind=Delivery.Kind.RECEIPT,
        state__in=(Delivery.State.PENDING, Delivery.State.SENDING),
    )
    waiting = MessageLink.objects.filter(
        ~Exists(open_ones),
        receipt=WAITING,
        message__created_at__lte=now - PATIENCE,
        message__created_at__gt=now - STILL_NEWS,
    )
    chats = waiting.values("message__chat_id").annotate(since=Min("message__created_at")).order_by("since")
    for chat_id in list(chats.values_list("message__chat_id", flat=True)[:AT_ONCE]):
        try:
            _look_after(chat_id)
        except NotFound:
            log.info("chat %s was erased meanwhile", chat_id)


def _look_after(chat_id: uuid.UUID) -> None:
    with transaction.atomic():
        chat = lock_chat(chat_id)
        link = _LINK.first(chat_id=chat.pk)
        if link is not None and next_step(link, chat) is not None:
            promises.in_own_time(link, Delivery.Kind.RECEIPT, lanes.receipts_key(link.chat_id))
            return
        late = timezone.now() - PATIENCE
        unsaid = MessageLink.objects.filter(message__chat_id=chat.pk, receipt=WAITING)
        unsaid.filter(message__created_at__lte=late).update(receipt=TOLD)
