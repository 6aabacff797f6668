"""Sites: making one, its snippet, where it may stand, how it looks."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.permissions import may
from accounts.views_support import MemberRequest
from livechat import queries
from livechat.access import site_for
from livechat.actions import sites as actions
from livechat.forms import LookForm, OriginsForm, SiteNameForm, look_of
from livechat.models import Site
from livechat.views.support import console_view


@console_view("sites.read")
def sites(request: MemberRequest) -> HttpResponse:
    return render(request, "console/sites.html", _list_context(request, SiteNameForm()))


@console_view("sites.edit", "POST")
def site_new(request: MemberRequest) -> HttpResponse:
    form = SiteNameForm(request.POST)
    if not form.is_valid():
        return render(request, "console/sites.html", _list_context(request, form), status=422)
    site = actions.create_site(request.member, form.cleaned_data["name"])
    messages.success(request, f"{site.name} is ready. Put its snippet on your pages.")
    return redirect("site", site.id)


@console_view("sites.read")
def site(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    return render(request, "console/site.html", _context(request, site_for(request.member, site_id)))


@console_view("sites.read")
def site_seen(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    """The live half of the snippet's card: asked for again until the snippet was seen."""
    return render(request, "console/sites/seen.html", {"site": site_for(request.member, site_id)})


@console_view("sites.edit", "POST")
def site_rename(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    found, form = site_for(request.member, site_id), SiteNameForm(request.POST)
    if not form.is_valid():
        return _again(request, found, name_form=form)
    actions.rename_site(request.member, found, form.cleaned_data["name"])
    return _saved(request, found, "The name is saved.")


@console_view("sites.edit", "POST")
def site_origins(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    found, form = site_for(request.member, site_id), OriginsForm(request.POST)
    if not form.is_valid():
        return _again(request, found, origins_form=form)
    actions.set_origins(request.member, found, form.cleaned_data["origins"])
    who = "Only these websites" if found.allowed_origins else "Any website"
    return _saved(request, found, f"{who} may show this chat now.")


@console_view("sites.edit", "POST")
def site_look(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    found, form = site_for(request.member, site_id), LookForm(request.POST)
    if not form.is_valid():
        return _again(request, found, look_form=form)
    actions.set_look(request.member, found, **form.cleaned_data)
    return _saved(request, found, "The look is saved. Visitors see it the next time they open the chat.")


def _saved(request: MemberRequest, found: Site, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("site", found.id)


def _again(request: MemberRequest, found: Site, **forms: Any) -> HttpResponse:
    return render(request, "console/site.html", _context(request, found) | forms, status=422)


def _list_context(request: MemberRequest, form: SiteNameForm) -> dict[str, Any]:
    return {
        "sites": queries.sites_of(request.member.workspace),
        "form": form,
        "may_edit": may(request.member, "sites.edit"),
    }


def _context(request: MemberRequest, found: Site) -> dict[str, Any]:
    return {
        "site": found,
        "snippet": queries.snippet_of(found),
        "name_form": SiteNameForm({"name": found.name}),
        "origins_form": OriginsForm(initial={"origins": "\n".join(found.allowed_origins)}),
        "look_form": LookForm(initial=look_of(found)),
        "may_edit": may(request.member, "sites.edit"),
    }
