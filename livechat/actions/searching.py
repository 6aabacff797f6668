"""Every write of the search index. A batch is one transaction: what is due is read, its lines are written anew.

The triggers (`livechat.search.triggers`) note what is due and take lines out; this brings them in, a moment later.
"""

import time
import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from livechat.actions.bulk import Rows
from livechat.models import Attachment, ChatSession, Message, SearchDue, SearchLine
from livechat.search import lines
from livechat.search.triggers import CHAT, INDEX, MESSAGE, is_secure

AT_ONCE = 200
# of each two seconds that the sweep leaves, so that people find the database free
SECONDS = 1.0
# any number: whoever else locks on this server uses others
ONE_AT_A_TIME = 20_260_102
PAGES_AT_ONCE = 500
COLUMNS = ("id", "workspace_id", "chat_id", "message_id", "words")
Ids = set[uuid.UUID]


@dataclass(frozen=True, slots=True)
class Found:
    """What a line is made of."""

    workspace_id: uuid.UUID
    site_id: uuid.UUID
    chat_id: uuid.UUID
    message_id: uuid.UUID | None
    at: datetime
    said: tuple[str, ...]
    marks: tuple[str, ...]


def is_any_due() -> bool:
    return SearchDue.objects.exists()


def index_due(seconds: float = SECONDS, at_once: int = AT_ONCE) -> int:
    """Works what is due, the newest first, for about so many seconds; how many rows that were.

    What comes in meanwhile waits for the next sweep: ten lines cost nearly what two hundred do.
    """
    worked, end = 0, time.monotonic() + seconds
    while (count := index_batch(at_once)) * 2 > at_once and time.monotonic() < end:
        worked += count
    return worked + count


def index_batch(at_once: int = AT_ONCE) -> int:
    """0 if nothing is due, if another process is at it, or if all of it has to wait for somebody's transaction."""
    with transaction.atomic():
        if not _is_ours():
            return 0
        due = list(SearchDue.objects.order_by("-id").values_list("id", "chat_id", "message_id")[:at_once])
        held = _index({m for _, _, m in due if m}, {c for _, c, m in due if c and not m})
        done = [number for number, chat_id, message_id in due if (message_id or chat_id) not in held]
        if any(chat_id is None for _, chat_id, _ in due) and not _tidied():
            done = [number for number, chat_id, _ in due if number in set(done) and chat_id is not None]
        SearchDue.objects.filter(pk__in=done).delete()
        return len(done)


def _is_ours() -> bool:
    """One process at a time, so that nobody writes what they read before somebody else's newer words."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        return bool(cursor.fetchone()[0])


def _index(message_ids: Ids, chat_ids: Ids) -> Ids:
    """Writes their lines; gives back whose row somebody holds to delete it: it may still stay."""
    messages, chats = _kept(MESSAGE, message_ids), _kept(CHAT, chat_ids)
    SearchLine.unscoped.filter(message_id__in=messages).delete()
    SearchLine.unscoped.filter(chat_id__in=chats, message=None).delete()
    _write([*_of_messages(messages), *_of_chats(chats)])
    still = Message.unscoped.filter(pk__in=message_ids - messages).values_list("pk", flat=True)
    others = ChatSession.unscoped.filter(pk__in=chat_ids - chats).values_list("pk", flat=True)
    return {*still, *others}


def _kept(table: str, ids: Ids) -> Ids:
    """Nobody deletes these until we have committed, and everybody may change them; nobody is waited for."""
    if connection.vendor != "postgresql" or not ids:
        return ids
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {table} WHERE id = ANY(%s) FOR KEY SHARE SKIP LOCKED", [list(ids)])  # noqa: S608 - our own tables
        return {row[0] for row in cursor.fetchall()}


def _of_messages(ids: Ids) -> list[Found]:
    names = (
        "pk chat__workspace_id chat__site_id chat_id body author_kind is_note has_files created_at".split()
    )
    rows = list(Message.unscoped.filter(pk__in=ids, deleted_at=None).values_list(*names))
    files = _names_of_files({row[0] for row in rows if row[7]})
    found = []
    for pk, workspace_id, site_id, chat_id, body, kind, is_note, has_files, at in rows:
        marks = (f"#{kind}", *((lines.NOTE,) if is_note else ()), *((lines.FILE,) if has_files else ()))
        found.append(Found(workspace_id, site_id, chat_id, pk, at, (body, *files[pk]), marks))
    return found


def _names_of_files(ids: Ids) -> dict[uuid.UUID, list[str]]:
    found: dict[uuid.UUID, list[str]] = defaultdict(list)
    files = Attachment.unscoped.filter(message_id__in=ids).order_by("place") if ids else ()
    for file in files:
        if file.message_id:
            found[file.message_id].append(file.name)
    return found


def _of_chats(ids: Ids) -> list[Found]:
    chats = ChatSession.unscoped.filter(pk__in=ids).select_related("site", "visitor")
    return [
        Found(
            chat.site.workspace_id, chat.site_id, chat.pk, None, chat.started_at,
            (chat.visitor.display_name, chat.page_title, chat.page_url), (lines.ABOUT,),
        )
        for chat in chats
    ]  # fmt: skip


def _write(found: list[Found]) -> None:
    places = _free_places([lines.place_of(one.at) for one in found])
    rows = []
    for place, one in zip(places, found, strict=True):
        marks = (*one.marks, *lines.marks_of_ids(one.workspace_id, one.site_id, one.chat_id))
        text = lines.text_of(one.said, marks, connection.vendor)
        message_id = one.message_id and one.message_id.hex
        rows.append((place, one.workspace_id.hex, one.chat_id.hex, message_id, text))
    if rows:
        Rows(SearchLine, COLUMNS).write(rows)


def _free_places(wanted: list[int]) -> list[int]:
    """Two things of the same microsecond stand one after the other."""
    taken: set[int] = set()
    places: dict[int, int] = {}
    open_ones = dict(enumerate(wanted))
    while open_ones:
        held = set(SearchLine.unscoped.filter(pk__in=set(open_ones.values())).values_list("pk", flat=True))
        for number, place in list(open_ones.items()):
            if place in held or place in taken:
                open_ones[number] = place + 1
            else:
                places[number] = open_ones.pop(number)
                taken.add(place)
    return [places[number] for number in range(len(wanted))]


def _tidied() -> bool:
    """Older SQLite keeps the words of lines that are gone in the pages of its index until these are merged: a step."""
    if connection.vendor != "sqlite" or is_secure(connection):
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT total_changes()")
        before = cursor.fetchone()[0]
        cursor.execute(f"INSERT INTO {INDEX} ({INDEX}, rank) VALUES ('merge', %s)", [-PAGES_AT_ONCE])  # noqa: S608 - our own names
        cursor.execute("SELECT total_changes()")
        return bool(cursor.fetchone()[0] - before < 2)
