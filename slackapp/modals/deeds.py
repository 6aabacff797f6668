"""What a person does to a chat from a form, at once: each says in a sentence what came of it, or raises Refused."""

from collections.abc import Callable

from django.db import transaction

from accounts.errors import Refused
from livechat.actions import blocking, chats, messages, snoozing
from slackapp import rooms
from slackapp.presses import snoozing as said
from slackapp.presses.chats import CLOSED, OVER, TAKEN
from slackapp.which import Found

Deed = Callable[[Found], str]


def take(found: Found) -> str:
    """One wins, under the chat's lock."""
    with transaction.atomic():
        chat, agent = messages.lock_chat(found.link.chat_id), found.speaker.agent()
        if not chat.is_open:
            raise Refused("closed", CLOSED)
        if chat.agent is not None:
            who = "You have" if chat.agent_id == agent.pk else f"{chat.agent.name} has"
            return f"{who} this chat already."
        messages.take(chat, agent)
        rooms.call_in(found.link, found.speaker.user_id, pressed_in="")
        return TAKEN


def close(found: Found) -> str:
    chats.close_chat(found.link.chat_id)
    return OVER


def wake(found: Found) -> str:
    return said.woken(snoozing.wake(found.link.chat_id))


def unblock(found: Found) -> str:
    with transaction.atomic():
        chat = messages.lock_chat(found.link.chat_id)
        return said.unblocked(blocking.unblock_in(chat, found.speaker.agent()))


DEEDS: dict[str, Deed] = {
    "chat.take": take,
    "chat.close": close,
    "chat.wake": wake,
    "chat.unblock": unblock,
}
