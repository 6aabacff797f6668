"""A snoozed chat comes back. Apart from `snoozing`, as every message of a visitor may do it."""

from django.db import models
from django.utils import timezone

from livechat import waiting
from livechat.events import ChatChanged, ChatWoken, publish
from livechat.models import ChatSession

COLUMNS = ("snoozed_until", "snoozed_at", "snoozed_by")


class Why(models.TextChoices):
    """`moment`: the one it was snoozed until."""

    MOMENT = "moment"
    VISITOR = "visitor"
    PERSON = "person"


def bring_back(chat: ChatSession, why: str) -> None:
    """The caller holds the chat's row lock, and has seen that it is snoozed."""
    snoozed_by = chat.snoozed_by
    chat.snoozed_until = chat.snoozed_at = chat.snoozed_by = None
    if why != Why.VISITOR and not chat.visitor.is_blocked:
        waiting.unheed(chat, timezone.now())
    chat.save(update_fields=[*COLUMNS, *waiting.COLUMNS])
    publish(ChatWoken(chat, why, snoozed_by))
    publish(ChatChanged(chat, for_team=True))
