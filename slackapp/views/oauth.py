"""/slack/install and its way back: it ends in Slack, in the console, or on a page that says why not."""

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from accounts.errors import NotFound, Refused
from accounts.views_support import MemberRequest
from livechat.views.support import console_view
from slackapp import oauth
from slackapp.access import connection_for
from slackapp.models import Connection

COOKIE = "__Host-slack-state" if settings.SECURE else "slack-state"


@console_view("slack.edit")
def install(request: MemberRequest) -> HttpResponse:
    """302 to Slack, with a secret in this browser's cookie that only this browser can bring back."""
    connection = connection_for(request.member, request.GET.get("connection", ""))
    browser_secret = secrets.token_urlsafe(32)
    try:
        response = redirect(oauth.begin(request.member.user, connection, browser_secret))
    except Refused as refusal:
        return _failed(request, refusal)
    seconds = int(oauth.LIFE.total_seconds())
    response.set_cookie(
        COOKIE, browser_secret, max_age=seconds, httponly=True, samesite="Lax", secure=settings.SECURE
    )
    return response


@require_GET
@console_view("slack.edit")
def callback(request: MemberRequest) -> HttpResponse:
    try:
        row = oauth.take_state(
            request.GET.get("state", "")[:200], request.COOKIES.get(COOKIE, ""), request.member.user
        )
        _check_member(request, row.connection)
        if "error" in request.GET:
            raise Refused(
                "denied",
                "Slack was not connected, because the request was declined there. Nothing was changed.",
            )
        connection = oauth.finish(row, request.GET.get("code", "")[:500])
    except NotFound:
        raise
    except Refused as refusal:
        return _failed(request, refusal)
    response = redirect("slack_connection", connection.pk)
    response.delete_cookie(COOKIE, samesite="Lax")
    return response


def _check_member(request: MemberRequest, connection: Connection | None) -> None:
    """Whoever began may have lost the right, or the workspace, in the ten minutes since."""
    connection_for(request.member, connection.pk if connection else "")


def _failed(request: HttpRequest, refusal: Refused) -> HttpResponse:
    return render(request, "console/slack/failed.html", {"refusal": refusal}, status=400)
