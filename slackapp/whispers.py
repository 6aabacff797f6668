"""A word to one person in Slack that nobody else sees."""

import hashlib
import logging
from typing import Any

from django.core.cache import cache

from slackapp import blocks, keys
from slackapp.errors import Answered, SlackError
from slackapp.models import Installation

log = logging.getLogger(__name__)


ONCE_IN_SECONDS = 3600
OUT_OF_REACH = frozenset("user_not_in_channel not_in_channel channel_not_found is_archived".split())


def tell_once(installation: Installation, line: dict[str, Any], text: str) -> None:
    """The same sentence to the same person in a thread is said once an hour; it holds for their next lines too."""
    words = hashlib.sha256(text.encode()).hexdigest()[:16]
    place = (line.get(name) or "" for name in ("channel", "thread_ts", "user"))
    if cache.add(":".join(("told", *map(str, place), words)), True, ONCE_IN_SECONDS):
        tell_person(installation, line, text)


def tell_person(installation: Installation, line: dict[str, Any], text: str) -> None:
    """Beside what they wrote. It is a courtesy: if Slack does not take it, the line in the console still says so."""
    say_to(installation, str(line["user"]), text, str(line["channel"]), line.get("thread_ts"))


def say_to(
    installation: Installation, user_id: str, text: str, channel_id: str, thread_ts: str | None = None
) -> None:
    """Only they see it. Whoever only looks into the channel cannot be told there, and gets a direct message."""
    said = blocks.notice(text)
    try:
        try:
            keys.call(
                installation,
                "chat.postEphemeral",
                channel=channel_id,
                user=user_id,
                thread_ts=thread_ts,
                **said,
            )
        except Answered as error:
            if error.code not in OUT_OF_REACH:
                raise
            keys.call(installation, "chat.postMessage", channel=user_id, **said)
    except SlackError as error:
        log.info("a person could not be told: %s", error)
