"""*Wake up* and *Unblock visitor* on a card: the way back from a snooze and a block. The ways there are forms."""

from collections.abc import Callable

from livechat.actions import blocking, messages, snoozing
from livechat.models import ChatSession
from slackapp.handlers.heard import Act
from slackapp.presses.chats import CLOSED, may_act
from slackapp.presses.press import Press, answered, whisper
from slackapp.speakers import Speaker

WOKEN = "The chat is back among the open ones."
NOT_SNOOZED = "This chat is not snoozed any more."
UNBLOCKED = "The visitor can write again."
NOT_BLOCKED = "This visitor is not blocked any more."


def wake(press: Press) -> Act:
    return _under_lock(press, _wake)


def unblock(press: Press) -> Act:
    return _under_lock(press, _unblock)


def _under_lock(press: Press, deed: Callable[[ChatSession, Speaker], str]) -> Act:
    """Whoever pressed is told what came of it."""
    found = may_act(press)
    if isinstance(found, str):
        return answered(press, found)
    link, speaker = found
    return lambda: whisper(press, deed(messages.lock_chat(link.chat_id), speaker))


def _wake(chat: ChatSession, speaker: Speaker) -> str:
    if not chat.is_open:
        return CLOSED
    return woken(snoozing.wake_in(chat))


def woken(done: bool) -> str:
    return WOKEN if done else NOT_SNOOZED


def _unblock(chat: ChatSession, speaker: Speaker) -> str:
    return unblocked(blocking.unblock_in(chat, speaker.agent()))


def unblocked(done: bool) -> str:
    return UNBLOCKED if done else NOT_BLOCKED
