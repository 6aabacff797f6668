"""What holds for every request of somebody who is logged in."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.asking import Asker, asked_by, cut_address, session_hint
from accounts.limits import behind_proxies

View = Callable[[HttpRequest], HttpResponse]


def note_asker(view: View) -> View:
    """The audit log says where a deed came from."""

    def middleware(request: HttpRequest) -> HttpResponse:
        peer, forwarded = request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", "")
        address = cut_address(behind_proxies(peer, forwarded))
        with asked_by(Asker(address, session_hint(request.session.session_key))):
            return view(request)

    return middleware
