"""Where the console has an address of its own, whoever wants it is sent there: its cookies are nowhere else.

A way through Slack comes back to `PUBLIC_URL`, the one address that Slack knows, and goes on from there.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

AT_HOME = ("/console/", "/accounts/", "/admin/", "/slack/", "/demo/enter")
FOR_EVERYBODY = ("/slack/scopes",)


def console_at_home(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Only what is read moves; what Slack posts stays where Slack was told to post it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD") or not _belongs_home(request.path):
            return view(request)
        return view(request) if _is_home(request.get_host()) else _sent_home(request)

    return middleware


def _belongs_home(path: str) -> bool:
    return path.startswith(AT_HOME) and path not in FOR_EVERYBODY


def _is_home(host: str) -> bool:
    """A host that is neither of the two, such as a health check's own, is nobody's to send away."""
    public, console = (urlsplit(url).netloc.lower() for url in (settings.PUBLIC_URL, settings.CONSOLE_URL))
    return public == console or host.lower() != public


def _sent_home(request: HttpRequest) -> HttpResponse:
    """The address may hold a code of Slack's: it is neither kept nor told to anybody."""
    response = HttpResponseRedirect(f"{settings.CONSOLE_URL}{request.get_full_path()}")
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
