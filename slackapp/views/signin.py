"""/slack/login and its way back; linking a Slack account to the user who is logged in, and parting from it."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse

from accounts import proof
from accounts.errors import NotFound, Refused
from accounts.gate import MemberRequest, recently_proved
from accounts.models import User
from accounts.views.shared import console_view
from slackapp import signin, states
from slackapp.actions import arrivals
from slackapp.previews import asking
from slackapp.views import proving
from slackapp.views.entering import enter
from slackapp.views.ways import COOKIE, keep_secret, own_path, refused, secret_of, way


@way
def login(request: HttpRequest) -> HttpResponse:
    secret = secret_of(request) or states.new_secret()
    leads_to = own_path(request, request.GET.get("next", ""))
    try:
        address = signin.begin(states.LOGIN, secret, leads_to=leads_to)
    except Refused as problem:
        return refused(request, states.LOGIN, problem)
    return keep_secret(redirect(address), secret)


@way
def callback(request: HttpRequest) -> HttpResponse:
    purpose, state = states.LOGIN, request.GET.get("state", "")[:200]
    try:
        row = states.take(state, secret_of(request), states.LOGIN, states.LINK, states.CONFIRM, states.PROVE)
        purpose = row.purpose
        if "error" in request.GET:
            raise Refused("denied", "The request was declined in Slack. Nothing was changed.")
        person = signin.who(request.GET.get("code", "")[:500], state, secret_of(request))
        if purpose == states.CONFIRM:
            asking.check(row.leads_to, person)
        if purpose == states.PROVE:
            response = proving.proved(request, row.user_id, person, row.leads_to)
        elif purpose in (states.LINK, states.CONFIRM):
            response = _linked(request, row.user_id, person, row.leads_to)
        else:
            response = enter(request, signin.user_of(person), redirect(row.leads_to or _home()))
    except Refused as problem:
        return refused(request, purpose, problem)
    response.delete_cookie(COOKIE, samesite="Lax")
    return response


def _home() -> str:
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def _linked(request: HttpRequest, user_id: object, person: arrivals.Person, leads_to: str) -> HttpResponse:
    """Only for whoever pressed *Link*, still logged in as they were then, and still lately proved to be there."""
    if not isinstance(request.user, User) or request.user.pk != user_id:
        raise states.other_browser()
    if not proof.is_fresh(request):
        raise Refused("not_fresh", "It is too long since you showed here who you are. Nothing was changed.")
    arrivals.link(request.user, person)
    if not leads_to.startswith(reverse("slack_link")):  # that page says it better
        messages.success(request, "Your Slack account is linked. You can log in with it from now on.")
    return redirect(leads_to or "slack")


@console_view("slack.read", "POST")
@recently_proved
def link(request: MemberRequest) -> HttpResponse:
    secret = secret_of(request) or states.new_secret()
    try:
        address = _to_link(request, secret)
    except Refused as problem:
        return refused(request, states.LINK, problem)
    return keep_secret(redirect(address), secret)


def _to_link(request: MemberRequest, secret: str) -> str:
    """With `t`, the token of a link in Slack, nobody but the one who was asked there can go on."""
    user, token = request.member.user, request.POST.get("t", "")
    if not token:
        leads_to = own_path(request, request.POST.get("next", ""))
        return signin.begin(states.LINK, secret, user=user, leads_to=leads_to)
    asked = asking.read(token)
    leads_to = asking.path_for(token)
    return signin.begin(states.CONFIRM, secret, user=user, leads_to=leads_to, team_id=asked.team_id)


@console_view("slack.read", "POST")
@recently_proved
def unlink(request: MemberRequest, identity_id: int) -> HttpResponse:
    try:
        arrivals.unlink(request.member.user, identity_id)
    except NotFound:
        raise
    except Refused as problem:
        messages.error(request, problem.sentence)
    else:
        messages.success(request, "Your Slack account is no longer linked.")
    return redirect(own_path(request, request.POST.get("next", "")) or "slack")
