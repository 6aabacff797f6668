"""What the ways through Slack share: the browser's secret, the limits, private pages, and one page for every no."""

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from accounts.errors import Refused
from accounts.limits import behind_proxies, hit
from accounts.views.shared import too_many
from slackapp import states

COOKIE = "__Host-slack-state" if settings.SECURE else "slack-state"
LONGEST_PATH = 300
View = Callable[[HttpRequest], HttpResponse]

# What each way is called when it fails: title, the loud button, the quiet one. A button is a word and a URL's name.
WAYS: dict[str, dict[str, Any]] = {
    states.ADD: {
        "title": "Threadbell was not added to Slack",
        "again": ("Add to Slack", "slack_install"),
        "back": ("Back to the start", "home"),
    },
    states.CONNECT: {
        "title": "Slack is not connected",
        "again": ("Back to Slack", "slack"),
        "back": ("See your chats", "chats"),
    },
    states.LOGIN: {
        "title": "You are not logged in",
        "again": ("Log in with Slack", "slack_login"),
        "back": ("Log in with e-mail", "account_login"),
    },
    states.LINK: {
        "title": "Your Slack account is not linked",
        "again": ("Back to Slack", "slack"),
        "back": ("See your chats", "chats"),
    },
    states.CONFIRM: {
        "title": "Your Slack account is not linked",
        "again": ("Back to Slack", "slack"),
        "back": ("See your chats", "chats"),
    },
    states.PROVE: {
        "title": "Slack has not confirmed that it is you",
        "again": ("Try again", "slack_prove"),
        "back": ("See your chats", "chats"),
    },
}
# Somebody whom Slack vouches for and nobody here knows is one button away from either door.
UNKNOWN = {
    "title": "This Slack account is not known here",
    "again": ("Add to Slack", "slack_install"),
    "back": ("Log in with e-mail", "account_login"),
}
ADVICE: dict[str, str] = {
    "denied": "You can begin again whenever you like.",
    "bad_state": "Begin again with the button below. It takes a few seconds.",
    "expired": "Begin again with the button below. It takes a few seconds.",
    "other_browser": "Begin again here, in the browser and account that you want to use.",
    "invalid_code": "Begin again with the button below. It takes a few seconds.",
    "slack_away": "Try again in a moment. If it goes on, see status.slack.com.",
    "missing_scope": "Begin again, and allow all that Slack lists: without it chats could not reach your team.",
    "wrong_workspace": "In Slack, choose the right workspace at the top right of the page that asks you.",
    "bad_token": "Begin again with the button below. If it happens again, tell whoever runs this service.",
    "not_yours": "In Slack, choose the workspace and the account that you use to log in here, and try again.",
    "not_fresh": "Begin again: you are asked who you are first, as this account in Slack will log you in here.",
    "anothers": "Log out and begin again to use that account, or choose another account in Slack.",
    "unknown_person": "If you are new here, add the app to your Slack: that makes your account. If you have an account "
    "with an e-mail address, log in with it and link your Slack account on its Slack page.",
    "old_link": "Paste your link in Slack once more: the app asks you again there.",
    "bad_link": "Follow it from Slack itself, or paste your link there once more: the app asks you again.",
    "app_left": "Once an owner has connected Slack again, paste your link there once more.",
    "another_person": "Log in to Slack as the person who pasted the link, and follow the app's link from there again.",
    "switched_off": "Nothing you can do here changes it.",
    "not_configured": "There is nothing you can do here. You can still sign up with your e-mail address.",
}


def way(view: View) -> View:
    """GET only, limited per address, never cached, and its address (which holds a code) told to nobody."""

    @functools.wraps(view)
    def inner(request: HttpRequest) -> HttpResponse:
        address = behind_proxies(
            request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", "")
        )
        wait = hit("slack_ways_per_address", address)
        response = too_many(request, wait) if wait else view(request)
        response["Referrer-Policy"] = "no-referrer"
        return response

    return cache_control(private=True, no_store=True)(require_GET(inner))


def secret_of(request: HttpRequest) -> str:
    """The secret in this browser's cookie; empty when there is none that we gave."""
    known = request.COOKIES.get(COOKIE, "")
    return known if states.is_secret(known) else ""


def keep_secret(response: HttpResponse, secret: str) -> HttpResponse:
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(states.LIFE.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=settings.SECURE,
    )
    return response


def own_path(request: HttpRequest, wanted: str) -> str:
    """`wanted` if it is a path of ours, else nothing: nobody is sent elsewhere by a link to us."""
    sound = wanted.startswith("/") and wanted.isprintable() and len(wanted) <= LONGEST_PATH
    if not sound or not url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=settings.SECURE
    ):
        return ""
    return wanted


def refused(request: HttpRequest, purpose: str, refusal: Refused) -> HttpResponse:
    """What happened, what it means, what to do, and the button for it."""
    about = UNKNOWN if refusal.code == "unknown_person" else WAYS[purpose]
    (again, again_to), (back, back_to) = about["again"], about["back"]
    context = {
        "title": about["title"],
        "sentence": refusal.sentence,
        "advice": ADVICE.get(refusal.code, "Begin again with the button below."),
        "again": {"word": again, "to": reverse(again_to)},
        "back": {"word": back, "to": reverse(back_to)},
    }
    return render(request, "slack/refused.html", context, status=400)
