"""What a page says about the visitor of a chat beside what they wrote."""

import zoneinfo
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import get_language_info

from config import zones
from livechat.models import ChatSession

MOST_CHATS = 8


@dataclass(frozen=True, slots=True)
class About:
    """Their chats, the newest first; `more`: there are others. Texts are empty for what is not known."""

    chats: list[ChatSession]
    count: int
    more: bool
    language: str
    local_time: str


def about(chat: ChatSession, now: datetime | None = None) -> About:
    """One statement."""
    theirs = ChatSession.objects.in_workspace(chat.site.workspace).filter(visitor_id=chat.visitor_id)
    found = list(theirs.order_by("-started_at", "-pk")[: MOST_CHATS + 1])
    shown = found[:MOST_CHATS]
    return About(shown, len(shown), len(found) > MOST_CHATS, language(chat.locale), local_time(chat, now))


def language(locale: str) -> str:
    """`de-AT` → `German`; what nobody knows is shown as it came."""
    for code in (locale.lower(), locale.lower().partition("-")[0]):
        try:
            return str(get_language_info(code)["name"])
        except KeyError:
            continue
    return locale


def local_time(chat: ChatSession, now: datetime | None = None) -> str:
    return clock_of(chat.timezone, now)


def clock_of(zone: str, now: datetime | None = None) -> str:
    """A visitor's browser may name anything; empty for what is no zone."""
    if zone not in zones.known():
        return ""
    return (now or timezone.now()).astimezone(zoneinfo.ZoneInfo(zone)).strftime("%A, %H:%M")
