"""Pages for everybody, and the pages shown when something is not possible."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from livechat.views.support import with_policy


@with_policy
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("chats")
    return render(request, "public/home.html", {"demo": settings.DEMO})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """`reason` is Django's word for developers; the person is told what to do instead."""
    return render(request, "public/csrf_failure.html", {"back": request.path}, status=403)
