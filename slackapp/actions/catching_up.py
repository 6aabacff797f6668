"""What may have been missed while nobody listened: which chats are to be read again, and how far that is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from livechat.models import ChatSession
from slackapp.actions.recording import record_event
from slackapp.actions.waking import wake_chores
from slackapp.models import ChatLink, Connection, Heartbeat, Installation

# a door that was shut for less than this missed nothing: Slack repeats after a minute
OUTAGE = timedelta(seconds=60)
# every open door says so four times a minute (catch_up.py)
SILENT_AFTER = timedelta(seconds=45)
# clocks differ, and what was on its way when the door was shut counts too
MARGIN = timedelta(seconds=60)
# what was written shortly before may have been edited, deleted or locked meanwhile
BEFORE = timedelta(minutes=15)
REACH = timedelta(hours=24)
MOST_CHATS = 100
# many teams are not asked about all at once
APART = timedelta(seconds=0.2)
# how ids of events begin that we make ourselves, of what was read
CAUGHT = "caught:"


_FROM_THE_BEGINNING: dict[str, Any] = {"missing_cursor": "", "missing_read": "", "missing_found": None}


def beat(door: str) -> bool:
    """The door is open now. True if it had been shut for so long that something may have been missed."""
    now = timezone.now()
    with transaction.atomic():
        row, _ = Heartbeat.objects.select_for_update().get_or_create(door=door)
        before, row.at = row.at, now
        goes_on = before is not None and not row.problem and now - before < SILENT_AFTER
        row.since, row.problem = row.since if goes_on else now, ""
        row.save()
        if before is None or now - before < OUTAGE:
            return False
        _note_gap(Installation.objects.filter(state=Installation.State.ACTIVE), before)
        return True


def note_shut(door: str, problem: str) -> None:
    """Why nobody listens, for people: until the next beat."""
    Heartbeat.objects.update_or_create(door=door, defaults={"problem": problem[:300]})


def note_gap(installation: Installation, since: datetime, wait: timedelta) -> None:
    """Slack says that it held events of this team back; it is asked about them after `wait`."""
    with transaction.atomic():
        _note_gap(Installation.objects.filter(pk=installation.pk), since, wait)


def _note_gap(which: QuerySet[Installation], since: datetime, wait: timedelta = timedelta()) -> None:
    now = timezone.now() + wait
    with_chats = which.filter(chat_links__in=_readable()).distinct()
    for number, pk in enumerate(with_chats.order_by("pk").values_list("pk", flat=True)):
        at = now + number * APART
        earlier = Installation.objects.filter(pk=pk).values_list("gaps_since", flat=True).first()
        Installation.objects.filter(pk=pk).update(gaps_since=min(earlier or since, since), catch_up_at=at)
        wake_chores(pk)


def _readable() -> QuerySet[ChatLink]:
    """Links of open chats whose thread or channel is there to be read."""
    has_place = Q(mode=Connection.Mode.NOISY, room=ChatLink.Room.OPEN) | Q(
        mode=Connection.Mode.STILL, root_ts__isnull=False
    )
    open_chats = ChatLink.objects.filter(has_place, chat__status=ChatSession.Status.OPEN)
    return open_chats.exclude(connection__state=Connection.State.DISCONNECTED)


def begin(installation: Installation) -> None:
    """The gap becomes chats to be read, those that spoke last; the others of a long list are left."""
    assert installation.gaps_since is not None
    since = max(installation.gaps_since - MARGIN - BEFORE, timezone.now() - REACH)
    with transaction.atomic():
        row = Installation.objects.filter(pk=installation.pk, gaps_since=installation.gaps_since)
        if not row.update(gaps_since=None, catch_up_pace=0):
            return
        installation.catch_up_pace = 0
        links = _readable().filter(installation=installation).order_by("-chat__last_message_at")
        pks = list(links.values_list("pk", flat=True)[:MOST_CHATS])
        ChatLink.objects.filter(pk__in=pks, missing_since="").update(missing_since=f"{since.timestamp():.6f}")
        ChatLink.objects.filter(pk__in=pks).update(**_FROM_THE_BEGINNING)


def next_link(installation: Installation) -> ChatLink | None:
    """The chat to be read next: the one that spoke last."""
    links = ChatLink.objects.filter(installation=installation).exclude(missing_since="")
    return links.select_related("chat").order_by("-chat__last_message_at").first()


@dataclass(frozen=True, slots=True)
class Page:
    """Events as Slack would have told them; `cursor` empty: there is no more. `read_to`: of a thread, its last line."""

    events: list[dict[str, Any]]
    cursor: str = ""
    read_to: str = ""


def hear(link: ChatLink, page: Page) -> None:
    """What was missed is recorded as if Slack told it now, and how far the chat has been read.

    A thread is heard page by page. Slack lists a channel from its newest line, so that its pages are held until the
    oldest is there: visitors read the lines in their order. Nothing is written for a `link` that was moved meanwhile.
    """
    with transaction.atomic():
        seen = {"missing_since": link.missing_since, "missing_cursor": link.missing_cursor}
        found = [*(link.missing_found or []), *page.events]
        is_held = link.is_noisy and bool(page.cursor)
        for event in [] if is_held else sorted(found, key=_moment):
            record_event(event)
        ChatLink.objects.filter(pk=link.pk, **seen).update(
            missing_since=link.missing_since if page.cursor else "",
            missing_cursor=page.cursor,
            missing_read=page.read_to if page.cursor else "",
            missing_found=found if is_held else None,
        )


def _moment(payload: dict[str, Any]) -> str:
    """When the line that an event speaks of was written: edits and deletions follow their line."""
    event = payload["event"]
    line = event.get("message") or event.get("item") or event
    return str(event.get("deleted_ts") or line["ts"])


def note_asked_before(link: ChatLink) -> None:
    ChatLink.objects.filter(pk=link.pk).update(asked_before_at=timezone.now())


def slow_down(installation: Installation, pace: timedelta) -> None:
    Installation.objects.filter(pk=installation.pk).update(catch_up_pace=pace.total_seconds())


def ask_again(installation: Installation, moment: datetime | None) -> None:
    """None: everything has been read. A gap that was noted meanwhile keeps its own moment."""
    Installation.objects.filter(pk=installation.pk, gaps_since=None).update(catch_up_at=moment)
