"""Whether whoever sits there has just shown who they are, and how they can show it again.

A session may be borrowed: an unlocked screen is enough. What cannot be taken back asks anew, but not all the time.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from accounts import typed
from accounts.models import User

FRESH = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Way:
    """`description` stands on a button, `url` is a page that asks, and goes on to its `next`."""

    id: str
    description: str
    url: str


# for people who have neither a password nor a second factor; apps above add theirs in `ready()`
outside_ways: list[Callable[[User], Way | None]] = []


def is_fresh(request: HttpRequest) -> bool:
    """Logging in counts as much as being asked again."""
    newest = max((record["at"] for record in get_authentication_records(request, request.user)), default=0)
    return 0 <= time.time() - newest < FRESH.total_seconds()


def ways_from_outside(user: User) -> list[dict[str, Any]]:
    """In the shape in which allauth lists its own ways."""
    return [asdict(way) for find in outside_ways if (way := find(user)) is not None]


def ask(request: HttpRequest, ways: list[dict[str, Any]]) -> HttpResponse:
    """To the first of the ways, and from there back to the page where the person was; a whole page, also for htmx.

    What they had typed there is kept until then. Whoever has no way but to log in again is told so.
    """
    page = page_of(request)
    goes_on = urlencode({REDIRECT_FIELD_NAME: page})
    if not ways:
        return _log_in_again(request, goes_on)
    typed.keep(request, page)
    address = f"{ways[0]['url']}?{goes_on}"
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(address)


def _log_in_again(request: HttpRequest, goes_on: str) -> HttpResponse:
    minutes = int(FRESH.total_seconds() // 60)
    shown = {"goes_on": goes_on, "minutes": minutes, "demo": settings.DEMO}
    return render(request, "accounts/log_in_again.html", shown, status=403)


def typed_before(request: HttpRequest) -> dict[str, Any] | None:
    """What they had typed on this page when they were asked, once they have shown it (accounts/typed.py)."""
    return typed.come_back(request) if is_fresh(request) else None


def page_of(request: HttpRequest) -> str:
    """The path of the page that the person sees: of a deed, the page with its form."""
    if request.method in ("GET", "HEAD") and not getattr(request, "htmx", False):
        return request.get_full_path()
    seen = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(seen, {request.get_host()}):
        return resolve_url(settings.LOGIN_REDIRECT_URL)
    parts = urlsplit(seen)
    return parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
