"""The copies of erased chats in Slack, one call a turn: deleted, overwritten, or left to a person.

Slack deletes no post that carries another name than the app's (docs.slack.dev/reference/methods/chat.delete), so a
visitor's line is overwritten: its words and its name are gone, and a sentence says so. So is whatever else a team's
rules let nobody delete (compliance exports and the like).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from slackapp import blocks, keys, past, promises
from slackapp.actions import erasure
from slackapp.authors import is_our_own, is_spoken
from slackapp.errors import Answered, Do, Limited, SlackError
from slackapp.models import ErasedCopy, Installation
from slackapp.previews import delivery

INSTEAD = "This message was erased."
GONE_CODES = frozenset(
    "message_not_found thread_not_found file_not_found file_deleted cannot_find_message cannot_unfurl_message".split()
)
PAGE, CHANNELS_AT_ONCE = 15, 200
# chat.delete and chat.update: fifty a minute and team
PACE = timedelta(seconds=1.2)
POSTED = (None, "bot_message", "thread_broadcast", "file_share")
Kind = ErasedCopy.Kind


def due_at(installation: Installation) -> datetime | None:
    """Slack answers nothing to a key that is no good; with a new one it goes on."""
    if installation.state != Installation.State.ACTIVE:
        return None
    waiting = ErasedCopy.objects.filter(installation=installation, state=ErasedCopy.State.PENDING)
    return waiting.order_by("due_at").values_list("due_at", flat=True).first()


def step(installation: Installation) -> None:
    waiting = ErasedCopy.objects.select_related("erasure").filter(
        installation=installation, state=ErasedCopy.State.PENDING, due_at__lte=timezone.now()
    )
    copy = waiting.order_by("due_at", "pk").first()
    if copy is None:
        return
    try:
        ACTS[copy.kind](installation, copy)
    except Limited as error:
        erasure.nothing_before(copy, timezone.now() + timedelta(seconds=error.seconds))
    except Answered as error:
        _refused(copy, error)
    except SlackError:
        erasure.note_later(copy, timezone.now() + promises.backoff(copy.attempts + 1))
    else:
        erasure.nothing_before(copy, timezone.now() + PACE / settings.LIMITS_SCALE)


def _remove(installation: Installation, copy: ErasedCopy) -> None:
    where = {"channel": copy.channel_id, "ts": copy.ts}
    try:
        keys.call(installation, "chat.delete", **where)
    except Answered as error:
        if error.todo is not Do.TELL:
            raise  # the others forbid more than to delete, or pass
        metadata = {"event_type": "erased", "event_payload": {}}
        keys.call(installation, "chat.update", **where, **blocks.notice(INSTEAD), metadata=metadata)
    erasure.note_done(copy)


def _remove_file(installation: Installation, copy: ErasedCopy) -> None:
    keys.call(installation, "files.delete", file=copy.ts)
    erasure.note_done(copy)


def _unname(installation: Installation, copy: ErasedCopy) -> None:
    """A channel that was named after the visitor; to delete it is an admin's."""
    keys.call(installation, "conversations.setTopic", channel=copy.channel_id, topic="Erased")
    keys.call(installation, "conversations.rename", channel=copy.channel_id, name=f"erased-{copy.pk}")
    erasure.note_left(copy, erasure.OF_A_CHANNEL)


def _refused(copy: ErasedCopy, error: Answered) -> None:
    if error.code in GONE_CODES:
        erasure.note_done(copy)
    elif error.stops_team or (error.todo is Do.TRY_AGAIN and copy.attempts < promises.TRIES_OF_THE_UNKNOWN):
        erasure.note_later(copy, timezone.now() + promises.backoff(copy.attempts + 1))
    elif copy.kind == Kind.CHANNEL:
        erasure.note_left(copy, erasure.OF_A_CHANNEL)
    elif copy.kind in UNREAD:
        erasure.note_left(copy, f"The app could not look {UNREAD[copy.kind]} ({error.code}). Please do.")
    else:
        erasure.note_left(copy, f"Slack does not let the app remove it ({error.code}).")


UNREAD: dict[str, str] = {
    Kind.THREAD: "through this thread",
    Kind.SEARCH: "in this channel for a post that may have arrived",
    Kind.ROOM: "for a channel that may have been made",
}


def _read(installation: Installation, copy: ErasedCopy) -> None:
    """All that stands in the thread: posts of ours that nobody noted or that were changed since, and people's."""
    answer = _page(
        installation,
        copy,
        "conversations.replies" if copy.ts else "conversations.history",
        ts=copy.ts or None,
    )
    found = [one for message in _dicts(answer, "messages") for one in _found(installation, copy, message)]
    erasure.bring_up_again(copy, found)
    _note_page(copy, answer, found)


def _page(installation: Installation, copy: ErasedCopy, method: str, **arguments: Any) -> dict[str, Any]:
    """A page a turn: of an app that is not in Slack's directory at most fifteen messages are answered."""
    where = {"channel": copy.channel_id} if copy.channel_id else {}
    return keys.call(
        installation, method, **where, **{"limit": PAGE, **arguments}, cursor=copy.cursor or None
    )


def _dicts(answer: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [one for one in answer.get(name) or [] if isinstance(one, dict)]


def _note_page(copy: ErasedCopy, answer: dict[str, Any], found: list[ErasedCopy]) -> None:
    erasure.add_copies(copy.erasure, copy, found)
    following = (answer.get("response_metadata") or {}).get("next_cursor")
    if following:
        erasure.note_next_page(copy, str(following))
    else:
        erasure.note_done(copy)


def _found(installation: Installation, copy: ErasedCopy, message: dict[str, Any]) -> list[ErasedCopy]:
    ts = message.get("ts")
    if not isinstance(ts, str) or message.get("subtype") == "tombstone":
        return []
    if not is_our_own(installation, message):
        theirs = erasure.left(Kind.THEIRS, copy.channel_id, ts, copy.ts, erasure.OF_A_PERSON)
        return [theirs] if is_spoken(message) else []
    if message.get("subtype") not in POSTED:
        return []  # that the app joined or set a topic: Slack's own line, which goes with the channel
    files = [str(file["id"]) for file in _dicts(message, "files") if file.get("id")]
    if message.get("text") == INSTEAD and not files:
        return []
    of_it = [erasure.our_file(copy.channel_id, file_id) for file_id in files]
    return [erasure.ours(copy.channel_id, ts, copy.ts), *of_it]


def _search(installation: Installation, copy: ErasedCopy) -> None:
    """A card or a line in the lobby that was on its way, which nothing else leads to."""
    answer = _page(
        installation,
        copy,
        "conversations.history",
        oldest=copy.ts,
        latest=copy.thread_ts,
        include_all_metadata=True,
    )
    found = [
        one
        for message in _dicts(answer, "messages")
        if is_our_own(installation, message) and copy.sought in past.sought_of(message)
        for one in (
            erasure.ours(copy.channel_id, message["ts"], message["ts"]),
            erasure.unread(copy.channel_id, message["ts"], timezone.now()),
        )
    ]
    _note_page(copy, answer, found)


def _search_room(installation: Installation, copy: ErasedCopy) -> None:
    types = {"types": "public_channel,private_channel", "exclude_archived": True, "limit": CHANNELS_AT_ONCE}
    answer = _page(installation, copy, "users.conversations", **types)
    found = [
        one
        for channel in _dicts(answer, "channels")
        if channel.get("creator") == installation.bot_user_id
        and past.sought("room", channel.get("name")) == copy.sought
        for one in (erasure.room(channel["id"]), erasure.unread(channel["id"], "", timezone.now()))
    ]
    _note_page(copy, answer, found)


def _take_back(installation: Installation, copy: ErasedCopy) -> None:
    delivery.take_back(installation, copy)
    erasure.note_done(copy)


ACTS: dict[str, Callable[[Installation, ErasedCopy], None]] = {
    Kind.OURS: _remove,
    Kind.FILE: _remove_file,
    Kind.CHANNEL: _unname,
    Kind.THREAD: _read,
    Kind.SEARCH: _search,
    Kind.ROOM: _search_room,
    Kind.PREVIEW: _take_back,
}
