"""Somebody says who they are by the word of their website (W14): what they said before becomes part of their history.

The rule: every chat of the unknown visitor moves to the known one as it is, with its lines, files and threads. The
chat in which they are goes on; one that the known visitor left open elsewhere is closed, as nobody has two open chats.
The unknown visitor's row stays empty, so that an old tab starts nothing new. Nothing moves without a good identity
token, and never from one known person to another.
"""

import uuid
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import F

from livechat.access import Arrival
from livechat.actions.chats import close_in
from livechat.actions.locking import lock_visitors
from livechat.actions.messages import lock_chat, note_in
from livechat.events import ChatChanged, VisitorJoined, publish
from livechat.models import Attachment, ChatSession, Message, Visitor
from livechat.newcomers import columns_of, said_by
from livechat.person import Person
from livechat.tokens import VisitorClaim

WENT_ON = "Closed, because the visitor has logged in and goes on in the chat that they had begun before."
# what a person who has no answer of their own takes over from the visitor they were
_TAKEN_OVER = (
    "name",
    "email",
    "answered_at",
    "consent",
    "consented_at",
    "mail_stopped_at",
    "blocked_at",
    "blocked_by",
)
_FORGOTTEN: dict[str, Any] = {"name": "", "email": "", "answers": [], "consent": "", "blocked_by": None}


def settle(arrival: Arrival) -> Arrival:
    """`arrival` with the rows as its identity wants them. Repeating it is harmless. Locks chats, then visitors."""
    claim, visitor = arrival.claim, arrival.visitor
    with transaction.atomic():
        if arrival.guest is not None:
            visitor = _join(claim, arrival.guest) or visitor
        if visitor is not None and claim.person is not None:
            _note(visitor, claim.person)
    return replace(arrival, visitor=visitor, guest=None)


def is_settled(arrival: Arrival) -> bool:
    """Whether `settle` would change nothing."""
    person, visitor = arrival.claim.person, arrival.visitor
    return person is None or (arrival.guest is None and (visitor is None or not _news(visitor, person)))


def _news(visitor: Visitor, person: Person) -> dict[str, object]:
    """What the website says now and the row does not."""
    said = said_by(person)
    if visitor.is_verified:
        said.pop("verified_at")
    return {name: value for name, value in said.items() if getattr(visitor, name) != value}


def _note(visitor: Visitor, person: Person) -> None:
    news = _news(visitor, person)
    if not news:
        return
    _, chats = lock_visitors(visitor.pk)
    for name, value in news.items():
        setattr(visitor, name, value)
    visitor.save(update_fields=list(news))
    for chat in chats:
        if chat.is_open:
            publish(ChatChanged(chat, frame={"type": "chat"}))


def _join(claim: VisitorClaim, guest: VisitorClaim) -> Visitor | None:
    """The known visitor's row; None where there is nothing that a row was needed for."""
    if not Visitor.unscoped.filter(pk=guest.visitor_id).exists():
        _hand_over_files(claim, guest)
        return None
    known, _ = Visitor.unscoped.get_or_create(id=claim.visitor_id, defaults=columns_of(claim))
    rows, _ = lock_visitors(guest.visitor_id, known.pk)
    # a file that is being sent has its chat locked before its own row
    _hand_over_files(claim, guest)
    unknown, known = rows.get(guest.visitor_id), rows.get(known.pk, known)
    # another tab was here in the meantime
    if unknown is None or unknown.joined_to_id is not None or unknown.token_hash != guest.token_hash:
        return known
    _take_over(known, unknown)
    _move_chats(known, unknown)
    publish(VisitorJoined(unknown.pk))
    return known


def _hand_over_files(claim: VisitorClaim, guest: VisitorClaim) -> None:
    Attachment.unscoped.filter(uploader=guest.token_hash).update(uploader=claim.token_hash)


def _chats_of(visitor_id: uuid.UUID) -> list[uuid.UUID]:
    chats = ChatSession.unscoped.filter(visitor_id=visitor_id)
    return list(chats.order_by("pk").values_list("pk", flat=True))


def _take_over(known: Visitor, unknown: Visitor) -> None:
    """Whoever is blocked stays so, and whoever wants no mails gets none."""
    for name in _TAKEN_OVER:
        if not getattr(known, name):
            setattr(known, name, getattr(unknown, name))
    answered = {one["key"] for one in known.answers}
    known.answers = [*known.answers, *(one for one in unknown.answers if one["key"] not in answered)]
    known.save(update_fields=[*_TAKEN_OVER, "answers"])
    Visitor.unscoped.filter(pk=unknown.pk).update(joined_to=known, **_FORGOTTEN)


def _move_chats(known: Visitor, unknown: Visitor) -> None:
    theirs = ChatSession.unscoped.filter(visitor=unknown)
    moving = _chats_of(unknown.pk)
    if not moving:
        return
    if theirs.filter(status=ChatSession.Status.OPEN).exists():
        _close_the_other(known)
    tail = ChatSession.unscoped.filter(visitor=known, next__isnull=True).order_by("-started_at").first()
    if tail is not None:
        first = theirs.filter(previous=None).order_by("started_at").values_list("pk", flat=True)[:1]
        ChatSession.unscoped.filter(pk__in=list(first)).update(previous=tail)
    # naming the title has what is found by the visitor's name sorted in anew (search/triggers.py)
    theirs.update(visitor=known, page_title=F("page_title"))
    for pk in moving:
        publish(ChatChanged(lock_chat(pk), frame={"type": "chat"}))


def _close_the_other(known: Visitor) -> None:
    open_chats = ChatSession.unscoped.filter(visitor=known, status=ChatSession.Status.OPEN)
    for pk in list(open_chats.values_list("pk", flat=True)):
        chat = lock_chat(pk)
        segments = [{"type": "text", "text": WENT_ON}]
        note_in(chat, Message(author_kind=Message.Author.SYSTEM, body=WENT_ON, segments=segments))
        close_in(chat)
