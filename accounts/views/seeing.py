"""Begin and stop seeing what somebody sees, from the operator's admin and behind its gate; and what holds meanwhile."""

import uuid
from collections.abc import Callable

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts import proof
from accounts.access import person_for
from accounts.actions import operating
from accounts.errors import NotFound, Refused
from accounts.gate import CHOSEN_WORKSPACE
from accounts.models import User
from accounts.seeing import (
    ONLY_LOOKS,
    SEEN_AS,
    THEIRS_ALONE,
    Seeing,
    nothing_is_written,
    remember,
    seeing_in,
)

View = Callable[[HttpRequest], HttpResponse]


@require_POST
def begin(request: HttpRequest, user_id: uuid.UUID) -> HttpResponse:
    if not proof.is_fresh(request):
        return proof.ask(request, get_adapter().get_reauthentication_methods(request.user))
    operator = request.user
    assert isinstance(operator, User)
    try:
        user = person_for(operator, user_id)
        operating.begin_seeing(operator, user, request.POST.get("reason", ""))
    except NotFound as error:
        raise Http404(error.sentence) from error
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("admin:accounts_user_change", user_id)
    request.session.pop(CHOSEN_WORKSPACE, None)
    remember(request.session, user)
    return redirect("chats")


@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Twice is once."""
    seeing = seeing_in(request.session, request.user)
    if seeing is None:
        return redirect("admin:accounts_user_changelist")
    return end(request, seeing)


def end(request: HttpRequest, seeing: Seeing) -> HttpResponse:
    """Back to the page where it began."""
    for key in (SEEN_AS, CHOSEN_WORKSPACE):
        request.session.pop(key, None)
    if seeing.user is None:
        return redirect("admin:accounts_user_changelist")
    operating.end_seeing(seeing.operator, seeing.user)
    messages.info(request, f"You no longer see what {seeing.user} sees.")
    return redirect("admin:accounts_user_change", seeing.user.pk)


def see_as_somebody(view: View) -> View:
    """While an operator sees what somebody sees, the console is read as that somebody, and nothing is written."""

    def middleware(request: HttpRequest) -> HttpResponse:
        seeing = _seeing(request)
        if seeing is None or request.path in (reverse("admin:accounts_user_stop"), reverse("account_logout")):
            return view(request)
        if seeing.is_over:
            return end(request, seeing)
        request.seeing = seeing  # type: ignore[attr-defined]
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            raise PermissionDenied(ONLY_LOOKS)
        return _look(view, request, seeing)

    return middleware


def _seeing(request: HttpRequest) -> Seeing | None:
    """Who sends no session is asked for none: answers to everybody stay the same for everybody."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    return seeing_in(request.session, request.user)


def _look(view: View, request: HttpRequest, seeing: Seeing) -> HttpResponse:
    if request.path.startswith(reverse("admin:index")):
        return view(request)
    if request.path.startswith(("/accounts/", "/console/account")):
        raise PermissionDenied(THEIRS_ALONE)
    assert seeing.user is not None
    request.user = seeing.user
    with nothing_is_written():
        return view(request)
