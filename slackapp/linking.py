"""Where a chat goes in Slack, decided with its first message: what its connection becomes later changes nothing."""

from django.db.models import F
from django.utils import timezone

from livechat.models import ChatSession
from slackapp import room_names, routes
from slackapp.models import ChatLink, Connection, Delivery, FormerThread, Installation, Lane


def new_link(chat: ChatSession) -> ChatLink | None:
    """The link with what comes before any line: the card, and in Noisy mode the channel. None without a connection.

    Inside the transaction of the chat's first message, with the chat's row locked.
    """
    connection = connection_for(chat)
    if connection is None or connection.installation_id is None:
        return None
    lane = Lane.objects.create(key=f"out:{chat.pk}")
    link = ChatLink(chat=chat, connection=connection, lane=lane)
    settle_in(link, connection)
    link.save(force_insert=True)
    promise_place(link)
    return link


def settle_in(link: ChatLink, connection: Connection) -> None:
    """The place that this connection gives a chat; nothing of it is in Slack yet. The caller saves."""
    assert connection.installation_id is not None
    link.connection, link.installation_id = connection, connection.installation_id
    link.mode, link.lobby_channel_id = connection.mode, connection.channel_id
    link.root_ts = link.lobby_ts = None
    if link.is_noisy:
        link.room, link.room_name, link.channel_id = ChatLink.Room.WANTED, next_name(link), ""
    else:
        link.room, link.room_name, link.channel_id = ChatLink.Room.NONE, "", connection.channel_id


def connection_for(chat: ChatSession) -> Connection | None:
    """By the site's routes; most sites have but one."""
    usable = (Connection.State.READY, Connection.State.BROKEN)
    found = Connection.unscoped.filter(site_id=chat.site_id, state__in=usable, installation__isnull=False)
    place = routes.Place(chat.page_url, chat.locale, timezone.now(), chat.department)
    return routes.choose(found.order_by("position", "created_at"), place)


def next_name(link: ChatLink) -> str:
    """Counted per Slack team under the installation's row lock: no other chat is ever given this name."""
    installations = Installation.objects.filter(pk=link.installation_id)
    installations.update(rooms_named=F("rooms_named") + 1)
    number = installations.values_list("rooms_named", flat=True).get()
    return room_names.room_name(link.chat.visitor.name or "visitor", number)


def promise_place(link: ChatLink) -> None:
    """What must be in Slack before the chat's next line: its channel in Noisy mode, and the card."""
    kinds = [Delivery.Kind.ROOM, Delivery.Kind.CARD] if link.is_noisy else [Delivery.Kind.CARD]
    for kind in kinds:
        Delivery.objects.create(lane_id=link.lane_id, link=link, kind=kind)


def note_former(link: ChatLink, root_ts: str) -> None:
    """Answers in that thread still find the chat."""
    where = {"installation_id": link.installation_id, "channel_id": link.channel_id, "root_ts": root_ts}
    FormerThread.objects.get_or_create(**where, defaults={"link": link})
