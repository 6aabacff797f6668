"""Where something of a chat stands in Slack: what its link says, and what it no longer says since its place changed.

Nobody needs the latter until the visitor is erased. Everything runs inside a transaction with the chat's row locked.
"""

import hashlib
from datetime import timedelta
from typing import Any

from slackapp import room_names
from slackapp.kinds import OWN_WORDS, place_of
from slackapp.models import ChatLink, Delivery, ErasedCopy, FormerThread, PastPlace

Kind = ErasedCopy.Kind
# a post that was tried stands between these in Slack's time, if it stands anywhere
BEFORE, AFTER = timedelta(minutes=1), timedelta(minutes=2)
IN_DOUBT = (Delivery.State.PENDING, Delivery.State.SENDING, Delivery.State.DEAD)
SOUGHT = (Delivery.Kind.CARD, Delivery.Kind.LOBBY, Delivery.Kind.REMIND_LOBBY)
CARD = "chat_card"


def sought(kind: str, named: object) -> str:
    """`kind`: the type of a post's metadata with the id in it, or `room` with a channel's name."""
    return hashlib.sha256(f"{kind}:{named}".encode()).hexdigest()


def sought_of(message: dict[str, Any]) -> set[str]:
    """What a post of ours may be sought by."""
    metadata = message.get("metadata")
    payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
    if not isinstance(metadata, dict) or not isinstance(payload, dict):
        return set()
    kind = str(metadata.get("event_type"))
    return {sought(kind, payload[name]) for name in ("chat", "delivery") if name in payload}


def note(link: ChatLink) -> None:
    """Before the link is given another place."""
    PastPlace.objects.bulk_create(_present(link), ignore_conflicts=True)


def note_post(link: ChatLink, ts: str) -> None:
    """Of ours in the lobby, which no other row speaks of."""
    if ts and link.lobby_channel_id:
        place = _place(link, Kind.OURS, link.lobby_channel_id, ts)
        PastPlace.objects.bulk_create([place], ignore_conflicts=True)


def places_of(link: ChatLink) -> list[PastPlace]:
    """All of them, the present one too; unsaved or not."""
    former = [_place(row, Kind.THREAD, row.channel_id, row.root_ts) for row in link.former_threads.all()]
    return [*_present(link), *former, *link.past_places.all()]


def _present(link: ChatLink) -> list[PastPlace]:
    found = []
    if link.root_ts and link.channel_id:
        found.append(_place(link, Kind.THREAD, link.channel_id, link.root_ts))
    if link.lobby_ts and link.lobby_channel_id:
        found.append(_place(link, Kind.OURS, link.lobby_channel_id, link.lobby_ts))
    if link.is_noisy and link.channel_id:
        found.append(_place(link, Kind.CHANNEL, link.channel_id, ""))
    for delivery in link.deliveries.select_related("link"):
        found += _in_doubt(link, delivery) + _files(link, delivery)
    return found


def _files(link: ChatLink, delivery: Delivery) -> list[PastPlace]:
    uploaded = delivery.args.get("uploaded", {}) if isinstance(delivery.args, dict) else {}
    return [_place(link, Kind.FILE, link.channel_id, str(file_id)) for file_id in uploaded.values()]


def _in_doubt(link: ChatLink, delivery: Delivery) -> list[PastPlace]:
    """What was tried and is not known to be there. Lines, remarks and files are found where they would stand."""
    if delivery.tried_at is None or delivery.state not in IN_DOUBT:
        return []
    if delivery.kind == Delivery.Kind.ROOM and not link.channel_id:
        name = room_names.another(link.room_name, int(delivery.args.get("attempt", 0)))
        return [_place(link, Kind.ROOM, "", "", sought("room", name))]
    if delivery.kind not in SOUGHT:
        return []
    channel_id = place_of(delivery)
    if not channel_id:
        return []
    is_card = delivery.kind == Delivery.Kind.CARD
    ids = (CARD, link.chat_id) if is_card else (OWN_WORDS[delivery.kind], delivery.pk)
    first = (delivery.first_tried_at or delivery.tried_at) - BEFORE
    place = _place(link, Kind.SEARCH, channel_id, f"{first.timestamp():.6f}", sought(*ids))
    place.thread_ts = f"{(delivery.tried_at + AFTER).timestamp():.6f}"
    return [place]


def _place(
    row: ChatLink | FormerThread, kind: str, channel_id: str, ts: str, known_by: str = ""
) -> PastPlace:
    return PastPlace(
        link_id=row.link_id if isinstance(row, FormerThread) else row.pk,
        installation_id=row.installation_id,
        kind=kind,
        channel_id=channel_id,
        ts=ts,
        sought=known_by,
    )
