"""What people write in the thread of a site that was disconnected since: it goes nowhere, and they hear so."""

from typing import Any

from django.db import transaction

from slackapp import parting
from slackapp.authors import SPOKEN
from slackapp.handlers.heard import Act, Heard
from slackapp.whispers import tell_person

NOT_SENT = (
    "This site is no longer connected to Slack, so the visitor does not get this. Answer in the console."
)


def is_over(heard: Heard) -> bool:
    """Lines from before the end still count, however late Slack tells of them."""
    link = heard.link
    if link is None or not parting.has_ended(link):
        return False
    ended_at = link.connection.ended_at
    return ended_at is None or _moment(heard.event) >= ended_at.timestamp()


def _moment(event: dict[str, Any]) -> float:
    try:
        return float(str(event.get("ts")))
    except ValueError:
        return float("inf")


def on_late_line(heard: Heard) -> Act | None:
    event = heard.event
    by_person = (
        event.get("subtype") in SPOKEN and not event.get("bot_id") and isinstance(event.get("user"), str)
    )
    if not by_person or event.get("user") == heard.installation.bot_user_id:
        return None
    return lambda: transaction.on_commit(
        lambda: tell_person(heard.installation, event, NOT_SENT), robust=True
    )
