"""Who a site's visitors are by the word of its website: mode, keys, samples, and a look at a token (W14)."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters

from accounts.errors import NotFound, Refused
from accounts.gate import MemberRequest, recently_proved
from accounts.views.shared import console_view
from livechat import identities, identity_samples
from livechat.access import site_for
from livechat.actions import identity_keys
from livechat.models import Site
from livechat.person import Person
from livechat.views.site_pages import by_method, page

MODES = (
    ("off", "Off", "Nobody is asked. Visitors are whoever they say they are."),
    ("mark", "Mark", "Who is logged in on your website is shown as verified, everybody else as unverified."),
    ("require", "Require", "Only people who are logged in on your website can chat."),
)
SAVED = {
    "off": "Identity is off. Nobody is asked who they are.",
    "mark": "Whoever is logged in on your website is shown as verified from now on.",
    "require": "Only people who are logged in on your website can chat from now on.",
}


@console_view("sites.read")
def _identity(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    return _page(request, site_for(request.member, site_id))


@console_view("sites.edit", "POST")
@recently_proved
def _save_mode(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    found, mode = site_for(request.member, site_id), request.POST.get("mode", "")
    if mode not in SAVED:
        return _page(request, found, problem="Choose one of the three.", status=422)
    try:
        identity_keys.set_mode(request.member, found, mode)
    except Refused as refusal:
        return _page(request, found, problem=refusal.sentence, status=422)
    messages.success(request, SAVED[mode])
    return redirect("site_identity", found.id)


site_identity = by_method(_identity, _save_mode)


@console_view("sites.edit", "POST")
@recently_proved
def identity_key_new(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    """The one answer in which the secret is shown."""
    found = site_for(request.member, site_id)
    try:
        made = identity_keys.make_key(request.member, found)
    except Refused as refusal:
        return _page(request, found, key_problem=refusal.sentence, status=422)
    return _page(request, found, made=made, secret=made.secret.reveal())


@console_view("sites.edit", "POST")
@recently_proved
def identity_key_retire(request: MemberRequest, site_id: uuid.UUID, key_id: uuid.UUID) -> HttpResponse:
    found = site_for(request.member, site_id)
    try:
        identity_keys.retire_key(request.member, found, key_id)
    except NotFound:
        raise
    except Refused as refusal:
        return _page(request, found, key_problem=refusal.sentence, status=422)
    messages.success(request, "The key is retired. No token that it signed is taken any more.")
    return redirect("site_identity", found.id)


@sensitive_post_parameters("token")
@console_view("sites.edit", "POST")
def identity_check(request: MemberRequest, site_id: uuid.UUID) -> HttpResponse:
    """Nothing of the token is kept."""
    found, token = site_for(request.member, site_id), "".join(request.POST.get("token", "").split())
    person: Person | None = None
    try:
        person, wrong = identities.check(found, token), ""
    except identities.Rejected as rejection:
        wrong = rejection.sentence
    return _page(request, found, person=person, wrong=wrong, token=token, status=200 if person else 422)


def _page(request: MemberRequest, site: Site, *, status: int = 200, **shown: Any) -> HttpResponse:
    keys = list(site.identity_keys.order_by("-created_at", "pk"))
    live = [key for key in keys if key.is_live()]
    context: dict[str, Any] = {
        "modes": MODES,
        "live": live,
        "retired": [key for key in keys if not key.is_live()],
        "may_make": len(live) < identities.MOST_LIVE,
        "samples": identity_samples.of(site, live[0].kid if live else "k_…"),
        "mode": site.identity_mode,
        "widget_url": settings.WIDGET_URL,
    }
    return page(request, "site_identity", site, context | shown, status=status)
