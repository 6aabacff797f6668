"""What an owner says of a site's reminders (S20)."""

from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from livechat import schedule
from livechat.forms import PlainForm
from livechat.models import Site
from livechat.schedule import Schedule
from slackapp.models import ReminderPlan
from slackapp.reminded import Step

MOST_MINUTES, MOST_PEOPLE = 7 * 24 * 60, 20
ORDER = "Each reminder comes later than the one before it. Change the minutes, or leave those of one empty."
NOBODY = "Choose whom to mention, or leave the minutes of that reminder empty."
LABELS: dict[str, tuple[str, str]] = {
    Step.THREAD: ("A line in the chat’s thread", "Only those who follow the chat are notified."),
    Step.CHANNEL: ("A line that the whole channel sees", "Shown in the channel, with a way into the thread."),
    Step.MENTION: ("A line that mentions people", "Slack notifies them wherever they are."),
    Step.MAIL: ("A mail", "It comes even when Slack is in trouble."),
}


class ReminderForm(PlainForm):
    """`thread_minutes`, …: open minutes; empty is never. `people` are `<team id>:<user id>`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for step in Step:
            self.fields[f"{step}_minutes"] = forms.IntegerField(
                min_value=1, max_value=MOST_MINUTES, required=False, label=LABELS[step][0]
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        minutes = [data[f"{step}_minutes"] for step in Step if data.get(f"{step}_minutes")]
        if self.errors:
            raise forms.ValidationError(
                "Write whole minutes, at least 1 and at most 10,080, which is a week."
            )
        if any(later <= earlier for earlier, later in pairwise(minutes)):
            raise forms.ValidationError(ORDER)
        if data.get("mention_minutes") and not self.chosen("people"):
            raise forms.ValidationError(NOBODY)
        return data

    def chosen(self, name: str) -> list[str]:
        found = self.data.getlist(name) if hasattr(self.data, "getlist") else []
        return [one[:80] for one in found][:MOST_PEOPLE]

    def problem(self) -> str:
        return str((self.non_field_errors() or [""])[0])

    def values(self) -> dict[str, Any]:
        """For the plan, but for whom it is."""
        return {f"{step}_minutes": self.cleaned_data[f"{step}_minutes"] for step in Step}


def form_of(plan: ReminderPlan) -> ReminderForm:
    return ReminderForm(initial={f"{step}_minutes": getattr(plan, f"{step}_minutes") for step in Step})


def clock_of(site: Site) -> Schedule:
    """When the site is open, on its clock; where it never closes, on the reader's."""
    hours = schedule.of(site)
    return replace(hours, zone=timezone.get_current_timezone_name()) if hours.is_always_open else hours


def written_at(given: str, hours: Schedule, now: datetime) -> datetime:
    """The time on that clock that somebody chose to try; now where it says nothing that can be read."""
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        return now
    return moment.replace(tzinfo=ZoneInfo(hours.zone)) if 2000 < moment.year < 2200 else now
