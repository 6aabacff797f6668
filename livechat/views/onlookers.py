"""Visitors who are on a site now (C7): the list, writing to one of them, and the switch of a site."""

import logging
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.access import agent_of
from accounts.errors import Refused
from accounts.gate import MemberRequest
from accounts.limits import hit
from accounts.permissions import may
from accounts.views.shared import console_view
from livechat import questions
from livechat.access import site_for
from livechat.actions import sites as actions
from livechat.actions.starting import InAChat, start_from_console
from livechat.forms import ReplyForm
from livechat.models import ChatSession
from livechat.onlookers import reading
from livechat.views.site_pages import by_method, page

log = logging.getLogger(__name__)

LEFT = "They have left the website."
TOO_FAST = (
    "You have started many chats within a few minutes. Please wait a moment; what you wrote is still here."
)


@console_view("chats.read")
def visitors(request: MemberRequest) -> HttpResponse:
    return render(request, "console/visitors.html", _listed(request))


@console_view("chats.read")
def visitors_list(request: MemberRequest) -> HttpResponse:
    """The live part, asked for whenever the socket says that somebody came, moved or left."""
    return render(request, "console/visitors/list.html", _listed(request))


def _listed(request: MemberRequest) -> dict[str, Any]:
    """Of the site that `?site=` names, if it shows anybody, else of all."""
    sites = reading.sites_that_show(request.member.workspace)
    chosen = next((site for site in sites if str(site.pk) == request.GET.get("site")), None)
    context = {"sites": sites, "chosen": chosen, "may_reply": may(request.member, "chats.reply")}
    try:
        seen = reading.on_sites(request.member.workspace, [chosen] if chosen else sites)
    except Refused as refusal:
        return context | {"refusal": refusal}
    return context | {"seen": seen}


@console_view("chats.reply", "GET", "HEAD", "POST")
def visitor_start(request: MemberRequest) -> HttpResponse:
    """`visitor` names who is written to. Whatever is refused, what was written stays in the page."""
    visitor_id = _visitor_id(request)
    try:
        line = reading.find(request.member.workspace, visitor_id) if visitor_id else None
        if line is None and request.method != "POST":
            messages.info(request, LEFT)
            return redirect("visitors")
        if request.method == "POST":
            chat = _start(request, line)
            return redirect("chat", chat.pk)
    except Refused as refusal:
        return _start_page(request, visitor_id, None, refusal)
    return _start_page(request, visitor_id, line)


def _visitor_id(request: MemberRequest) -> uuid.UUID | None:
    said = request.POST.get("visitor") or request.GET.get("visitor") or ""
    try:
        return uuid.UUID(said)
    except ValueError:
        return None


def _start(request: MemberRequest, line: reading.Line | None) -> ChatSession:
    form = ReplyForm(request.POST)
    if not form.is_valid():
        raise Refused("bad_form", form.problem())
    if line is None:
        raise Refused("left", f"{LEFT} Nothing was sent.")
    if wait := hit("chats_started_per_user", str(request.user.pk)):
        raise Refused("rate_limited", TOO_FAST, wait)
    key = form.cleaned_data["client_message_id"] or uuid.uuid4()
    return start_from_console(
        line.site, agent_of(request.member), line.onlooker, form.cleaned_data["body"], key
    )


def _start_page(
    request: MemberRequest,
    visitor_id: uuid.UUID | None,
    line: reading.Line | None,
    refusal: Refused | None = None,
) -> HttpResponse:
    """After a refusal the person is looked up anew, for they may have left since."""
    if refusal is not None and visitor_id is not None and refusal.code not in ("left", "unavailable"):
        line = reading.find(request.member.workspace, visitor_id)
    shown = {
        "line": line,
        "visitor_id": visitor_id,
        "refusal": refusal,
        "their_chat": refusal.chat if isinstance(refusal, InAChat) else None,
        "body": request.POST.get("body", ""),
        "client_message_id": request.POST.get("client_message_id") or uuid.uuid4(),
    }
    return render(request, "console/visitors/start.html", shown, status=422 if refusal else 200)


@console_view("sites.read")
def _switch(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    found = site_for(request.member, site_id)
    return page(request, "site_visitors", found, {"asks_consent": bool(questions.of(found).consent)})


@console_view("sites.edit", "POST")
def _set(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    found = site_for(request.member, site_id)
    actions.show_onlookers(request.member, found, "shown" in request.POST)
    now = (
        "Visitors of pages that are opened from now on are shown."
        if found.shows_onlookers
        else "Nobody is shown."
    )
    messages.success(request, f"Saved. {now}")
    return redirect("site_visitors", found.id)


site_visitors = by_method(_switch, _set)
