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
from config.static import packed
from livechat import access
from livechat.actions.chats import note_snippet_seen
from livechat.doors import config_of
from livechat.models import Site
from livechat.views.support import with_policy

LOADER = Path(settings.BASE_DIR) / "static" / "widget" / "loader.js"


@functools.lru_cache(maxsize=2)
def _loader(changed: float) -> tuple[bytes, bytes, str]:
    """Plain, brotli and ETag; read again only when the file changed."""
    plain = packed(LOADER.name, LOADER.read_text()).encode()
    return plain, brotli.compress(plain, quality=11), f'"{hashlib.sha256(plain).hexdigest()[:20]}"'


@require_safe
def loader(request: HttpRequest) -> HttpResponse:
    """A stable address and a short life, so that a mended loader is everywhere within minutes."""
    plain, compressed, etag = _loader(LOADER.stat().st_mtime)
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


@with_policy
@xframe_options_exempt
@require_safe
def frame(request: HttpRequest) -> HttpResponse:
    try:
        site = access.site_by_public_token(request.GET.get("site", "")[:64].replace("\0", ""))
    except Refused as refusal:
        return HttpResponse(refusal.sentence, status=404, content_type="text/plain; charset=utf-8")
    _note_seen(request, site)
    response = render(request, "widget/frame.html", {"config": config_of(site)})
    response["Content-Security-Policy"] = _policy(site)
    response["Cache-Control"] = "no-cache"
    return response


def _policy(site: Site) -> str:
    ancestors = " ".join(site.allowed_origins) or "*"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        f"img-src 'self' data: https: {settings.SLACK_WEB_URL}; "
        f"connect-src 'self' {settings.WS_URL}; frame-ancestors {ancestors}; base-uri 'none'; form-action 'none'"
    )


def _note_seen(request: HttpRequest, site: Site) -> None:
    """A page of the owner's asked for the panel: the checklist's second step. The console itself does not count."""
    if site.snippet_seen_at is not None or request.headers.get("Sec-Fetch-Dest") != "iframe":
        return
    page = request.headers.get("Referer", "")
    host = access.normal_origin("/".join(page.split("/")[:3]))
    if host is not None and (not site.allowed_origins or host in site.allowed_origins):
        note_snippet_seen(site)
