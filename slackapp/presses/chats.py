"""*Take*, *Join* and *Close*, wherever a chat is shown: in the lobby, on its card, in a list that a command shows."""

import uuid

from livechat.actions import chats, messages
from slackapp import parting, rights, rooms
from slackapp.handlers.heard import Act
from slackapp.home.pressing import may_act_on
from slackapp.models import ChatLink
from slackapp.presses.press import Press, answered, whisper
from slackapp.speakers import Speaker, speaker_of

UNKNOWN = "This chat is not here any more. You find it in the console."
NOT_ALLOWED = (
    "Only colleagues can do this here. An owner can allow guests and partner companies in the console."
)
CLOSED = "This chat is closed. An answer to the visitor opens it again."
NO_ROOM = "This chat has no channel to join: it goes on as a thread."
ARCHIVED = "This chat is over and its channel is archived."
PARTED = "This site is no longer connected to Slack. You find the chat in the console."
OVER = "The chat is closed. An answer to the visitor opens it again."
TAKEN = "You have this chat now."


def take(press: Press) -> Act:
    """One wins, under the chat's lock; the others are told who it was."""
    link = _link_of(press)
    if link is None or parting.has_ended(link):
        return answered(press, UNKNOWN if link is None else PARTED)
    speaker = _speaker(press, link)
    if speaker.refusal:
        return answered(press, NOT_ALLOWED)
    return lambda: _take(press, link, speaker)


def _take(press: Press, link: ChatLink, speaker: Speaker) -> None:
    chat, agent = messages.lock_chat(link.chat_id), speaker.agent()
    if not chat.is_open:
        whisper(press, CLOSED)
    elif chat.agent is None:
        messages.take(chat, agent)
        is_called = rooms.call_in(link, press.user_id, pressed_in=press.channel_id)
        if press.in_home or not is_called:
            whisper(press, TAKEN)
    elif chat.agent_id == agent.pk:
        whisper(press, "You have this chat already.")
    else:
        whisper(press, f"{chat.agent.name} has this chat already.")


def join(press: Press) -> Act:
    link = _link_of(press)
    if link is None or parting.has_ended(link):
        return answered(press, UNKNOWN if link is None else PARTED)
    speaker = _speaker(press, link)
    if speaker.refusal:
        return answered(press, NOT_ALLOWED)
    return lambda: _join(press, link)


def _join(press: Press, seen: ChatLink) -> None:
    messages.lock_chat(seen.chat_id)
    link = ChatLink.objects.get(pk=seen.pk)
    if not link.is_noisy:
        whisper(press, NO_ROOM)
    elif link.room not in (ChatLink.Room.OPEN, ChatLink.Room.CLOSING):
        whisper(press, ARCHIVED)
    else:
        rooms.call_in(link, press.user_id, pressed_in=press.channel_id)


def may_act(press: Press) -> tuple[ChatLink, Speaker] | str:
    """The chat and as whom they act in it, or the sentence why not. May raise AskSlack or NotYet."""
    link = _link_of(press)
    if link is None or parting.has_ended(link):
        return UNKNOWN if link is None else PARTED
    speaker = _speaker(press, link)
    return NOT_ALLOWED if speaker.refusal else (link, speaker)


def close(press: Press) -> Act:
    """Closing twice is harmless."""
    link = _link_of(press)
    if link is None or parting.has_ended(link):
        return answered(press, UNKNOWN if link is None else PARTED)
    if _speaker(press, link).refusal:
        return answered(press, NOT_ALLOWED)
    return lambda: _close(press, link)


def _close(press: Press, link: ChatLink) -> None:
    was_open = messages.lock_chat(link.chat_id).is_open
    chats.close_chat(link.chat_id)
    whisper(press, OVER if was_open else CLOSED)


def _link_of(press: Press) -> ChatLink | None:
    """The value names a chat. What counts is that the button stood in one of that chat's places, or that a member of

    its workspace pressed who may answer. A Home tab is no place of any chat. May raise AskSlack or NotYet.
    """
    try:
        chat_id = uuid.UUID(press.value)
    except ValueError:
        return None
    links = ChatLink.objects.select_related("connection__workspace", "installation", "chat")
    link = links.filter(pk=chat_id, installation=press.installation).first()
    if press.in_home:
        return link if link is not None and may_act_on(press, link) else None
    places = (link.channel_id, link.lobby_channel_id) if link is not None else ()
    if link is None or (press.channel_id and press.channel_id in places):
        return link
    return link if rights.is_answering(press.user_team, press.user_id, link.connection) else None


def _speaker(press: Press, link: ChatLink) -> Speaker:
    """May raise AskSlack, or NotYet while Slack does not tell who it is."""
    return speaker_of(press.heard, link, {"user": press.user_id, "user_team": press.user_team})
