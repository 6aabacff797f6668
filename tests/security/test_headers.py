"""I: what each kind of page says to the browser. A change here is a change of what browsers let others do with us."""

import pytest
from django.conf import settings as django_settings
from django.http.response import HttpResponseBase
from django.test import Client

from accounts.models import Member
from livechat.models import Site
from tests.cast import shop_of
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
PAGE = {
    "content-security-policy": "base-uri 'none'; connect-src 'self' {WS_URL}; default-src 'none'; font-src 'self'; "
    "form-action 'self' {SLACK_WEB_URL}; frame-ancestors 'none'; frame-src 'self' {WIDGET_URL}; "
    "img-src 'self' data: {FILES_URL}; object-src 'none'; script-src 'self'; style-src 'self'",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
PRIVATE = {"cache-control": "no-store private"}
FRAME = PAGE | {
    "content-security-policy": "base-uri 'none'; connect-src 'self' {WS_URL}; default-src 'none'; font-src 'self'; "
    "form-action 'none'; frame-ancestors *; img-src 'self' data: blob: https: {SLACK_WEB_URL} {FILES_URL}; "
    "script-src 'self'; style-src 'self'",
    "cache-control": "no-cache",
}
del FRAME["x-frame-options"]
# vary and the cookie belong to the session, the rest to the body
OTHERS = {"content-type", "content-length", "vary", "expires", "content-language", "link"}


def told(answer: HttpResponseBase) -> dict[str, str]:
    """In an order of their own, so that no dictionary decides."""
    found = {name.lower(): value for name, value in answer.items() if name.lower() not in OTHERS}
    found["content-security-policy"] = "; ".join(sorted(found["content-security-policy"].split("; ")))
    if "cache-control" in found:
        found["cache-control"] = " ".join(sorted(word.strip(",") for word in found["cache-control"].split()))
    return found


def expected(headers: dict[str, str]) -> dict[str, str]:
    ours = {
        name: getattr(django_settings, name)
        for name in ("WS_URL", "SLACK_WEB_URL", "WIDGET_URL", "FILES_URL")
    }
    return {name: value.format(**ours) for name, value in headers.items()}


@pytest.fixture
def site(alice: Member) -> Site:
    return shop_of(alice)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/pricing",
        "/privacy",
        "/support",
        "/slack/scopes",
        "/nothing-is-here",
        "/accounts/password/reset/",
    ],
)
def test_pages_for_everybody(client: Client, path: str) -> None:
    assert told(client.get(path)) == expected(PAGE)


@pytest.mark.parametrize("path", ["/console/chats", "/console/sites", "/console/slack", "/console/team"])
def test_pages_of_the_console(client_of: ClientOf, alice: Member, path: str) -> None:
    assert told(client_of(alice).get(path)) == expected(PAGE | PRIVATE)


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/"])
def test_pages_for_logging_in(client: Client, path: str) -> None:
    kept = {"cache-control": "max-age=0 must-revalidate no-cache no-store private"}
    assert told(client.get(path)) == expected(PAGE | kept)


def test_the_panel_is_framed_by_the_sites_pages_alone(client: Client, site: Site) -> None:
    address = f"/widget/frame?site={site.public_token}"
    assert told(client.get(address)) == expected(FRAME)
    Site.unscoped.filter(pk=site.pk).update(allowed_origins=["https://shop.example"])
    policy = told(client.get(address))["content-security-policy"]
    assert "frame-ancestors https://shop.example" in policy
