"""A person's own account: who they are, how they log in, and where they are logged in. It belongs to no workspace."""

import functools
from collections.abc import Callable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import remove_webauthn
from allauth.usersessions.internal.flows.sessions import end_other_sessions, end_sessions
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from accounts import second_factors, sessions
from accounts.access import agent_of
from accounts.actions import own_account
from accounts.errors import NotFound, Refused
from accounts.gate import current_member
from accounts.limits import hit
from accounts.models import Member, User
from accounts.views.shared import reader_zone, too_many

View = Callable[..., HttpResponse]
TABS = (
    ("own_account", "Profile"),
    ("own_security", "Sign-in & security"),
    ("own_sessions", "Sessions"),
    ("own_data", "Your data"),
)


class OwnRequest(HttpRequest):
    """`user` is logged in; `member` is None for somebody who is in no workspace."""

    user: User
    member: Member | None


def own_page(*methods: str) -> Callable[[View], View]:
    """For whoever is logged in, also where their workspace asks for a second factor that they are about to set up."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def inner(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if wait := hit("console_per_user", str(request.user.pk)):
                return too_many(request, wait)
            request.member = _member(request)
            try:
                with timezone.override(reader_zone(request)):
                    return view(request, *args, **kwargs)
            except NotFound as error:
                raise Http404(error.sentence) from error

        private = cache_control(private=True, no_store=True)
        guarded: View = private(require_http_methods(methods or ("GET", "HEAD"))(login_required(inner)))
        return guarded

    return decorate


def _member(request: HttpRequest) -> Member | None:
    try:
        return current_member(request)
    except NotFound:
        return None


def _page(request: OwnRequest, template: str, **context: Any) -> HttpResponse:
    layout = "base_console.html" if request.member else "base_public.html"
    page = {"layout": layout, "own_tabs": TABS, "section": "account", **context}
    return render(request, f"console/account/{template}.html", page)


@own_page("GET", "HEAD", "POST")
def profile(request: OwnRequest) -> HttpResponse:
    if request.method == "POST":
        return _renamed(request)
    face = agent_of(request.member) if request.member else None
    address = EmailAddress.objects.filter(user=request.user).order_by("-primary", "-verified").first()
    return _page(request, "profile", face=face, address=address)


def _renamed(request: OwnRequest) -> HttpResponse:
    try:
        own_account.rename(request.user, request.POST.get("name", ""))
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "Saved.")
    return redirect("own_account")


@own_page()
def security(request: OwnRequest) -> HttpResponse:
    factors = second_factors.of(request.user)
    return _page(
        request,
        "security",
        app=next((one for one in factors if one.type == Authenticator.Type.TOTP), None),
        passkeys=[one for one in factors if one.type == Authenticator.Type.WEBAUTHN],
        codes_left=second_factors.recovery_codes_left(request.user),
        is_asked_for=not factors and second_factors.is_asked_for(request.user),
    )


@own_page("GET", "HEAD", "POST")
def remove_passkey(request: OwnRequest, pk: int) -> HttpResponse:
    """allauth's page, which does not ask whether this is the last factor of somebody who needs one."""
    passkey = next((one for one in second_factors.of(request.user) if one.pk == pk), None)
    if passkey is not None and not get_adapter().can_delete_authenticator(passkey):
        messages.error(request, get_adapter().error_messages["cannot_delete_authenticator"])
        return redirect("own_security")
    response: HttpResponse = remove_webauthn(request, pk=pk)
    return response


@own_page()
def places(request: OwnRequest) -> HttpResponse:
    return _page(request, "sessions", places=sessions.places_of(request, request.user))


@own_page("POST")
def end_one(request: OwnRequest, session_id: int) -> HttpResponse:
    end_sessions(request, [sessions.session_for(request.user, session_id)])
    messages.success(request, "That session has ended.")
    return redirect("own_sessions")


@own_page("POST")
def end_others(request: OwnRequest) -> HttpResponse:
    end_other_sessions(request, request.user)
    messages.success(request, "You are logged out everywhere else.")
    return redirect("own_sessions")
