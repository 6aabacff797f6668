"""How a site's chat looks to visitors and speaks to them, beside the real widget in its draft."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.clickjacking import xframe_options_sameorigin

from accounts.errors import Refused
from accounts.gate import MemberRequest
from accounts.views.shared import console_view
from livechat import look, questions
from livechat.access import site_for
from livechat.actions import sites as actions
from livechat.doors import config_of
from livechat.files.incoming import MEGABYTE
from livechat.files.pictures import small
from livechat.look_forms import LookForm, TextsForm, look_form_of
from livechat.models import Site
from livechat.views.site_pages import by_method, page

# what the preview plays; the pretended socket (static/pretend/site.js) knows the same
STATES = {
    "chat": "A chat",
    "new": "First visit",
    "sent": "Questions answered",
    "waiting": "An answer is expected",
    "away": "Nobody is there",
    "ended": "A chat that has ended",
}
LARGEST_LOGO, LOGO_SIDE = 5 * MEGABYTE, 128
NEXT_TIME = "Visitors see it when they open or reload a page."
_PREVIEW = (
    "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
STAGE_POLICY = f"{_PREVIEW}; frame-src 'self'"
PANEL_POLICY = f"{_PREVIEW}; img-src 'self' data: {settings.FILES_URL}; connect-src 'none'"


@console_view("sites.read")
def _look(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    found = site_for(request.member, site_id)
    return _page(request, "site_look", found, look_form_of(found))


@console_view("sites.edit", "POST")
def _save_look(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    found, form = site_for(request.member, site_id), LookForm(request.POST)
    if not form.is_valid():
        return _page(request, "site_look", found, form, status=422)
    words = {name: form.cleaned_data[name] for name in ("title", "greeting", "colour")}
    actions.set_look(request.member, found, form.chosen(look.of(found)), **words)
    messages.success(request, f"The look is saved. {NEXT_TIME}")
    return redirect("site_look", found.id)


@console_view("sites.read")
def _texts(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    found = site_for(request.member, site_id)
    return _page(request, "site_texts", found, TextsForm(found, initial=look.texts_of(found)))


@console_view("sites.edit", "POST")
def _save_texts(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    found = site_for(request.member, site_id)
    form = TextsForm(found, request.POST)
    if not form.is_valid():
        return _page(request, "site_texts", found, form, status=422)
    actions.set_texts(request.member, found, form.chosen())
    messages.success(request, f"The texts are saved. {NEXT_TIME}")
    return redirect("site_texts", found.id)


@console_view("sites.edit", "POST")
def site_logo(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    """A picture to stand at the panel's head; without one the logo of now is taken away."""
    found = site_for(request.member, site_id)
    try:
        content = b"" if "remove" in request.POST else _logo(request)
    except Refused as refusal:
        shown = {"form": look_form_of(found), "logo_problem": refusal.sentence}
        return page(request, "site_look", found, _beside(found) | shown, status=422)
    actions.set_logo(request.member, found, content)
    messages.success(request, f"The logo is {'saved' if content else 'removed'}. {NEXT_TIME}")
    return redirect("site_look", found.id)


def _logo(request: MemberRequest) -> bytes:
    sent = request.FILES.get("logo")
    if not isinstance(sent, UploadedFile) or not sent.size:
        raise Refused("empty_file", "Choose a picture first.")
    if sent.size > LARGEST_LOGO:
        raise Refused("too_large", f"This picture is too large. The most is {LARGEST_LOGO // MEGABYTE} MB.")
    try:
        return small(sent.read(), LOGO_SIDE)
    except Refused as refusal:
        if refusal.code != "type_refused":
            raise
        raise Refused("type_refused", "A logo is a PNG, JPEG, GIF or WebP picture. Choose another.") from None


site_look = by_method(_look, _save_look)
site_texts = by_method(_texts, _save_texts)


def _page(
    request: MemberRequest, tab: str, site: Site, form: LookForm | TextsForm, *, status: int = 200
) -> HttpResponse:
    return page(request, tab, site, {"form": form} | _beside(site), status=status)


def _beside(site: Site) -> dict[str, Any]:
    return {"states": states_of(site), "saved": preview_config(site)}


def states_of(site: Site) -> dict[str, str]:
    """Without questions there is nothing to have answered."""
    asks = bool(questions.of(site).row())
    return {name: words for name, words in STATES.items() if asks or name != "sent"}


def preview_config(site: Site) -> dict[str, Any]:
    """What the real panel starts from, under a name of its own: what it keeps in the browser is no visitor's."""
    return config_of(site) | {"site": f"preview-{site.pk}"}


@xframe_options_sameorigin
@console_view("sites.read")
def site_stage(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    """A page as if of the owner's, with the real loader, whose panel is `site_panel`."""
    found = site_for(request.member, site_id)
    shown = {"site": found, "state": _state(request)}
    response = render(request, "console/sites/stage.html", shown)
    response["Content-Security-Policy"] = STAGE_POLICY
    return response


@xframe_options_sameorigin
@console_view("sites.read")
def site_panel(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    """The real panel with a pretended network: no visitor, no token and no row comes of it."""
    found = site_for(request.member, site_id)
    before = render_to_string("console/sites/pretend.html")
    response = render(request, "widget/frame.html", {"config": preview_config(found), "before": before})
    response["Content-Security-Policy"] = PANEL_POLICY
    return response


def _state(request: MemberRequest) -> str:
    asked = request.GET.get("state", "")
    return asked if asked in STATES else "chat"
