"""Did it arrive? One look through Slack's own records for the ids we put into a post's metadata.

conversations.replies and .history may be limited to one call a minute and 15 messages (apps outside the Marketplace,
since 29 May 2025), so the look starts just before the attempt and reads on until Slack says that there is no more.
"""

from datetime import timedelta
from typing import Any

from slackapp import blocks, client
from slackapp.errors import Answered, Do, Unknown
from slackapp.models import Delivery, MessageLink
from slackapp.promises import Job

PAGE = 15
MOST_PAGES = 20
CLOCK_SLACK = timedelta(seconds=60)


def find(job: Job) -> str | None:
    """The post's ts, or None after a complete negative answer. Raises SlackError when Slack did not tell."""
    for message in _messages(job):
        if _is_it(job, message):
            return str(message["ts"])
    return None


def _messages(job: Job) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    for _ in range(MOST_PAGES):
        answer = _page(job, cursor)
        page = answer.get("messages")
        if not isinstance(page, list):
            raise Unknown("the look-up's answer has no messages")
        found += [message for message in page if isinstance(message, dict)]
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            if answer.get("has_more"):
                raise Unknown("the look-up's answer is not complete")
            return found
    raise Unknown("the look-up did not come to an end")


def _page(job: Job, cursor: str | None) -> dict[str, Any]:
    link = job.link
    method = "conversations.history" if job.head.kind == Delivery.Kind.CARD else "conversations.replies"
    try:
        return client.call(
            method,
            link.installation.bot_token.reveal(),
            channel=link.channel_id,
            ts=None if job.head.kind == Delivery.Kind.CARD else link.root_ts,
            oldest=_oldest(job),
            limit=PAGE,
            cursor=cursor,
            include_all_metadata=True,
        )
    except Answered as error:
        if error.code == "thread_not_found":
            return {"messages": []}
        if error.todo in (Do.REAUTHORISE, Do.FIX_CHANNEL):
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
    mid = str(job.head.message_id)
    total = len(blocks.parts(job.messages[0].body))
    if job.head.parts_sent + 1 < total:
        return bool(
            event_type == "chat_part"
            and payload.get("mid") == mid
            and payload.get("part") == job.head.parts_sent + 1
        )
    return bool(event_type == "chat_message" and mid in (payload.get("mids") or []))
