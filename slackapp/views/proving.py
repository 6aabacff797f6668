"""Showing again who one is, for people whose only way in is Slack (accounts/proof.py says when)."""

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.html import format_html
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from accounts.errors import Refused
from accounts.models import User
from slackapp import identities, signin, states
from slackapp.actions.arrivals import Person
from slackapp.views.ways import keep_secret, own_path, refused, secret_of


@cache_control(private=True, no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Slack is asked by POST: a link elsewhere must not renew a proof behind somebody's back."""
    if request.method == "POST":
        return _begin(request)
    wanted = own_path(request, request.GET.get(REDIRECT_FIELD_NAME, ""))
    field = format_html('<input type="hidden" name="{}" value="{}">', REDIRECT_FIELD_NAME, wanted)
    return render(request, "slack/prove.html", {"redirect_field": field if wanted else ""})


def _begin(request: HttpRequest) -> HttpResponse:
    secret = secret_of(request) or states.new_secret()
    leads_to = own_path(request, request.POST.get(REDIRECT_FIELD_NAME, ""))
    user = request.user
    assert isinstance(user, User)
    try:
        address = signin.begin(
            states.PROVE, secret, user=user, leads_to=leads_to, team_id=identities.team_of(user)
        )
    except Refused as problem:
        return refused(request, states.PROVE, problem)
    return keep_secret(redirect(address), secret)


def proved(request: HttpRequest, user_id: object, person: Person, leads_to: str) -> HttpResponse:
    """Only for whoever is still logged in as when it began, and only by an account in Slack that is theirs."""
    if not isinstance(request.user, User) or request.user.pk != user_id:
        raise states.other_browser()
    if not identities.is_of(request.user, person.team_id, person.user_id):
        raise Refused("not_yours", "This is not the Slack account that you log in with. Nothing was changed.")
    record_authentication(request, request.user, method="slack", reauthenticated=True)
    return redirect(leads_to or resolve_url("chats"))
