"""Writes of waits beside those that come with a message (livechat.waiting)."""

from datetime import datetime

from django.db.models import F
from django.utils import timezone

from livechat import waiting
from livechat.models import ChatSession, Message, Site


def remind_next(chat: ChatSession, at: datetime | None) -> None:
    """When somebody is next to be reminded; None: no more of this wait. The caller holds the chat's row lock."""
    chat.remind_at = at
    chat.save(update_fields=["remind_at"])


def count_anew(chat: ChatSession) -> None:
    """Somebody was given the chat who need not have seen it: the minutes begin for them. The caller holds the chat's
    row lock.
    """
    waiting.unheed(chat, timezone.now())
    chat.save(update_fields=[*waiting.COLUMNS])


def recount(chat: ChatSession) -> None:
    """A line was taken back: of the visitor, who perhaps waits no more, or an answer, so that they wait again and the
    minutes begin. The caller holds the chat's row lock.
    """
    said = Message.unscoped.filter(chat=chat, seq__isnull=False, deleted_at=None)
    answers = said.filter(author_kind=Message.Author.AGENT)
    answered = answers.order_by("-seq").values_list("seq", flat=True).first() or 0
    asked = said.filter(author_kind=Message.Author.VISITOR, seq__gt=answered).order_by("seq").first()
    if asked is None or not chat.is_open:
        waiting.over(chat)
    elif chat.waiting_since is None:
        chat.waiting_since = asked.created_at
        waiting.unheed(chat, timezone.now())
    else:
        chat.waiting_since = asked.created_at
    chat.save(update_fields=[*waiting.COLUMNS])


def look_again(site: Site) -> None:
    """The moments of reminders have moved: for all who wait and of whom somebody is still to be reminded."""
    waits = ChatSession.unscoped.filter(site=site, remind_at__isnull=False)
    waits.update(remind_at=F("unheeded_since") + waiting.SOONEST)
