"""What people do to a Noisy chat's own channel. Every other channel is the connections' business (channels.py)."""

from livechat.actions.chats import close_chat
from livechat.actions.messages import lock_chat
from slackapp import rooms
from slackapp.handlers.heard import Act, Handler, Heard
from slackapp.models import ChatLink, Connection, Delivery


def _room(heard: Heard) -> ChatLink | None:
    channel = heard.event.get("channel")
    if not isinstance(channel, str):
        return None
    links = ChatLink.objects.filter(installation=heard.installation, channel_id=channel)
    return links.filter(mode=Connection.Mode.NOISY).first()


def ended_or(otherwise: Handler) -> Handler:
    """Archived or deleted by a person: that ends the chat."""

    def handle(heard: Heard) -> Act | None:
        link = _room(heard)
        return (lambda: _end(link)) if link is not None else otherwise(heard)

    return handle


def _end(seen: ChatLink) -> None:
    chat = lock_chat(seen.chat_id)
    link = _current(seen)
    if link is None or link.room == ChatLink.Room.ARCHIVED:
        return
    # our own archiving comes back as an event, too; whoever settles it knows whether the chat was opened meanwhile
    if Delivery.objects.filter(link=link, kind=Delivery.Kind.ARCHIVE, state=Delivery.State.SENDING).exists():
        return
    rooms.note_over(link)
    if chat.is_open:
        close_chat(chat.pk)


def lost_or(otherwise: Handler) -> Handler:
    """The app was sent away."""

    def handle(heard: Heard) -> Act | None:
        link = _room(heard)
        if link is None:
            return otherwise(heard)
        # `member_left_channel` names who left; `channel_left` is told only to whom it concerns
        ours = heard.event.get("user") in (heard.installation.bot_user_id, None)
        return (lambda: _lose(link)) if ours else None

    return handle


def _lose(seen: ChatLink) -> None:
    chat = lock_chat(seen.chat_id)
    if (link := _current(seen)) is not None:
        rooms.on_lost(link, chat)


def _current(seen: ChatLink) -> ChatLink | None:
    """Under the chat's lock: None if the chat has another channel by now."""
    links = ChatLink.objects.select_related("connection", "lane", "chat__visitor")
    return links.filter(pk=seen.pk, channel_id=seen.channel_id, mode=Connection.Mode.NOISY).first()
