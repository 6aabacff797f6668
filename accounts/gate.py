"""The gate before every page of the console: who asks, for which workspace, and may they."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accounts import access, proof, second_factors
from accounts.errors import NotFound
from accounts.models import Member
from accounts.permissions import PERMISSIONS, WHILE_ENDING, may, refusal

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
            if (stop := _stop(request, permission)) is not None:
                return stop
            try:
                return view(request, *args, **kwargs)  # type: ignore[arg-type]
            except NotFound as error:
                if is_elsewhere(request, view, permission, *args, **kwargs):
                    return redirect(request.get_full_path())
                raise Http404(error.sentence) from error

        gate.permission = permission  # type: ignore[attr-defined]
        return gate

    return decorate


def _stop(request: HttpRequest, permission: str) -> HttpResponse | None:
    """What is shown instead of the page, or None and the request has its member."""
    try:
        member = current_member(request)
    except NotFound:
        return render(request, "accounts/no_workspace.html", status=403)
    if second_factors.is_missing(member):
        return to_second_factor(request)
    if member.workspace.is_ending and permission not in WHILE_ENDING:
        return ended(request, member)
    if not may(member, permission):
        raise PermissionDenied(refusal(permission))
    request.member = member  # type: ignore[attr-defined]
    return None


def is_elsewhere(
    request: HttpRequest, view: MemberView[P], permission: str, *args: P.args, **kwargs: P.kwargs
) -> bool:
    """Whether a page that is looked at lies in another workspace of this person, which is then the chosen one.

    A deed and a part of a page move nobody. Of workspaces in which they are no member nothing is asked.
    """
    member: Member = request.member  # type: ignore[attr-defined]
    if request.method != "GET" or getattr(request, "htmx", False) or not kwargs:
        return False
    for other in access.members_of(member.user):
        if other.pk == member.pk or other.workspace.is_ending or not may(other, permission):
            continue
        request.member = other  # type: ignore[attr-defined]
        try:
            view(request, *args, **kwargs)  # type: ignore[arg-type]
        except (NotFound, Http404, PermissionDenied):
            continue
        choose_workspace(request, other.workspace_id)
        messages.info(request, f"This is in {other.workspace}, so you are there now.")
        return True
    request.member = member  # type: ignore[attr-defined]
    return False


def recently_proved(
    view: Callable[Concatenate[MemberRequest, P], HttpResponse],
) -> Callable[Concatenate[MemberRequest, P], HttpResponse]:
    """Below `member_required`, for what is dangerous: whoever has not shown within 15 minutes who they are is asked,
    and comes back to the page with the form. Nothing has been done by then."""

    @wraps(view)
    def gate(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if proof.is_fresh(request):
            return view(request, *args, **kwargs)
        return proof.ask(request, get_adapter().get_reauthentication_methods(request.user))

    return gate


def to_second_factor(request: HttpRequest) -> HttpResponse:
    """Where the workspace asks for one, nothing of it is shown before it is there."""
    page = resolve_url("own_security")
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(page)
    return redirect(page)


def ended(request: HttpRequest, member: Member) -> HttpResponse:
    """The workspace is about to go: owners may undo that, and nobody sees anything else of it."""
    about = {"ending": member.workspace, "may_undo": may(member, "workspace.undo")}
    return render(request, "accounts/ending.html", about, status=403)


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
