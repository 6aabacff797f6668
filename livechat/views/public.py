"""Pages for everybody, and the pages shown when something is not possible."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from accounts.models import Workspace
from livechat.doors import config_of
from livechat.models import Site

TRYOUT = Site(
    workspace=Workspace(name="Your shop"),
    name="Your shop",
    public_token="pk_tryout",
    title="Your shop",
    greeting="Write something, as a visitor would.",
)
# the real panel with a pretended network: whatever is tried out stays in the browser
TRYOUT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'none'; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("chats")
    return render(request, "public/home.html", {"demo": settings.DEMO})


@xframe_options_sameorigin
@require_safe
def tryout(request: HttpRequest) -> HttpResponse:
    config = {name: value for name, value in config_of(TRYOUT).items() if name != "files"}
    before = render_to_string("public/pretend.html")
    response = render(request, "widget/frame.html", {"config": config, "before": before})
    response["Content-Security-Policy"] = TRYOUT_POLICY
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """`reason` is Django's word for developers; the person is told what to do instead."""
    return render(request, "public/csrf_failure.html", {"back": request.path}, status=403)
