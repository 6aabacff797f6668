"""Keeps cards true. What colleagues do is promised with the change itself; what visitors do is looked for by the sweep.

Nothing is written for the card with a visitor's message: a few rows say what each card tells, and the sweep compares.
One open promise for each chat does for everything that happens until it is kept.
"""

import logging
import uuid
from datetime import timedelta

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.errors import NotFound
from livechat import presence
from livechat.actions.messages import lock_chat
from livechat.events import ChatChanged, VisitorMoved
from slackapp import card_blocks, card_facts, lanes, promises, room_blocks, rooms
from slackapp.actions import cards
from slackapp.models import ChatLink, Connection, Delivery, ShownCard

log = logging.getLogger(__name__)

AT_ONCE = 100
# messages of longer ago were looked at, or nobody waits for that any more
LATELY = timedelta(hours=1)


def on_chat_changed(fact: ChatChanged) -> None:
    """Inside the transaction of the change. Marks that moved are no news to anybody at once."""
    kind = (fact.frame or {}).get("type")
    if (kind == "chat" or fact.for_team) and (link := _posted().filter(pk=fact.chat.pk).first()) is not None:
        promise(link)
    elif kind in ("seen", None):
        cards.look_soon(fact.chat.pk)


def on_visitor_moved(fact: VisitorMoved) -> None:
    cards.look_soon(fact.chat.pk)


def promise(link: ChatLink) -> None:
    """The card is brought up to date; the caller holds the chat's row lock."""
    promises.in_own_time(link, Delivery.Kind.CARD_STATE, lanes.card_key(link.chat_id))


def _posted() -> QuerySet[ChatLink]:
    links = ChatLink.objects.select_related("connection").exclude(root_ts=None)
    return links.exclude(connection__state=Connection.State.DISCONNECTED)


# --- the sweep ----------------------------------------------------------------------------------------------------


def look_after_cards() -> None:
    """Cards that may say what is no longer so, each looked at once. One that cannot be holds no other up."""
    for chat_id in stale():
        try:
            _look_after(chat_id)
        except (NotFound, ObjectDoesNotExist):
            log.info("chat %s was erased meanwhile", chat_id)
        except Exception:
            log.exception("a card could not be looked at; the next sweep tries again")


def stale() -> list[uuid.UUID]:
    now = timezone.now()
    since = now - presence.HERE_GRACE
    came = Q(link__chat__visit__seen_at__gt=since) & ~Q(online=True)
    left = Q(link__chat__visit__seen_at__lte=since, online=True)
    known = ShownCard.objects.filter(shown_at__lte=now - cards.GAP, link__root_ts__isnull=False)
    known = known.exclude(link__connection__state=Connection.State.DISCONNECTED)
    moved = Q(link__chat__last_message_at__gt=now - LATELY) & ~Q(seq=F("link__chat__last_seq"))
    found: list[uuid.UUID] = []
    for which in (Q(look_at__lte=now), moved, came, left):
        open_ones = known.filter(which, Q(link__chat__status="open") | Q(look_at__lte=now))
        found += open_ones.values_list("pk", flat=True)[:AT_ONCE]
    return list(dict.fromkeys(found))[:AT_ONCE]


def _look_after(chat_id: uuid.UUID) -> None:
    shown = ShownCard.objects.select_related("link__connection").get(pk=chat_id)
    found = card_facts.look(shown.link, unshown=shown.unshown)
    if card_blocks.fingerprint(card_blocks.card(found.facts)) != shown.words:
        _promise_again(chat_id)
    if shown.link.lobby_ts and room_blocks.fingerprint(shown.link, found.facts) != shown.lobby:
        _promise_lobby(chat_id)
    cards.note_looked(shown, found)


def _promise_again(chat_id: uuid.UUID) -> None:
    with transaction.atomic():
        lock_chat(chat_id)
        if (link := _posted().filter(pk=chat_id).first()) is not None:
            promise(link)


def _promise_lobby(chat_id: uuid.UUID) -> None:
    with transaction.atomic():
        lock_chat(chat_id)
        if (link := _posted().filter(pk=chat_id).first()) is not None:
            rooms.show_state(link)
