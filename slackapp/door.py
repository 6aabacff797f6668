"""When this process began to listen to Slack: what was said shortly before may still be on its way."""

from datetime import datetime, timedelta

from django.utils import timezone

# Slack repeats what nobody took at once, after one minute and after five (docs.slack.dev/apis/events-api)
REPEATS = timedelta(minutes=6)
_opened_at: datetime | None = None


def opens() -> None:
    global _opened_at
    _opened_at = timezone.now()


def opened_at() -> datetime | None:
    """None once all that was said before has come, or been given up; also once the clock was set back meanwhile.

    By that clock every chat would be older than the door, and each of their lines would be asked about.
    """
    global _opened_at
    if _opened_at is not None and not timedelta() <= timezone.now() - _opened_at <= REPEATS:
        _opened_at = None
    return _opened_at
