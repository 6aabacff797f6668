"""Since when a visitor waits (S20), in the chat's own row: whoever writes that row anyway keeps these columns true.

`waiting_since` is the first line of theirs that nobody has answered. `unheeded_since` is when nobody yet looked after
that wait: answering, closing, taking the chat and letting it rest end it; a note does not. `remind_at` is when somebody
is next to be reminded of it. All of it under the chat's row lock; the caller saves.
"""

from datetime import datetime, timedelta

from livechat.models import ChatSession, Message

COLUMNS = ("waiting_since", "unheeded_since", "remind_at")
# no reminder comes earlier: most waits are over by then and cost nothing more
SOONEST = timedelta(minutes=1)


def heard(chat: ChatSession, message: Message) -> None:
    """A line that the visitor sees, whose `created_at` is set. What a bot or the system says answers nobody."""
    if message.author_kind == Message.Author.VISITOR:
        chat.waiting_since = chat.waiting_since or message.created_at
        if chat.unheeded_since is None:
            unheed(chat, message.created_at)
    elif message.author_kind == Message.Author.AGENT:
        over(chat)


def over(chat: ChatSession) -> None:
    """They were answered, or the chat is closed."""
    chat.waiting_since = None
    heed(chat)


def heed(chat: ChatSession) -> None:
    """Somebody has taken it upon them: there is nobody to remind until the visitor writes again."""
    chat.unheeded_since = chat.remind_at = None


def unheed(chat: ChatSession, at: datetime) -> None:
    """From this moment on the minutes count anew, if anybody waits."""
    if chat.waiting_since is not None:
        chat.unheeded_since, chat.remind_at = at, at + SOONEST
