"""The first line of a thread after nobody here listened waits until Slack is asked what was said before it (S27).

Slack repeats what nobody took after a minute. People have gone on writing by then, and visitors would have two lines
the wrong way round for good. So the first line that comes to a chat within six minutes of a start (door.py) costs one
call; where Slack gives no answer, the line is taken as it is.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from slackapp import catch_up
from slackapp.actions.catching_up import REACH, note_asked_before
from slackapp.authors import is_our_own, is_spoken
from slackapp.errors import SlackError
from slackapp.handlers.heard import Act
from slackapp.models import ChatLink, InboundEvent, MessageLink
from slackapp.people import AskSlack

log = logging.getLogger(__name__)
Json = dict[str, Any]
Read = Callable[[InboundEvent], Act | None]


def acts_of(line: InboundEvent, link: ChatLink, read: Read, *, may_ask: bool) -> list[Act]:
    """What the line does; if it is the first of its chat, after what those do that were written before it.

    `read` makes an act of an event. Calls Slack in that case; raises AskSlack if it may not.
    """
    if line.door_opened_at is None or not _is_first(line, link, line.door_opened_at):
        return _known(read(line))
    if not may_ask:
        raise AskSlack
    missing = [_event_like(line, told) for told in _told_before(line, link)]
    before = [act for one in missing for act in _known(_read(one, read))]
    # the mark comes last: a chat's row is locked before its link's, as an erasure does it
    return [*before, *_known(read(line)), lambda: note_asked_before(link)]


def _known(act: Act | None) -> list[Act]:
    return [] if act is None else [act]


def _is_first(line: InboundEvent, link: ChatLink, opened_at: datetime) -> bool:
    """A person's line of this chat, which is older than the door and of which nothing was asked since that opened."""
    event = line.payload["event"]
    if line.kind != "message" or is_our_own(link.installation, event) or not is_spoken(event):
        return False
    if link.asked_before_at is not None and link.asked_before_at >= opened_at:
        return False
    is_in_its_place = event.get("thread_ts") == (None if link.is_noisy else link.root_ts)
    return bool(is_in_its_place and link.chat.started_at < opened_at)


def _told_before(line: InboundEvent, link: ChatLink) -> list[Json]:
    try:
        latest = str(line.payload["event"]["ts"])
        answer = catch_up.page_of(link.installation, link, oldest=_known_until(line, link), latest=latest)
    except SlackError as error:
        log.info("slack did not say what was written before a line: %s", error)
        return []
    return catch_up.lines_told(link.installation, link, answer)


def _known_until(line: InboundEvent, link: ChatLink) -> str:
    """The newest line before this one that a person wrote; a day is as far as is looked."""
    known = MessageLink.objects.filter(
        installation_id=link.installation_id, channel_id=link.channel_id, from_slack=True
    ).filter(message__chat_id=link.chat_id, ts__lt=line.payload["event"]["ts"])
    newest = known.order_by("-ts").values_list("ts", flat=True).first()
    return max(newest or "", f"{(line.received_at - REACH).timestamp():.6f}")


def _event_like(line: InboundEvent, told: Json) -> InboundEvent:
    """Never saved: what Slack tells of it later means nothing any more."""
    return InboundEvent(
        event_id=told["event_id"],
        kind="message",
        lane_key=line.lane_key,
        payload=told,
        received_at=line.received_at,
    )


def _read(event: InboundEvent, read: Read) -> Act | None:
    """What cannot be read now comes when Slack repeats it; the line that came waits for nothing else."""
    try:
        return read(event)
    except Exception:
        log.exception("a line that was written before another could not be read")
        return None
