"""Sites: making one, its snippet, its name and where it may stand."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.errors import Refused
from accounts.gate import MemberRequest
from accounts.models import Member
from accounts.permissions import may
from accounts.views.shared import console_view, sentence_of
from livechat import queries
from livechat.access import site_for
from livechat.actions import resting
from livechat.actions import sites as actions
from livechat.forms import OriginsForm, SiteNameForm
from livechat.models import Site
from livechat.views.site_pages import page


@console_view("sites.read")
def sites(request: MemberRequest) -> HttpResponse:
    return render(request, "console/sites.html", _list_context(request, SiteNameForm()))


@console_view("sites.edit", "POST")
def site_new(request: MemberRequest) -> HttpResponse:
    form = SiteNameForm(request.POST)
    if not form.is_valid():
        return render(request, "console/sites.html", _list_context(request, form), status=422)
    try:
        site = actions.create_site(request.member, form.cleaned_data["name"])
    except Refused as refusal:
        form.add_error("name", sentence_of(request, refusal))
        return render(request, "console/sites.html", _list_context(request, form), status=422)
    messages.success(request, f"{site.name} is ready. Put its snippet on your pages.")
    return redirect("chats") if request.POST.get("back") == "chats" else redirect("site", site.id)


@console_view("sites.read")
def site(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    found = site_for(request.member, site_id)
    return page(request, "site", found, _context(found))


@console_view("sites.read")
def site_seen(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    """The live half of the snippet's card: asked for again until the snippet was seen."""
    return render(request, "console/sites/seen.html", {"site": site_for(request.member, site_id)})


@console_view("sites.edit", "POST")
def site_rename(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    found, form = site_for(request.member, site_id), SiteNameForm(request.POST)
    if not form.is_valid():
        return page(request, "site", found, _context(found) | {"name_form": form}, status=422)
    actions.rename_site(request.member, found, form.cleaned_data["name"])
    return _saved(request, found, "The name is saved.")


@console_view("sites.edit", "POST")
def site_origins(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    found, form = site_for(request.member, site_id), OriginsForm(request.POST)
    if not form.is_valid():
        return page(request, "site", found, _context(found) | {"origins_form": form}, status=422)
    actions.set_origins(request.member, found, form.cleaned_data["origins"])
    who = "Only these websites" if found.allowed_origins else "Any website"
    return _saved(request, found, f"{who} may show this chat now.")


DONE: dict[str, tuple[Callable[[Member, Site], None], str]] = {
    "pause": (
        resting.pause,
        "{} is paused. Visitors who have no chat do not see it on pages that they open now.",
    ),
    "resume": (resting.resume, "{} is there again for everybody who opens or reloads a page."),
    "remove": (resting.remove, "{} is removed. It stands below, where you can take it back."),
    "restore": (resting.restore, "{} is back."),
}


@console_view("sites.edit", "POST")
def site_rest(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    found = site_for(request.member, site_id)
    if (done := DONE.get(request.POST.get("do", ""))) is None:
        messages.error(request, "Choose what is to be done with the site.")
        return redirect("site", found.id)
    act, sentence = done
    try:
        act(request.member, found)
        messages.success(request, sentence.format(found.name))
    except Refused as refusal:
        messages.error(request, sentence_of(request, refusal))
    return redirect("sites") if found.removed_at else redirect("site", found.id)


def _saved(request: MemberRequest, found: Site, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("site", found.id)


def _list_context(request: MemberRequest, form: SiteNameForm) -> dict[str, Any]:
    return {
        "sites": queries.sites_of(request.member.workspace),
        "removed": queries.removed_sites(request.member.workspace),
        "form": form,
        "may_edit": may(request.member, "sites.edit"),
    }


def _context(found: Site) -> dict[str, Any]:
    return {
        "snippet": queries.snippet_of(found),
        "name_form": SiteNameForm({"name": found.name}),
        "and_the_refused": ", ".join([*found.allowed_origins, found.refused_origin]),
        "origins_form": OriginsForm(initial={"origins": "\n".join(found.allowed_origins)}),
    }
