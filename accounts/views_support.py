"""The gate before every page of the console: who asks, for which workspace, and may they."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accounts import access
from accounts.errors import NotFound
from accounts.models import Member
from accounts.permissions import PERMISSIONS, may, refusal

P = ParamSpec("P")
CHOSEN_WORKSPACE = "workspace"


class MemberRequest(HttpRequest):
    """A request behind `member_required`."""

    member: Member
    htmx: HtmxDetails


MemberView = Callable[Concatenate[MemberRequest, P], HttpResponse]


def member_required(
    permission: str,
) -> Callable[[MemberView[P]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """Gives the view `request.member`. Strangers go to the log-in page, people without a workspace are told so, those
    who may not get 403 with a sentence, and a NotFound that the view lets through is a 404."""
    if permission not in PERMISSIONS:
        raise KeyError(permission)

    def decorate(view: MemberView[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(view)
        def gate(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_login(request)
            try:
                member = current_member(request)
            except NotFound:
                return render(request, "accounts/no_workspace.html", status=403)
            if not may(member, permission):
                raise PermissionDenied(refusal(permission))
            request.member = member  # type: ignore[attr-defined]
            try:
                return view(request, *args, **kwargs)  # type: ignore[arg-type]
            except NotFound as error:
                raise Http404(error.sentence) from error

        return gate

    return decorate


def _to_login(request: HttpRequest) -> HttpResponse:
    """A fragment of a page cannot show the log-in form: the whole page goes there."""
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(resolve_url("account_login"))
    return redirect_to_login(request.get_full_path(), resolve_url("account_login"))


def current_member(request: HttpRequest) -> Member:
    """In the workspace chosen in this session; a choice that no longer holds falls back to the oldest membership."""
    chosen = request.session.get(CHOSEN_WORKSPACE)
    if chosen is not None:
        try:
            return access.member_for(request.user, chosen)
        except NotFound:
            del request.session[CHOSEN_WORKSPACE]
    return access.member_for(request.user)


def choose_workspace(request: HttpRequest, workspace_id: object) -> Member:
    """NotFound when the user is no member there."""
    member = access.member_for(request.user, workspace_id)
    request.session[CHOSEN_WORKSPACE] = str(member.workspace_id)
    return member
