"""Our own posts come back as events: whatever is still in flight under their ids is settled with their `ts`."""

import uuid
from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.utils import timezone

from config.prepared import Prepared
from livechat.actions.messages import lock_chat
from slackapp import rooms, words
from slackapp.actions import shares
from slackapp.kinds import OWN_WORDS, TRAITS
from slackapp.models import Delivery, Installation, Lane
from slackapp.promises import GIVE_UP_AFTER, Job, wake

OF_FILES = (Delivery.Kind.FILES, Delivery.Kind.FILE_LINK)
_OWN_WORDS = {event_type: kind for kind, event_type in OWN_WORDS.items()}
_in_the_air = Delivery.objects.filter(state=Delivery.State.SENDING, joined_into=None)
_CARD = Prepared(
    lambda installation_id, channel_id, chat_id: _in_the_air.filter(
        link__installation_id=installation_id,
        link__channel_id=channel_id,
        link__chat_id=chat_id,
        kind=Delivery.Kind.CARD,
    )
)
_LINE = Prepared(
    lambda installation_id, channel_id, message_id: _in_the_air.filter(
        link__installation_id=installation_id,
        link__channel_id=channel_id,
        message_id=message_id,
        kind=Delivery.Kind.LINE,
    )
)


def confirm(
    installation: Installation, channel_id: str, ts: str, event_type: str, payload: dict[str, object]
) -> Callable[[], None] | None:
    """What is to be done inside a transaction; None, as most often, when the answer to the call came first."""
    found = _in_flight(installation, channel_id, event_type, payload)
    if not found:
        return None

    def settle() -> None:
        for delivery in found:
            _confirm_one(delivery, ts, payload.get("part") if event_type == "chat_part" else None)

    return settle


def confirm_files(
    installation: Installation, channel_id: str, file_ids: set[str]
) -> Callable[[], None] | None:
    """A post of ours that carries files. Slack may share them so late that a line stands for them by now."""
    since = timezone.now() - GIVE_UP_AFTER
    where: dict[str, Any] = {"link__installation": installation, "link__channel_id": channel_id}
    carrying = Delivery.objects.filter(kind__in=OF_FILES, args__uploaded__isnull=False, **where)
    unsettled = Q(tried_at__gte=since) | ~Q(state=Delivery.State.SENT)
    found = [
        delivery
        for delivery in carrying.filter(unsettled).exclude(
            kind=Delivery.Kind.FILES, state=Delivery.State.SENT
        )
        if file_ids & set(delivery.args["uploaded"].values())
    ]

    def settle() -> None:
        for delivery in found:
            _confirm_share(delivery)

    return settle if found else None


def _confirm_share(found: Delivery) -> None:
    chat = lock_chat(found.link_id)
    lane = Lane.objects.select_for_update().get(pk=found.lane_id)
    shares.note_shared(chat, Delivery.objects.select_related("link", "message").get(pk=found.pk))
    wake(lane.pk)


def _confirm_one(found: Delivery, ts: str, part: object) -> None:
    chat = lock_chat(found.link_id)
    lane = Lane.objects.select_for_update().get(pk=found.lane_id)
    delivery = Delivery.objects.select_related("link", "message").get(pk=found.pk)
    if delivery.state != Delivery.State.SENDING or delivery.joined_into_id:
        return
    if part is not None and part != delivery.parts_sent + 1:
        return
    if delivery.kind == Delivery.Kind.FILE_LINK:
        shares.note_told(chat, Job(delivery.link, [delivery], look=False), ts)
    else:
        joined = Delivery.objects.filter(joined_into=delivery).select_related("message").order_by("pk")
        told = words.as_posted([delivery, *joined])
        rooms.settle_post(chat, Job(delivery.link, told, look=False), ts)
    wake(lane.pk)


def _in_flight(
    installation: Installation, channel_id: str, event_type: str, payload: dict[str, object]
) -> list[Delivery]:
    where: dict[str, Any] = {"installation_id": installation.pk, "channel_id": channel_id}
    if event_type == "chat_card":
        return [card for pk in _uuids([payload.get("chat")]) for card in _CARD.all(chat_id=pk, **where)]
    if event_type in _OWN_WORDS:
        return _of_own_words(installation, channel_id, event_type, payload.get("delivery"))
    mids = payload.get("mids") if event_type == "chat_message" else [payload.get("mid")]
    wanted = _uuids(mids if isinstance(mids, list) else [])
    return [line for pk in wanted for line in _LINE.all(message_id=pk, **where)]


def _of_own_words(
    installation: Installation, channel_id: str, event_type: str, delivery: object
) -> list[Delivery]:
    """A post of our own words names its promise."""
    if not isinstance(delivery, int) or isinstance(delivery, bool) or not 0 < delivery < 2**63:
        return []
    kind = _OWN_WORDS[event_type]
    place = "link__lobby_channel_id" if TRAITS[kind].in_lobby else "link__channel_id"
    found = _in_the_air.filter(pk=delivery, kind=kind, link__installation=installation)
    return list(found.filter(**{place: channel_id}))


def _uuids(values: list[object]) -> list[uuid.UUID]:
    result = []
    for value in values[:50]:
        try:
            result.append(uuid.UUID(str(value)))
        except ValueError:
            continue
    return result
