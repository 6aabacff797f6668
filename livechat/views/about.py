"""Pages about the product, for everybody: what it keeps, what it promises, and whom to ask (S25)."""

import datetime
import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.limits import behind_proxies, hit
from livechat.actions.changes import MAY_CHANGE
from livechat.actions.files import UNSENT_LIVES
from livechat.forms_about import SupportForm
from livechat.onlookers.board import KEPT_SECONDS
from livechat.operators import operator, write

log = logging.getLogger(__name__)

# when the words of privacy and terms last changed
WORDED_ON = datetime.date(2026, 11, 22)
GOOD_FOR = datetime.timedelta(days=180)
NOT_SENT = "Your message could not be sent just now. It is still here: please try again in a few minutes."
TOO_MANY = "These were many messages at once. Please wait a while; what you wrote is still here."


def about_page(request: HttpRequest, name: str, **context: object) -> HttpResponse:
    """The page templates/public/`name`.html, which knows who runs the server."""
    known = {"operator": operator(), "worded_on": WORDED_ON, "host": settings.PUBLIC_URL}
    return render(request, f"public/{name}.html", {**known, **context})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    changes, uploads = MAY_CHANGE.total_seconds() // 60, UNSENT_LIVES.total_seconds() // 3600
    days = settings.SESSION_COOKIE_AGE // 86_400
    held = {"session_days": days, "onlookers": int(KEPT_SECONDS)}
    return about_page(request, "privacy", changes=int(changes), uploads=int(uploads), **held)


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    return about_page(request, "terms")


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    return about_page(request, "security", is_secure=settings.SECURE)


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """RFC 9116, for those who look for holes with a program. It must not outlive a year."""
    until = timezone.now() + GOOD_FOR
    lines = [
        f"Contact: {settings.PUBLIC_URL}/support?about=security",
        f"Expires: {until:%Y-%m-%dT00:00:00Z}",
        f"Policy: {settings.PUBLIC_URL}/security",
        "Preferred-Languages: en",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@require_http_methods(["GET", "HEAD", "POST"])
def support(request: HttpRequest) -> HttpResponse:
    """A mail to the operator. Whoever is refused keeps what they wrote."""
    if request.method != "POST":
        about = request.GET.get("about", "")
        return about_page(request, "support", form=SupportForm(initial={"about": about}))
    form = SupportForm(request.POST)
    if not operator().takes_mail:
        return _refused(request, form, 503)
    if not form.is_valid():
        return _refused(request, form, 422)
    if wait := _too_often(request):
        form.add_error(None, TOO_MANY)
        response = _refused(request, form, 429)
        response["Retry-After"] = str(-(-wait // 1000))
        return response
    return _sent(request, form)


def _sent(request: HttpRequest, form: SupportForm) -> HttpResponse:
    try:
        write(form.subject(), form.letter(), form.cleaned_data["email"])
    except OSError:
        log.exception("a message to the operator could not be sent")
        form.add_error(None, NOT_SENT)
        return _refused(request, form, 503)
    return redirect("support_sent")


def _refused(request: HttpRequest, form: SupportForm, status: int) -> HttpResponse:
    response = about_page(request, "support", form=form)
    response.status_code = status
    return response


def _too_often(request: HttpRequest) -> int:
    address = behind_proxies(request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", ""))
    return hit("support_per_address", address) or hit("support_per_server")


@require_safe
def support_sent(request: HttpRequest) -> HttpResponse:
    return about_page(request, "support_sent")
