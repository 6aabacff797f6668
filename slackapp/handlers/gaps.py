"""Slack held events of a team back, because there were too many (app_rate_limited)."""

from datetime import datetime, timedelta

from django.utils import timezone

from slackapp.actions import catching_up
from slackapp.handlers.heard import Act, Heard

# one such event tells of one minute, and more may follow
WHILE_IT_LASTS = timedelta(minutes=1)


def on_rate_limited(heard: Heard) -> Act:
    """`minute_rate_limited`: the unix second at which the minute began."""
    minute = heard.row.payload.get("minute_rate_limited")
    since = heard.row.received_at
    if isinstance(minute, int) and not isinstance(minute, bool) and 0 < minute < since.timestamp():
        since = datetime.fromtimestamp(minute, tz=timezone.get_default_timezone())
    return lambda: catching_up.note_gap(heard.installation, since, WHILE_IT_LASTS)
