"""What every console view shares: who asks, the reader's clock, the headers of a private page, and a friendly no."""

import functools
import zoneinfo
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from accounts.errors import Refused
from accounts.gate import MemberRequest, member_required
from accounts.limits import hit
from accounts.permissions import may
from accounts.permissions import refusal as may_not
from config import zones

View = Callable[..., HttpResponse]


def console_view(permission: str, *methods: str) -> Callable[[View], View]:
    """A page or deed of the console: the right verb, a member who may, times in the reader's zone, nothing cached."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def inner(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if wait := hit("console_per_user", str(request.user.pk)):
                return too_many(request, wait)
            with timezone.override(reader_zone(request)):
                return view(request, *args, **kwargs)

        private = cache_control(private=True, no_store=True)
        return private(require_http_methods(methods or ("GET", "HEAD"))(member_required(permission)(inner)))

    return decorate


def too_many(request: HttpRequest, wait_ms: int) -> HttpResponse:
    response = render(request, "429.html", status=429)
    response["Retry-After"] = str(-(-wait_ms // 1000))
    return response


def reader_zone(request: HttpRequest) -> zoneinfo.ZoneInfo | None:
    """The browser's zone from the `tz` cookie; None (UTC) for anything that is not a zone's name."""
    name = request.COOKIES.get("tz", "")
    return zoneinfo.ZoneInfo(name) if name in zones.known() else None


def sentence_of(request: MemberRequest, refusal: Refused) -> str:
    """What a page tells of it. Where the plan is too small it leads whoever chooses plans to them, and others to whom
    they may ask. Safe to put into HTML as it is, if it is a SafeString; text otherwise, which templates escape."""
    if refusal.code != "over_plan":
        return refusal.sentence
    if not may(request.member, "billing.manage"):
        return f"{refusal.sentence} {may_not('billing.manage')}"
    return format_html('{} <a href="{}">See plans</a>', refusal.sentence, reverse("billing"))


def say_no(request: HttpRequest, refusal: Refused, target: str) -> HttpResponse:
    """The sentence, put by htmx into `target` instead of what was asked for."""
    response = render(request, "console/refusal.html", {"refusal": refusal}, status=422)
    response["HX-Retarget"], response["HX-Reswap"] = target, "innerHTML"
    return response
