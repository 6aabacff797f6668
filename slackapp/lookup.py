"""Did it arrive? One look through Slack's own records for the ids we put into a post's metadata.

conversations.replies and .history may be limited to one call a minute and 15 messages (apps outside the Marketplace,
since 29 May 2025), so the look starts just before the attempt and reads on until Slack says that there is no more.
"""

from datetime import timedelta
from typing import Any

from slackapp import keys
from slackapp.doubts import PAGE
from slackapp.errors import Answered, Do, Limited, Unknown
from slackapp.kinds import OWN_WORDS, TRAITS, place_of
from slackapp.models import Delivery, MessageLink
from slackapp.pieces import pieces_of
from slackapp.promises import Job

PAGE_SIZE = 15
MOST_PAGES = 20
CLOCK_SLACK = timedelta(seconds=60)


def find(job: Job) -> str | None:
    """The post's ts, or None after a complete negative answer. Raises SlackError when Slack did not tell.

    Where Slack asks to wait, the next look goes on with the page that it did not give.
    """
    cursor = job.head.args.get(PAGE)
    for _ in range(MOST_PAGES):
        answer = _page(job, cursor)
        for message in _messages(answer):
            if _is_it(job, message):
                return str(message["ts"])
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            if answer.get("has_more"):
                raise Unknown("the look-up's answer is not complete")
            return None
    raise Unknown("the look-up did not come to an end")


def _messages(answer: dict[str, Any]) -> list[dict[str, Any]]:
    page = answer.get("messages")
    if not isinstance(page, list):
        raise Unknown("the look-up's answer has no messages")
    return [message for message in page if isinstance(message, dict)]


def _page(job: Job, cursor: str | None) -> dict[str, Any]:
    link = job.link
    in_thread = TRAITS[job.head.kind].needs_thread and not link.is_noisy
    try:
        return keys.call(
            link.installation,
            "conversations.replies" if in_thread else "conversations.history",
            channel=place_of(job.head),
            ts=link.root_ts if in_thread else None,
            oldest=_oldest(job),
            limit=PAGE_SIZE,
            cursor=cursor,
            include_all_metadata=True,
        )
    except Limited as limited:
        limited.cursor = cursor
        raise
    except Answered as error:
        if error.code == "thread_not_found":
            return {"messages": []}
        if error.stops_team or error.todo is Do.FIX_CHANNEL:
            raise
        raise Unknown(str(error)) from error


def _oldest(job: Job) -> str:
    """Nothing of this attempt can be older than the chat's last known copy, or than a minute before the attempt."""
    copies = MessageLink.objects.filter(
        message__chat_id=job.link.chat_id, channel_id=job.link.channel_id, from_slack=False
    )
    newest = copies.order_by("-pk").values_list("ts", flat=True).first()
    if job.head.kind == Delivery.Kind.LINE and newest is not None:
        return newest
    tried_at = job.head.first_tried_at or job.head.created_at
    return f"{(tried_at - CLOCK_SLACK).timestamp():.6f}"


def _is_it(job: Job, message: dict[str, Any]) -> bool:
    metadata = message.get("metadata") or {}
    event_type, payload = metadata.get("event_type"), metadata.get("event_payload") or {}
    if job.head.kind == Delivery.Kind.CARD:
        return bool(event_type == "chat_card" and payload.get("chat") == str(job.link.chat_id))
    if job.head.kind in OWN_WORDS:
        return bool(event_type == OWN_WORDS[job.head.kind] and payload.get("delivery") == job.head.pk)
    mid = str(job.head.message_id)
    total = len(pieces_of(job.head))
    if job.head.parts_sent + 1 < total:
        return bool(
            event_type == "chat_part"
            and payload.get("mid") == mid
            and payload.get("part") == job.head.parts_sent + 1
        )
    return bool(event_type == "chat_message" and mid in (payload.get("mids") or []))
