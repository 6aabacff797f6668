"""The console's page of a site's reminders: after how long, for whom, and when each would come (S20)."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.errors import Refused
from accounts.gate import MemberRequest
from accounts.models import Member
from accounts.permissions import may
from accounts.views.shared import console_view
from livechat import schedule
from livechat.access import site_for
from livechat.hours import words as week_in_words
from livechat.models import Site
from livechat.views.site_pages import TABS
from slackapp import reminder_forms, reminders, setup
from slackapp.access import members_of, people_of
from slackapp.actions import reminders as acts
from slackapp.actions.routes import routes_of
from slackapp.models import ReminderPlan
from slackapp.reminded import Step
from slackapp.reminder_forms import LABELS, ReminderForm, form_of, written_at


@console_view("sites.read")
def page(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    site = site_for(request.member, site_id)
    plan = reminders.plan_of(site)
    return _page(request, site, plan, form_of(plan))


@console_view("sites.edit", "POST")
def save(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    site, form = site_for(request.member, site_id), ReminderForm(request.POST)
    if not form.is_valid():
        return _page(request, site, _as_typed(site, form), form, status=422)
    members = [str(member.pk) for member in members_of(request.member, form.chosen("members"))]
    people = people_of(site, request.member, form.chosen("people"))
    acts.set_plan(request.member, site, **form.values(), members=members, people=people)
    messages.success(request, "The reminders are saved. They count for visitors who wait now, too.")
    return redirect("site_reminders", site.pk)


@console_view("sites.read")
def preview(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    """When each step would come, by what stands in the form."""
    site, form = site_for(request.member, site_id), ReminderForm(request.GET)
    plan = _as_typed(site, form)
    return render(request, "console/slack/reminder_moments.html", _moments(request, site, plan, form))


@console_view("sites.edit")
def people(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    """A fragment of its own: Slack is asked, and Slack may be slow."""
    site = site_for(request.member, site_id)
    context: dict[str, Any] = {"site": site, "plan": reminders.plan_of(site), "teams": []}
    connections = {one.team_id: one for one in routes_of(site, request.member) if one.installation_id}
    try:
        for team_id, connection in connections.items():
            found = [(f"{team_id}:{one.id}", one) for one in setup.colleagues(connection)]
            context["teams"].append((connection.installation, found))
    except Refused as refusal:
        context["refusal"] = refusal
    return render(request, "console/slack/reminder_people.html", context)


def _as_typed(site: Site, form: ReminderForm) -> ReminderPlan:
    """Not saved. What cannot be read counts as never."""
    form.is_valid()
    given = {f"{step}_minutes": form.cleaned_data.get(f"{step}_minutes") for step in Step}
    return ReminderPlan(site=site, **given, people=form.chosen("people"), members=form.chosen("members"))


def _page(
    request: MemberRequest, site: Site, plan: ReminderPlan, form: ReminderForm, status: int = 200
) -> HttpResponse:
    own = Member.objects.in_workspace(request.member.workspace).filter(user__email__isnull=False)
    may_edit = may(request.member, "sites.edit")
    steps = [(step, *LABELS[step], form[f"{step}_minutes"]) for step in Step]
    context = {
        "site": site,
        "tabs": TABS,
        "tab": "site_reminders",
        "plan": plan,
        "steps": steps,
        "problem": form.problem() if form.is_bound else "",
        "most_minutes": reminder_forms.MOST_MINUTES,
        "members": own.select_related("user").order_by("user__name", "pk"),
        "may_edit": may_edit,
        "is_connected": bool(routes_of(site, request.member)),
        **_moments(request, site, plan, form),
    }
    return render(request, "console/slack/reminders.html", context, status=status)


def _moments(request: MemberRequest, site: Site, plan: ReminderPlan, form: ReminderForm) -> dict[str, Any]:
    hours = reminder_forms.clock_of(site)
    at = written_at(request.GET.get("at", ""), hours, timezone.now())
    found = [
        (LABELS[one.step][0], schedule.moment(hours, one.at, at) if one.at else "")
        for one in reminders.coming(plan, hours, at)
    ]
    return {
        "moments": found,
        "written": schedule.moment(hours, at, timezone.now()),
        "hours_words": week_in_words(hours.hours),
        "zone": hours.zone,
        "moments_problem": form.problem() if form.is_bound else "",
    }
