"""When a site is open: its working hours, and whether somebody is there now."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.gate import MemberRequest
from accounts.views.shared import console_view
from config import zones
from livechat import schedule
from livechat.access import site_for
from livechat.actions import sites as actions
from livechat.forms import first_error
from livechat.hours_forms import MOST_DAYS, MOST_HOURS, DayForm, HoursForm, ScheduleForm, schedule_form_of
from livechat.models import Site
from livechat.views import availability
from livechat.views.site_pages import by_method, page


@console_view("sites.read")
def _hours(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    found = site_for(request.member, site_id)
    return _page(request, found, schedule_form_of(found))


@console_view("sites.edit", "POST")
def _save_hours(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    found, form = site_for(request.member, site_id), ScheduleForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, first_error(form), status=422)
    known = form.schedule()
    actions.set_schedule(request.member, found, known)
    messages.success(request, f"The hours are saved. {schedule.words(known, timezone.now())}")
    return redirect("site_hours", found.id)


site_hours = by_method(_hours, _save_hours)


def _page(
    request: MemberRequest, site: Site, form: ScheduleForm, problem: str = "", *, status: int = 200
) -> HttpResponse:
    shown = availability.context(request, site) | context(site, form, problem)
    return page(request, "site_hours", site, shown, status=status)


def context(site: Site, form: ScheduleForm, problem: str = "") -> dict[str, Any]:
    known, now = schedule.of(site), timezone.now()
    return {
        "lines": form.shown_lines(),
        "blank": HoursForm(prefix="hours-#").shown(),
        "most_lines": MOST_HOURS,
        "day_lines": form.shown_days(),
        "blank_day": DayForm(prefix="day-#").shown(),
        "most_days": MOST_DAYS,
        "hours_zone": form["zone"].value() or "",
        "zones": zones.in_order(),
        "hours_problem": problem,
        "hours_words": schedule.words(known, now),
        "zone_words": "" if known.is_always_open else f"{known.zone} time",
        "is_open": schedule.is_open(known, now),
    }
