"""Whether Slack is heard over Socket Mode, for the console (S26)."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from slackapp.actions.catching_up import SILENT_AFTER
from slackapp.models import Heartbeat


@dataclass(frozen=True, slots=True)
class Hearing:
    """`at`: when a listener was last known to be connected; None if there never was one.

    `since`: from when on it listens without a pause. `problem`: what stopped it, with what to do.
    """

    at: datetime | None = None
    since: datetime | None = None
    problem: str = ""

    @property
    def is_open(self) -> bool:
        return self.at is not None and not self.problem and timezone.now() - self.at < SILENT_AFTER


def over_socket() -> Hearing | None:
    """None where Slack comes to our own addresses."""
    if not settings.SLACK_APP_TOKEN:
        return None
    row = Heartbeat.objects.filter(door="socket").first()
    return Hearing(row.at, row.since, row.problem) if row is not None else Hearing()
