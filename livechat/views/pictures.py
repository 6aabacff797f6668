"""Faces and emoji for visitors' browsers: no cookie, no session, cached for ever under the key of their source."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from livechat.models import Picture


@require_safe
def picture(request: HttpRequest, key: str) -> HttpResponse:
    found = Picture.objects.filter(pk=key).first()
    if found is None:
        raise Http404("There is no such picture.")
    response = HttpResponse(bytes(found.content), content_type="image/webp")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
