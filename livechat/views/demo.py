"""The demo: a small shop with the widget on it, and the door into the console. Both are 404 outside of a demo."""

from ipaddress import ip_address

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.entering import enter as enter_as
from accounts.models import User
from livechat import demo
from livechat.models import Site

LOCAL_NAMES = {"localhost", "127.0.0.1", "[::1]"}


@never_cache
@require_safe
def shop(request: HttpRequest) -> HttpResponse:
    sites = Site.unscoped.filter(name=demo.SITE_NAME, workspace__members__user__email=demo.OWNER_EMAIL)
    site = sites.first() if settings.DEMO else None
    if site is None:
        raise Http404
    return render(request, "demo/shop.html", {"site": site})


@never_cache
@require_safe
def enter(request: HttpRequest) -> HttpResponse:
    """Logs in the demo's owner. GET, because it is a link in a terminal; its key is the proof."""
    email = demo.owner_of_key(request.GET.get("key", "")) if is_local_demo(request) else None
    user = User.objects.filter(email=email, is_active=True).first() if email else None
    if user is None:
        raise Http404
    return enter_as(request, user, redirect("console"), "demo")


def is_local_demo(request: HttpRequest) -> bool:
    """Nobody forwarded the request, and it came from this machine by one of its own names."""
    forwarded = "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META
    host = (
        request.get_host().rsplit(":", 1)[0] if not request.get_host().endswith("]") else request.get_host()
    )
    return (
        settings.DEMO
        and not forwarded
        and host in LOCAL_NAMES
        and is_loopback(request.META.get("REMOTE_ADDR", ""))
    )


def is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
