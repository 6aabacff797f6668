"""The one table of shortcuts, by callback id: each opens a view. Their names in Slack are in features.py.

A message's shortcut tells channel, message and thread; the message's words are in the payload.
"""

from collections.abc import Callable

from slackapp.asked import Asked, Json
from slackapp.features import MANAGE_CHAT, NOTE_CHAT, SHOW_CHATS
from slackapp.modals.manage import MANAGE
from slackapp.modals.modal import sentence
from slackapp.modals.notes import NOTE
from slackapp.modals.open_chats import OPEN_CHATS

# As `Modal.open`; the form that it opens has the shortcut's callback id unless the view names another.
Opening = Callable[[Asked], Json]

SHORTCUTS: dict[str, Opening] = {
    MANAGE_CHAT: MANAGE.open,
    NOTE_CHAT: NOTE.open,
    SHOW_CHATS: OPEN_CHATS.open,
}
OUT_OF_USE = "This shortcut is no longer in use. You can do the same in the console."


def opening(name: str) -> Opening:
    return SHORTCUTS.get(name, lambda asked: sentence(OUT_OF_USE))
