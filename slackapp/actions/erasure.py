"""Erasure reaches Slack (S28): where copies are is noted before the rows go; a chore works each (erasing.py)."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.errors import NotFound
from accounts.models import Member
from livechat.events import VisitorErased
from livechat.models import ChatSession, Erasure
from slackapp import past
from slackapp.actions.previews import erased_copies as erased_previews
from slackapp.actions.waking import wake_chores
from slackapp.erased import LEFT_TO_PEOPLE
from slackapp.models import (
    ChatLink,
    Delivery,
    ErasedCopy,
    InboundEvent,
    Lane,
    MessageLink,
    PastPlace,
)

Kind, State = ErasedCopy.Kind, ErasedCopy.State
# posts that were on their way in that moment have arrived by then: no call takes longer
ON_THEIR_WAY = timedelta(seconds=30)
OF_A_PERSON = "Slack lets only its writer, or an admin, delete it."
OF_A_CHANNEL = "Apps cannot delete channels: its name and its history stay until an admin deletes it."


def note_copies(fact: VisitorErased) -> None:
    """Inside the erasure's transaction, with its chats locked. Chores' lanes come last, each once, in one order."""
    concerned: set[uuid.UUID] = set()
    for chat in fact.chats:
        concerned |= _note_previews(fact.erasure, chat)
        link = ChatLink.objects.filter(pk=chat.pk).first()
        if link is not None:
            concerned |= _note_chat(fact.erasure, link)
    for installation_id in sorted(concerned):
        wake_chores(installation_id)


def _note_previews(erasure: Erasure, chat: ChatSession) -> set[uuid.UUID]:
    """Below people's messages anywhere in Slack, also of chats that never went there themselves. In which teams."""
    concerned: set[uuid.UUID] = set()
    for copy in erased_previews(chat):
        copy.erasure = erasure
        same = {name: getattr(copy, name) for name in ("installation_id", "channel_id", "ts", "kind")}
        ErasedCopy.objects.update_or_create(
            **same, defaults={"erasure": erasure, "state": State.PENDING, "due_at": copy.due_at}
        )
        concerned.add(copy.installation_id)
    return concerned


def _note_chat(erasure: Erasure, link: ChatLink) -> set[uuid.UUID]:
    own_lanes = Lane.objects.select_for_update().filter(key__contains=str(link.chat_id)).order_by("pk")
    lane_ids = [lane.pk for lane in own_lanes]
    copies = _copies(link)
    add_copies(erasure, link, copies)
    installations = {copy.installation_id for copy in copies}
    roots = [copy.ts for copy in copies if copy.ts and copy.ts == copy.thread_ts]
    _forget_events({*roots, *_rooms(copies), str(link.chat_id), link.room_name} - {""})
    Delivery.objects.filter(link=link).delete()
    link.delete()
    Lane.objects.filter(pk__in=lane_ids).delete()
    return {*installations, link.installation_id}


def _copies(link: ChatLink) -> list[ErasedCopy]:
    """Places in Slack, without erasure, each with its installation."""
    found = [copy for place in past.places_of(link) for copy in _of_place(place)]
    root = "" if link.is_noisy else link.root_ts or ""
    for row in MessageLink.objects.filter(message__chat_id=link.chat_id):
        thread = root if _is_here(link, row) else ""
        if row.from_slack:
            copy = left(Kind.THEIRS, row.channel_id, row.ts, thread, OF_A_PERSON)
        else:
            copy = ours(row.channel_id, row.ts, thread)
        copy.installation_id = row.installation_id
        found.append(copy)
    return found


def _of_place(place: PastPlace) -> list[ErasedCopy]:
    """What is in a place is worked at once, except what may change in it yet."""
    soon = timezone.now() + ON_THEIR_WAY
    found = []
    if place.kind == Kind.THREAD:
        found += [ours(place.channel_id, place.ts, place.ts), unread(place.channel_id, place.ts, soon)]
    elif place.kind == Kind.OURS:
        found.append(ours(place.channel_id, place.ts, place.ts))
    else:
        same = {name: getattr(place, name) for name in ("kind", "channel_id", "ts", "thread_ts", "sought")}
        found.append(ErasedCopy(**same, due_at=soon))
    if place.kind == Kind.CHANNEL:
        found.append(unread(place.channel_id, "", soon))
    for copy in found:
        copy.installation_id = place.installation_id
    return found


def _is_here(link: ChatLink, row: MessageLink) -> bool:
    """Lines of before a site was connected anew stand in another channel, which may be another Slack team's."""
    return (row.installation_id, row.channel_id) == (link.installation_id, link.channel_id)


def ours(channel_id: str, ts: str, thread_ts: str) -> ErasedCopy:
    return ErasedCopy(
        kind=Kind.OURS, channel_id=channel_id, ts=ts, thread_ts=thread_ts, due_at=timezone.now()
    )


def unread(channel_id: str, root_ts: str, due_at: datetime) -> ErasedCopy:
    """A thread, or without `root_ts` a channel."""
    return ErasedCopy(kind=Kind.THREAD, channel_id=channel_id, ts=root_ts, thread_ts=root_ts, due_at=due_at)


def room(channel_id: str) -> ErasedCopy:
    return ErasedCopy(kind=Kind.CHANNEL, channel_id=channel_id, due_at=timezone.now())


def our_file(channel_id: str, file_id: str) -> ErasedCopy:
    return ErasedCopy(kind=Kind.FILE, channel_id=channel_id, ts=file_id, due_at=timezone.now())


def left(kind: str, channel_id: str, ts: str, thread_ts: str, reason: str) -> ErasedCopy:
    return ErasedCopy(
        kind=kind, channel_id=channel_id, ts=ts, thread_ts=thread_ts, state=State.LEFT, reason=reason
    )


def add_copies(erasure: Erasure, place: ChatLink | ErasedCopy, found: Iterable[ErasedCopy]) -> None:
    """What is known already stays as it is. Without an installation it is the place's."""
    rows = list(found)
    for row in rows:
        row.erasure = erasure
        if row.state == State.LEFT and erasure.why != Erasure.Why.ASKED:
            # a rule asks no colleague to delete by hand what they wrote; it is known so that late events mean nothing
            row.state, row.done_at = State.DONE, timezone.now()
        # not yet saved, so it may be empty, which its type does not know
        row.installation_id = row.__dict__["installation_id"] or place.installation_id
    ErasedCopy.objects.bulk_create(rows, ignore_conflicts=True)


def _rooms(copies: list[ErasedCopy]) -> list[str]:
    return [copy.channel_id for copy in copies if copy.kind == Kind.CHANNEL]


def _forget_events(names: set[str]) -> None:
    """What Slack told of these threads and channels, and of our own posts that name the chat."""
    named = Q(pk__in=[])
    for name in names:
        named |= Q(words__contains=name)
    InboundEvent.objects.annotate(words=Cast("payload", TextField())).filter(named).delete()


def blank_event(row: InboundEvent) -> None:
    """A late event of an erased chat: that it came stays, what it said does not."""
    InboundEvent.objects.filter(pk=row.pk).update(payload={})


# --- worked by the chore ----------------------------------------------------------------------------------------------


def bring_up_again(copy: ErasedCopy, found: Iterable[ErasedCopy]) -> None:
    """What was done and stands there all the same: a call that was under way has come after ours.

    Of what people wrote there is nothing to do for us, whether they are asked to delete it or a rule asks nobody.
    """
    for one in (each for each in found if each.state == State.PENDING):
        same = ErasedCopy.objects.filter(installation_id=copy.installation_id, kind=one.kind, ts=one.ts)
        same.filter(channel_id=one.channel_id, state=State.DONE, done_by=None).update(
            state=State.PENDING, due_at=timezone.now(), attempts=0
        )


def note_done(copy: ErasedCopy) -> None:
    _settle(copy, state=State.DONE, done_at=timezone.now(), reason="")


def note_left(copy: ErasedCopy, reason: str) -> None:
    _settle(copy, state=State.LEFT, reason=reason[:300])


def note_later(copy: ErasedCopy, until: datetime) -> None:
    _settle(copy, due_at=until, attempts=copy.attempts + 1)


def _settle(copy: ErasedCopy, **changes: Any) -> None:
    ErasedCopy.objects.filter(pk=copy.pk, state=State.PENDING).update(**changes)


def note_next_page(copy: ErasedCopy, cursor: str) -> None:
    _settle(copy, cursor=cursor[:300], attempts=0)


def nothing_before(copy: ErasedCopy, moment: datetime) -> None:
    """The team's other copies wait as well: Slack's limits are for all of them."""
    waiting = ErasedCopy.objects.filter(installation_id=copy.installation_id, state=State.PENDING)
    waiting.filter(due_at__lt=moment).update(due_at=moment)


def put_away(member: Member, copy_id: int) -> Erasure:
    """A person says that they have deleted it in Slack. Saying so twice is harmless."""
    copy = ErasedCopy.objects.select_related("erasure").filter(
        pk=copy_id, erasure__workspace=member.workspace
    )
    with transaction.atomic():
        found = copy.first()
        if found is None:
            raise NotFound
        said = {"state": State.DONE, "done_at": timezone.now(), "done_by": member.user}
        gone = Q(pk=found.pk)
        if found.kind == Kind.CHANNEL:
            gone |= Q(erasure=found.erasure, channel_id=found.channel_id)  # and all that stood in it
        ErasedCopy.objects.filter(gone).filter(LEFT_TO_PEOPLE).update(**said)
        return found.erasure
