"""Ratings (W8): stars and a comment of a visitor's, for their newest chat, once it is closed."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.errors import Refused
from livechat.access import BLOCKED, newest_chat
from livechat.actions import figures
from livechat.actions.messages import lock_chat
from livechat.events import ChatChanged, publish
from livechat.models import ChatSession
from livechat.tokens import VisitorClaim

CHANGEABLE = timedelta(days=1)
# a link in a mail is good for as long
ACCEPTED = timedelta(days=30)
SWITCHED_OFF = "Chats are not rated here."
NO_CHAT = "There is no chat to rate yet."
STILL_OPEN = "The chat can be rated as soon as it has ended."
TOO_LATE = "This chat was rated more than a day ago. The rating stays as it is."
LONG_OVER = "This chat ended long ago and can no longer be rated. Thank you all the same."


def rate_by_visitor(claim: VisitorClaim, stars: int, comment: str) -> None:
    """Their newest chat. Refused as `rate` does, or while it is open."""
    chat = newest_chat(claim)
    if chat is None:
        raise Refused("refused", NO_CHAT)
    if chat.visitor.is_blocked:
        raise BLOCKED
    rate(chat.pk, stars, comment)


def rate(chat_id: uuid.UUID, stars: int, comment: str) -> ChatSession:
    """The same again is harmless at any time; another rating stands for the first for CHANGEABLE. Locks the chat."""
    with transaction.atomic():
        chat = lock_chat(chat_id)
        if (chat.rating, chat.rating_comment) == (stars, comment):
            return chat
        _check(chat)
        chat.rating, chat.rating_comment = stars, comment
        chat.rated_at = chat.rated_at or timezone.now()
        chat.save(update_fields=["rating", "rating_comment", "rated_at"])
        figures.rated(chat)
        publish(ChatChanged(chat, frame={"type": "chat"}))
        return chat


def _check(chat: ChatSession) -> None:
    now = timezone.now()
    if not chat.site.asks_rating:
        raise Refused("refused", SWITCHED_OFF)
    if chat.rated_at is not None and now - chat.rated_at > CHANGEABLE:
        raise Refused("refused", TOO_LATE)
    if chat.is_open or chat.closed_at is None:
        raise Refused("refused", STILL_OPEN)
    if now - chat.closed_at > ACCEPTED:
        raise Refused("refused", LONG_OVER)
