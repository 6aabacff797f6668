"""The two addresses a stranger's page loads: the loader script and the panel."""

import functools
import hashlib
from pathlib import Path

import brotli
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from accounts.errors import Refused
from livechat import access, away, questions
from livechat.actions.chats import note_snippet_seen
from livechat.actions.resting import note_refused
from livechat.doors import config_of
from livechat.models import Site

SOURCE = Path(settings.BASE_DIR) / "static" / "widget" / "loader.js"
COLLECTED = Path(settings.STATIC_ROOT) / "widget" / "loader.js"


def _loader_file() -> Path:
    """Packed as it was collected; as it was written where nothing is collected, which is on a developer's machine."""
    return COLLECTED if not settings.DEBUG and COLLECTED.exists() else SOURCE


@functools.lru_cache(maxsize=2)
def _loader(file: Path, changed: float) -> tuple[bytes, bytes, str]:
    """Plain, brotli and ETag; read again only when the file changed."""
    plain = file.read_bytes()
    return plain, brotli.compress(plain, quality=11), f'"{hashlib.sha256(plain).hexdigest()[:20]}"'


@require_safe
def loader(request: HttpRequest) -> HttpResponse:
    """A stable address and a short life, so that a mended loader is everywhere within minutes."""
    file = _loader_file()
    plain, compressed, etag = _loader(file, file.stat().st_mtime)
    small = "br" in request.headers.get("Accept-Encoding", "")
    seen = etag in request.headers.get("If-None-Match", "")
    response = HttpResponseNotModified() if seen else HttpResponse(compressed if small else plain)
    response["ETag"], response["Vary"] = etag, "Accept-Encoding"
    response["Cache-Control"] = "public, max-age=300"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    if not seen:
        response["Content-Type"] = "text/javascript; charset=utf-8"
    if small and not seen:
        response["Content-Encoding"] = "br"
    return response


@xframe_options_exempt
@require_safe
def frame(request: HttpRequest) -> HttpResponse:
    try:
        site = access.site_by_public_token(request.GET.get("site", "")[:64].replace("\0", ""))
    except Refused as refusal:
        return HttpResponse(refusal.sentence, status=404, content_type="text/plain; charset=utf-8")
    _note_seen(request, site)
    response = render(request, "widget/frame.html", {"config": config_of(site) | _seen(site)})
    response["Content-Security-Policy"] = _policy(site)
    response["Cache-Control"] = "no-cache"
    return response


def _seen(site: Site) -> dict[str, bool]:
    """Whether visitors see the launcher, and whether the team sees visitors who have not written.

    Whoever has to agree first, or has nothing that a word to them could appear in, is not shown.
    """
    hidden = site.is_resting or away.is_hidden(site)
    return {"hidden": hidden, "shown": site.shows_onlookers and not hidden and not questions.of(site).consent}


def _policy(site: Site) -> str:
    ancestors = " ".join(site.allowed_origins) or "*"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        f"img-src 'self' data: blob: https: {settings.SLACK_WEB_URL} {settings.FILES_URL}; "
        f"connect-src 'self' {settings.WS_URL}; frame-ancestors {ancestors}; base-uri 'none'; form-action 'none'"
    )


def _note_seen(request: HttpRequest, site: Site) -> None:
    """A page asked for the panel: the checklist's second step if it is the owner's, else a question to the owner."""
    if request.headers.get("Sec-Fetch-Dest") != "iframe":
        return
    page = request.headers.get("Referer", "")
    if page.startswith(f"{settings.CONSOLE_URL}/console/"):
        return
    host = access.normal_origin("/".join(page.split("/")[:3]))
    if host is None:
        return
    if site.allowed_origins and host not in site.allowed_origins:
        note_refused(site, host)
    elif site.snippet_seen_at is None:
        note_snippet_seen(site)
