"""Working hours as an owner types them: lines of days and times, of routes and sites, and days that are otherwise."""

import re
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from config import zones
from livechat import schedule
from livechat.forms import first_error
from livechat.hours import DAYS, Hours, minutes
from livechat.models import Site
from livechat.schedule import Schedule, SpecialDay

NIGHTS = "These hours end before they begin. Write a night in two lines: until 24:00, and from 00:00 on the next day."
WRITE = "Write the hours as 09:00 and 17:30."
MOST_HOURS, MOST_DAYS = 14, 40
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class SpanForm(forms.Form):
    """From when until when. Until midnight is until the end of the day: what picks a time knows no 24:00."""

    begin = forms.CharField(max_length=5, required=False)
    end = forms.CharField(max_length=5, required=False)

    def clean_end(self) -> str:
        end = str(self.cleaned_data["end"])
        return "24:00" if end == "00:00" else end

    def check_span(self, begin: str, end: str) -> None:
        if not TIME.fullmatch(begin) or not (TIME.fullmatch(end) or end == "24:00"):
            self.add_error("begin", WRITE)
        elif minutes(end) <= minutes(begin):
            self.add_error("end", NIGHTS)

    def says(self) -> bool:
        return any(self[name].value() for name in self.fields)

    def shown_span(self) -> dict[str, Any]:
        begin, end = (str(self[name].value() or "") for name in ("begin", "end"))
        return {"prefix": self.prefix, "begin": begin, "end": "00:00" if end == "24:00" else end}


class HoursForm(SpanForm):
    """One line of working hours. A line that says nothing is none."""

    days = forms.TypedMultipleChoiceField(choices=list(enumerate(DAYS)), coerce=int, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        days, begin, end = (data.get(name) or "" for name in ("days", "begin", "end"))
        if not self.errors and (days or begin or end):
            if not days:
                self.add_error("days", "Choose the days on which these hours hold.")
            else:
                self.check_span(str(begin), str(end))
        return data

    def hours(self) -> Hours | None:
        data = self.cleaned_data
        return Hours(tuple(sorted(set(data["days"]))), data["begin"], data["end"]) if data["days"] else None

    def shown(self) -> dict[str, Any]:
        """For the page: what stands in its fields, and which days are chosen."""
        chosen = {str(day) for day in self["days"].value() or []}
        days = [(str(number), day, str(number) in chosen) for number, day in enumerate(DAYS)]
        return {**self.shown_span(), "days": days}


class WithHours(forms.Form):
    """Lines of hours, as many as there are, `hours-0-days`, `hours-1-days`, …, and the time zone they are of."""

    zone = forms.CharField(max_length=64, required=False)

    def lines(self) -> list[HoursForm]:
        """One that is empty is always there to be filled in."""
        if self.is_bound:
            return [
                HoursForm(self.data, prefix=f"hours-{number}", use_required_attribute=False)
                for number in range(MOST_HOURS)
            ]
        given = [*self.initial.get("hours", []), {}]
        return [HoursForm(initial=row, prefix=f"hours-{number}") for number, row in enumerate(given)]

    def shown_lines(self) -> list[dict[str, Any]]:
        said = [line for line in self.lines() if not line.is_bound or line.says()]
        if self.is_bound:
            said.append(HoursForm(prefix=f"hours-{len(said)}"))
        return [line.shown() for line in said]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        lines = self.lines()
        for line in lines:
            if not line.is_valid():
                self.add_error(None, first_error(line))
        data["hours"] = tuple(hours for line in lines if line.is_valid() and (hours := line.hours()))
        if data["hours"] and data.get("zone") not in zones.known():
            self.add_error("zone", "Choose a time zone from the list, for example Europe/Vilnius.")
        return data


class DayForm(SpanForm):
    """One line of a day that is otherwise: closed, or with hours of its own. Several lines may name one day."""

    date = forms.CharField(max_length=10, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        day, begin, end = (str(data.get(name) or "") for name in ("date", "begin", "end"))
        if not self.errors and (day or begin or end):
            if not _is_date(day):
                self.add_error("date", "Choose the date of a holiday, or of a day with other hours.")
            elif begin or end:
                self.check_span(begin, end)
        return data

    def day(self) -> SpecialDay | None:
        data = self.cleaned_data
        spans = ((data["begin"], data["end"]),) if data["begin"] else ()
        return SpecialDay(date.fromisoformat(data["date"]), spans) if data["date"] else None

    def shown(self) -> dict[str, Any]:
        return {**self.shown_span(), "date": str(self["date"].value() or "")}


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


class ScheduleForm(WithHours):
    """When a site is open. Days that are over need not be kept."""

    def day_lines(self) -> list[DayForm]:
        if self.is_bound:
            return [DayForm(self.data, prefix=f"day-{number}") for number in range(MOST_DAYS)]
        given = [*self.initial.get("special", []), {}]
        return [DayForm(initial=row, prefix=f"day-{number}") for number, row in enumerate(given)]

    def shown_days(self) -> list[dict[str, Any]]:
        said = [line for line in self.day_lines() if not line.is_bound or line.says()]
        if self.is_bound:
            said.append(DayForm(prefix=f"day-{len(said)}"))
        return [line.shown() for line in said]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        lines = self.day_lines()
        for line in lines:
            if not line.is_valid():
                self.add_error(None, first_error(line))
        special = [day for line in lines if line.is_valid() and (day := line.day())]
        if special and data.get("zone") not in zones.known() and not self.errors:
            self.add_error("zone", "Choose a time zone from the list, for example Europe/Vilnius.")
        data["special"] = special
        return data

    def schedule(self) -> Schedule:
        data = self.cleaned_data
        zone = data["zone"] if data["hours"] or data["special"] else "UTC"
        today = timezone.now().astimezone(ZoneInfo(zone)).date()
        ahead = [day for day in data["special"] if day.date >= today]
        spans = {
            day.date: tuple(s for one in ahead if one.date == day.date for s in one.spans) for day in ahead
        }
        return Schedule(data["hours"], zone, tuple(SpecialDay(*one) for one in sorted(spans.items())))


def schedule_form_of(site: Site) -> ScheduleForm:
    known = schedule.of(site)
    special = [
        {"date": day.date.isoformat(), "begin": begin, "end": end}
        for day in known.days
        for begin, end in day.spans or (("", ""),)
    ]
    row = known.row()
    return ScheduleForm(
        initial={"hours": row.get("hours", []), "zone": row.get("zone", ""), "special": special}
    )
