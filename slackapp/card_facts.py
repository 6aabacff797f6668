"""What a chat's card says, as plain values. A state of a chat is a field here, and a line of `card_blocks`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from livechat import presence, snooze
from livechat.models import ChatSession, Message
from slackapp import policies, rooms
from slackapp.blocks import username
from slackapp.models import ChatLink

# the minutes at which a card says anew how long somebody waits
STEPS = (0, 2, 5, 10, 20, 30, 60, 120, 180, 360, 720, 1440)
MOST_UNREAD = 9


@dataclass(frozen=True, slots=True)
class CardFacts:
    """`waits`: the last of STEPS that the visitor has waited for an answer; None if nobody waits.

    `unread`: the visitor's lines that nobody has answered or seen, at most MOST_UNREAD + 1. `online`: whether the
    visitor has the website open; None if that is not known. `earlier`: the channel of the visitor's chat before.
    `said`: what the visitor told about themselves; `stars` and `comment`: how they rated the chat.
    `verified`: as whom the website knows them; `unverified`: where it could have said who they are and did not.
    `rest`: until when and by whom it is snoozed, or by whom the visitor is blocked.
    """

    chat_id: str
    name: str
    site: str
    console_url: str
    hint: str = ""
    policy: str = "replies"
    is_open: bool = True
    owner: str = ""
    was_answered: bool = False
    waits: int | None = None
    snoozed_until: datetime | None = None
    is_blocked: bool = False
    rest: str = ""
    unread: int = 0
    online: bool | None = None
    page_url: str = ""
    page_title: str = ""
    department: str = ""
    language: str = ""
    earlier: str = ""
    said: tuple[str, ...] = ()
    stars: str = ""
    comment: str = ""
    verified: str = ""
    unverified: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """The facts, the chat's `last_seq` of that moment, and when they change by themselves."""

    facts: CardFacts
    seq: int
    next_step_at: datetime | None


def look(link: ChatLink, *, unshown: int = 0) -> Look:
    """Reads what the card of this chat is to say now. `unshown` of its lines came before the card; needs connection."""
    who = ("chat__agent", "chat__snoozed_by", "chat__visitor__blocked_by")
    links = ChatLink.objects.select_related("chat__site", "chat__visit", *who)
    chat, now = links.get(pk=link.pk).chat, timezone.now()
    answered = _last_answer(chat)
    since = chat.waiting_since if chat.is_open else None
    waited = (now - since) if since is not None else None
    facts = CardFacts(
        chat_id=str(chat.pk),
        name=username(chat.visitor.display_name, ""),
        site=chat.site.name,
        console_url=f"{settings.CONSOLE_URL}/console/chats/{chat.pk}",
        hint=_hint(link, unshown),
        policy=link.connection.policy,
        is_open=chat.is_open,
        owner=username(chat.agent.name, "") if chat.agent else "",
        was_answered=answered > 0,
        waits=step(waited) if waited is not None else None,
        snoozed_until=chat.snoozed_until,
        is_blocked=chat.visitor.is_blocked,
        rest=_rest(chat),
        unread=_unread(chat, answered) if chat.is_open else 0,
        online=presence.is_here(chat) if chat.is_open else None,
        page_url=chat.page_url,
        page_title=chat.page_title,
        department=chat.department,
        language=" · ".join(part for part in (chat.locale, chat.timezone) if part),
        earlier=rooms.room_of_previous(chat) if link.is_noisy else "",
        said=tuple(chat.visitor.said_in_lines),
        stars=chat.stars,
        comment=chat.rating_comment,
        verified=chat.visitor.external_id,
        unverified=chat.site.checks_identity and not chat.visitor.is_verified,
    )
    moments = [_next_step(since, now)] if facts.waits is not None else []
    if facts.online and not hasattr(chat, "visit"):
        moments.append(chat.started_at + presence.HERE_GRACE)
    return Look(facts, chat.last_seq, min((one for one in moments if one is not None), default=None))


def _hint(link: ChatLink, unshown: int) -> str:
    if not unshown:
        return policies.hint(link)
    lines = "line of this chat is" if unshown == 1 else f"{unshown} lines of this chat are"
    return f"The first {lines} in the console. {policies.hint(link)}"


def _rest(chat: ChatSession) -> str:
    """With the day, as the card stays as it is until the chat moves."""
    by = chat.visitor.blocked_by or chat.snoozed_by
    name = f"by {username(by.name, '')}" if by else ""
    if chat.snoozed_until is None or chat.visitor.is_blocked:
        return name
    return f"until {snooze.said_by_day(chat.snoozed_until, snooze.clock_of(chat.site))} {name}".strip()


def _last_answer(chat: ChatSession) -> int:
    answers = chat.messages.filter(author_kind=Message.Author.AGENT, is_note=False, deleted_at=None)
    return answers.aggregate(seq=Max("seq"))["seq"] or 0


def _unread(chat: ChatSession, answered: int) -> int:
    said = chat.messages.filter(author_kind=Message.Author.VISITOR, deleted_at=None)
    return said.filter(seq__gt=max(answered, chat.agent_seen_seq))[: MOST_UNREAD + 1].count()


def step(waited: timedelta) -> int:
    minutes = waited // timedelta(minutes=1)
    return max(one for one in STEPS if one <= max(minutes, 0))


def _next_step(since: datetime | None, now: datetime) -> datetime | None:
    """When a card that says how long somebody waits is too old."""
    moments = (since + timedelta(minutes=one) for one in STEPS) if since is not None else ()
    return next((moment for moment in moments if moment > now), None)
