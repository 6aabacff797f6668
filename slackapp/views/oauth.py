"""/slack/install and its way back, for everybody and for owners who come from the console."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import proof, second_factors
from accounts.errors import NotFound, Refused
from accounts.gate import choose_workspace, current_member
from accounts.models import Member, User
from accounts.permissions import may, refusal
from slackapp import oauth, onboarding, states
from slackapp.access import connection_for
from slackapp.actions.arrivals import Arrival
from slackapp.models import Connection, OAuthState
from slackapp.views.entering import enter
from slackapp.views.ways import COOKIE, keep_secret, refused, secret_of, way


@way
def install(request: HttpRequest) -> HttpResponse:
    """302 to Slack, with a secret in this browser's cookie that only this browser can bring back."""
    secret = secret_of(request) or states.new_secret()
    if "connection" in request.GET:
        return _from_console(request, secret)
    try:
        address = onboarding.begin(secret, _logged_in(request))
    except Refused as problem:
        return refused(request, states.ADD, problem)
    return keep_secret(redirect(address), secret)


def _from_console(request: HttpRequest, secret: str) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    member = _editor(request)
    connection = _connection(member, request.GET["connection"])
    if not proof.is_fresh(request):
        return proof.ask(request, get_adapter().get_reauthentication_methods(request.user))
    try:
        address = oauth.begin(member.user, connection, secret)
    except Refused as problem:
        return refused(request, states.CONNECT, problem)
    return keep_secret(redirect(address), secret)


def _logged_in(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _editor(request: HttpRequest) -> Member:
    try:
        member = current_member(request)
    except NotFound as error:
        raise Http404(error.sentence) from error
    if second_factors.is_missing(member):
        raise PermissionDenied("Your workspace asks for a second factor. Set one up in your account first.")
    if not may(member, "slack.edit"):
        raise PermissionDenied(refusal("slack.edit"))
    return member


def _connection(member: Member, connection_id: object) -> Connection:
    try:
        return connection_for(member, connection_id)
    except NotFound as error:
        raise Http404(error.sentence) from error


def _page_for(arrival: Arrival) -> tuple[Any, ...]:
    """First steps for whoever is new; their chats for those who have some."""
    connection = arrival.connection
    if connection is None:
        return ("slack",)
    if connection.channel_id and onboarding.has_chats(connection):
        return ("chats",)
    return ("slack_welcome", connection.pk)


@way
def callback(request: HttpRequest) -> HttpResponse:
    purpose = states.CONNECT if request.user.is_authenticated else states.ADD
    try:
        row = states.take(request.GET.get("state", "")[:200], secret_of(request), states.CONNECT, states.ADD)
        purpose = row.purpose
        if (row.user or request.user.is_authenticated) and row.user != request.user:
            raise states.other_browser()
        if "error" in request.GET:
            raise Refused("denied", "The request was declined in Slack. Nothing was changed.")
        code = request.GET.get("code", "")[:500]
        response = _connect(request, row, code) if purpose == states.CONNECT else _add(request, row, code)
    except Refused as problem:
        return refused(request, purpose, problem)
    response.delete_cookie(COOKIE, samesite="Lax")
    return response


def _connect(request: HttpRequest, row: OAuthState, code: str) -> HttpResponse:
    """Whoever began may have lost the right, or the workspace, in the ten minutes since."""
    _connection(_editor(request), row.connection_id)
    found = oauth.finish(row, code)
    if found.channel_id:  # else the page asks for a channel, which is answer enough
        messages.success(request, "Slack has allowed it. What you chose here holds from now on.")
    return redirect("slack_connection", found.pk)


def _add(request: HttpRequest, row: OAuthState, code: str) -> HttpResponse:
    arrival = onboarding.arrive(row, code)
    response = enter(request, arrival.member.user, redirect(*_page_for(arrival)))
    if request.user == arrival.member.user:  # not while a second factor is asked for
        choose_workspace(request, arrival.member.workspace_id)
    return response
