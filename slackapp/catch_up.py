"""After an outage of ours, what people wrote meanwhile is read from Slack, once (S27).

Slack repeats an event for six minutes, for a day if the app asks for it, and holds events back from a team that
is too loud. What it gave up is found here: a chore of each installation reads its open chats, those that spoke last
first, one page a turn and no faster than Slack allows (apps outside the Marketplace: one page of 15 a minute). What is
found goes the way of events, so that whatever is known already changes nothing.
"""

import asyncio
import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from config.database import write
from slackapp import door, keys
from slackapp.actions import catching_up
from slackapp.actions.catching_up import CAUGHT, Page
from slackapp.errors import Answered, Do, Limited, SlackError
from slackapp.models import ChatLink, Installation, MessageLink
from slackapp.policies import LOCK

log = logging.getLogger(__name__)

BEAT_SECONDS = 15.0
PAGE = 15
PACE = timedelta(seconds=1.5)
# of the slowest apps, which may ask once a minute, with a margin
SLOWEST = timedelta(seconds=75)
AFTER_TROUBLE = timedelta(seconds=60)
Json = dict[str, Any]


async def watch() -> None:
    """The web process's door; with Socket Mode it is another's (socket_mode.py)."""
    if not settings.SLACK_APP_TOKEN:
        await keep_beating("web")


async def keep_beating(name: str) -> None:
    """Until it is cancelled. It ends when a beat that was under way is written: what is noted after it, stays noted."""
    door.opens()
    while True:
        beat = asyncio.ensure_future(_beat(name))
        try:
            await asyncio.shield(beat)
        except asyncio.CancelledError:
            await beat
            raise
        await asyncio.sleep(BEAT_SECONDS)


async def _beat(name: str) -> None:
    try:
        if await write(catching_up.beat, name):
            log.warning("slack may have spoken to nobody for a while: open chats are read again")
    except Exception:
        # the database is away; what comes meanwhile is in the spool
        log.exception("the door's sign of life was not written")


def step(installation: Installation) -> None:
    """One turn. Calls Slack: never inside a transaction; the caller holds the lane of the installation's chores."""
    if installation.gaps_since is not None:
        catching_up.begin(installation)
    link = catching_up.next_link(installation)
    if link is None:
        catching_up.ask_again(installation, None)
        return
    wait = _read(installation, link)
    catching_up.ask_again(installation, timezone.now() + wait)


def _read(installation: Installation, link: ChatLink) -> timedelta:
    # before Slack answers: what is written and heard after its answer is not missing from it
    shown, pace = _shown(link), _pace(installation)
    try:
        answer = page_of(installation, link, oldest=link.missing_since, cursor=link.missing_cursor or None)
    except Limited as error:
        catching_up.slow_down(installation, pace + timedelta(seconds=error.seconds))
        return timedelta(seconds=error.seconds)
    except Answered as error:
        return _refused(link, error, pace)
    except SlackError as error:
        log.info("a chat could not be read again: %s", error)
        return AFTER_TROUBLE
    catching_up.hear(link, _heard(installation, link, answer, shown))
    return pace


def _pace(installation: Installation) -> timedelta:
    """Once Slack has asked to wait, the next pages are as far apart as the one before and the refused one."""
    return max(PACE, min(timedelta(seconds=installation.catch_up_pace), SLOWEST))


def _heard(installation: Installation, link: ChatLink, answer: Json, shown: list[str]) -> Page:
    cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
    found = [message for message in answer.get("messages") or [] if isinstance(message, dict)]
    replies = [ts for ts in (_ts(message) for message in found) if ts != link.root_ts]
    read_to = max(replies, default=link.missing_read)
    new = [message for message in found if _may_be_new(installation, link, message)]
    events = [_told(installation, link, message) for message in new]
    events += [event for message in found for event in _told_locked(installation, link, message)]
    events += [_told_gone(installation, link, ts) for ts in _gone(link, shown, replies, cursor)]
    return Page(events, cursor, read_to)


def _ts(message: Json) -> str:
    return str(message.get("ts") or "")


def page_of(installation: Installation, link: ChatLink, **which: str | None) -> Json:
    """Of the chat's thread the oldest lines of `which` (`oldest`, `latest`, `cursor`), of its channel the newest."""
    method = "conversations.history" if link.is_noisy else "conversations.replies"
    ts = None if link.is_noisy else link.root_ts
    return keys.call(installation, method, channel=link.channel_id, ts=ts, limit=PAGE, **which)


def lines_told(installation: Installation, link: ChatLink, answer: Json) -> list[Json]:
    """Events of the lines in a page that are not known, the oldest first."""
    found = [message for message in answer.get("messages") or [] if isinstance(message, dict)]
    new = [message for message in found if _may_be_new(installation, link, message)]
    return [_told(installation, link, message) for message in sorted(new, key=_ts)]


def _refused(link: ChatLink, error: Answered, pace: timedelta) -> timedelta:
    """Somebody has to mend the key first, which is told elsewhere; a chat that cannot be read is passed over."""
    if error.todo in (Do.REAUTHORISE, Do.REFRESH, Do.TRY_AGAIN):
        return AFTER_TROUBLE
    log.info("a chat could not be read again: %s", error)
    catching_up.hear(link, Page([]))
    return pace


def _may_be_new(installation: Installation, link: ChatLink, message: Json) -> bool:
    """By a person and not known as it stands; an edit of a line that is known may be news."""
    ts, user = message.get("ts"), message.get("user")
    if not isinstance(ts, str) or ts == link.root_ts or user in (None, installation.bot_user_id):
        return False
    return "edited" in message or not _known(link).filter(ts=ts).exists()


def _known(link: ChatLink) -> Any:
    return MessageLink.objects.filter(
        installation_id=link.installation_id, channel_id=link.channel_id, from_slack=True
    )


def _shown(link: ChatLink) -> list[str]:
    """Lines of this time that must stand in the thread, or in the channel beside its threads, which hold notes only.

    A card that was deleted took its thread along, and nothing says what became of the lines in it.
    """
    if link.former_threads.exists():
        return []
    lines = _known(link).filter(
        message__chat_id=link.chat_id,
        message__deleted_at=None,
        ts__gt=link.missing_read or link.missing_since,
    )
    beside_threads = lines.filter(message__is_note=False) if link.is_noisy else lines
    return list(beside_threads.values_list("ts", flat=True))


def _gone(link: ChatLink, shown: list[str], there: list[str], cursor: str) -> list[str]:
    """What was shown already when this stretch was read, and is not in it. A channel is judged as a whole or not."""
    if link.is_noisy and (cursor or link.missing_cursor):
        return []
    end = max(there, default="") if cursor else None
    return [ts for ts in shown if ts not in there and (end is None or ts < end)]


def _told(installation: Installation, link: ChatLink, message: Json) -> Json:
    """As an event: the line, or its edit, which carries the whole line."""
    line = {**message, "channel": link.channel_id}
    edited = message.get("edited")
    if not isinstance(edited, dict):
        return _envelope(installation, link, f"{message['ts']}", {**line, "type": "message"})
    changed = {"type": "message", "subtype": "message_changed", "message": line, "channel": link.channel_id}
    return _envelope(installation, link, f"{message['ts']}:{edited.get('ts')}", changed)


def _told_locked(installation: Installation, link: ChatLink, message: Json) -> list[Json]:
    """One for each who set a lock: not everybody's counts."""
    locks = [reaction for reaction in message.get("reactions") or [] if reaction.get("name") == LOCK]
    item = {"type": "message", "channel": link.channel_id, "ts": _ts(message)}
    event = {"type": "reaction_added", "reaction": LOCK, "item": item}
    people = [str(user) for lock in locks for user in lock.get("users") or []]
    return [
        _envelope(installation, link, f"{_ts(message)}:{LOCK}:{user}", {**event, "user": user})
        for user in people
    ]


def _told_gone(installation: Installation, link: ChatLink, ts: str) -> Json:
    before = {"ts": ts, "thread_ts": link.root_ts}
    gone = {"type": "message", "subtype": "message_deleted", "deleted_ts": ts, "channel": link.channel_id}
    return _envelope(installation, link, f"{ts}:gone", {**gone, "previous_message": before})


def _envelope(installation: Installation, link: ChatLink, what: str, event: Json) -> Json:
    """With an id of its own, so that reading twice records once."""
    return {
        "type": "event_callback",
        "event_id": f"{CAUGHT}{link.channel_id}:{what}"[:100],
        "event_time": int(timezone.now().timestamp()),
        "api_app_id": installation.app_id,
        "team_id": installation.slack_team_id or event.get("team"),
        "enterprise_id": installation.enterprise_id or None,
        "event": event,
    }
