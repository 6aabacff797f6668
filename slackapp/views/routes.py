"""The console's page of a site's routes: add, order, change, remove, and try them on a case (S9)."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.errors import NotFound, Refused
from accounts.gate import MemberRequest, recently_proved
from accounts.permissions import may
from accounts.views.shared import console_view
from config import zones
from livechat.access import site_for
from livechat.forms import first_error
from livechat.hours_forms import MOST_HOURS, HoursForm
from livechat.models import Site
from livechat.views.site_pages import TABS
from slackapp import routes
from slackapp.access import connection_for
from slackapp.actions import routes as acts
from slackapp.models import Connection
from slackapp.route_forms import RouteForm, TryForm

USABLE = (Connection.State.READY, Connection.State.BROKEN)


@console_view("slack.read")
def page(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    return _page(request, site_for(request.member, site_id), RouteForm())


@console_view("slack.edit", "POST")
def add(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    site, form = site_for(request.member, site_id), RouteForm(request.POST)
    if not form.is_valid():
        return _page(request, site, form, first_error(form))
    given, conditions = form.cleaned_data, form.conditions()
    mode = given["mode"] or Connection.Mode.STILL
    try:
        route = acts.add_route(
            request.member, site, given["name"], mode, conditions, given.get("installation")
        )
    except Refused as refusal:
        return _page(request, site, form, refusal.sentence)
    messages.success(request, f"{route.name} is added. Choose its channel next.")
    return redirect("slack_connection", route.pk)


@console_view("slack.edit", "GET", "POST")
def change(request: MemberRequest, connection_id: uuid.UUID) -> HttpResponse:
    route = _route(request, connection_id)
    if request.method != "POST":
        return _change_page(request, route, RouteForm(initial=_initial(route)))
    form = RouteForm(request.POST)
    if not form.is_valid():
        return _change_page(request, route, form, first_error(form))
    try:
        acts.change_route(request.member, route, form.cleaned_data["name"], form.conditions())
    except Refused as refusal:
        return _change_page(request, route, form, refusal.sentence)
    messages.success(request, "It holds for chats that begin from now on.")
    return redirect("slack_routes", route.site_id)


@console_view("slack.edit", "POST")
def move(request: MemberRequest, connection_id: uuid.UUID) -> HttpResponse:
    route = _route(request, connection_id)
    try:
        acts.move_route(request.member, route, -1 if request.POST.get("to") == "up" else 1)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return redirect(f"{reverse('slack_routes', args=[route.site_id])}#route-{route.pk}")


@console_view("slack.edit", "POST")
@recently_proved
def make_default(request: MemberRequest, connection_id: uuid.UUID) -> HttpResponse:
    route = _route(request, connection_id)
    try:
        acts.make_default(request.member, route)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(
            request,
            f"{route.name} takes every chat that fits no other route. The default until now takes none before you "
            "give it conditions.",
        )
    return redirect("slack_routes", route.site_id)


@console_view("slack.edit", "POST")
@recently_proved
def remove(request: MemberRequest, connection_id: uuid.UUID) -> HttpResponse:
    route = _route(request, connection_id)
    try:
        acts.remove_route(request.member, route)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"{route.name} is removed. Its open chats stay where they are.")
    return redirect("slack_routes", route.site_id)


@console_view("slack.read")
def attempt(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    """Where a chat would go that begins there and then."""
    site, form = site_for(request.member, site_id), TryForm(request.GET)
    found = [one for one in acts.routes_of(site, request.member) if one.state in USABLE]
    taken = routes.choose(found, form.place()) if form.is_valid() else None
    return render(request, "console/slack/route_taken.html", {"taken": taken, "readable": form.is_valid()})


def _route(request: MemberRequest, connection_id: uuid.UUID) -> Connection:
    route = connection_for(request.member, connection_id)
    if route.state == Connection.State.DISCONNECTED or route.is_default:
        raise NotFound
    return route


def _initial(route: Connection) -> dict[str, Any]:
    return {**route.conditions, "name": route.name}


def _page(request: MemberRequest, site: Site, form: RouteForm, problem: str = "") -> HttpResponse:
    found = acts.routes_of(site, request.member)
    context = {
        "site": site,
        "tabs": TABS,
        "tab": "slack_routes",
        # a page of the site, though its address is among those of Slack
        "section": "sites",
        "routes": [(one, routes.words(routes.conditions_of(one))) for one in found if not one.is_default],
        "default": next((one for one in found if one.is_default), None),
        **_form_context(request, site, form, problem),
    }
    return render(request, "console/slack/routes.html", context, status=400 if problem else 200)


def _change_page(
    request: MemberRequest, route: Connection, form: RouteForm, problem: str = ""
) -> HttpResponse:
    context = {"route": route, "site": route.site, **_form_context(request, route.site, form, problem)}
    return render(request, "console/slack/route.html", context, status=400 if problem else 200)


def _form_context(request: MemberRequest, site: Site, form: RouteForm, problem: str) -> dict[str, Any]:
    values = {name: form[name].value() or "" for name in form.fields}
    return {
        "values": {**values, "zone": values["zone"] or acts.zone_of(site, request.member)},
        "lines": form.shown_lines(),
        "blank": HoursForm(prefix="hours-#").shown(),
        "most_lines": MOST_HOURS,
        "installations": [(str(one.pk), str(one)) for one in acts.installations_of(request.member)],
        "problem": problem,
        "zones": zones.in_order(),
        "departments": acts.departments_of(site, request.member),
        "may_edit": may(request.member, "slack.edit"),
    }
