"""/slack/link: somebody follows the app's link from Slack, so that links which they paste there show previews (S24)."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url

from accounts.errors import Refused
from accounts.models import User
from livechat.segments import safe_url
from slackapp import people, states
from slackapp.models import SlackIdentity
from slackapp.previews import asking
from slackapp.previews.asking import Asked
from slackapp.views.ways import refused, way


def page(request: HttpRequest) -> HttpResponse:
    """The address is told to no other host. To ours it is: a browser that tells nobody sends forms of a page without

    an origin, which are not taken.
    """
    response = _page(request)
    if response.status_code == 200:
        response["Referrer-Policy"] = "same-origin"
    return response


@way
def _page(request: HttpRequest) -> HttpResponse:
    """Nothing is changed here: Slack has to say first that it is them."""
    token = request.GET.get("t", "")[:500]
    try:
        asked = asking.read(token)
        installation = asking.installation_of(asked)
    except Refused as problem:
        return refused(request, states.CONFIRM, problem)
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path(), resolve_url("account_login"))
    context: dict[str, Any] = {
        "token": token,
        "team": str(installation),
        "team_url": installation.team_url if safe_url(installation.team_url) else "",
        "linked": _is_theirs(asked, request.user),
    }
    if not context["linked"]:
        context["person"] = _name(asked)
    return render(request, "slack/link.html", context)


def _is_theirs(asked: Asked, user: User) -> bool:
    theirs = SlackIdentity.objects.filter(user=user, slack_team_id=asked.team_id)
    return theirs.filter(slack_user_id=asked.user_id).exists()


def _name(asked: Asked) -> str:
    """As Slack calls them; while Slack does not tell, by their id."""
    installation = asking.installation_of(asked)
    try:
        who = people.identity(installation, asked.team_id, asked.user_id, may_ask=True)
    except people.SlackAway:
        who = None
    return (who.name if who is not None else "") or asked.user_id
