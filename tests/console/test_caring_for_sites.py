"""Sites (C3): make one, say where it may stand; who may; see whether its snippet was seen."""

import pytest
from django.test import Client

from accounts.models import AuditEntry, Member
from livechat.models import Site
from tests.conftest import ClientOf
from tests.console.looks import LOOK

pytestmark = pytest.mark.django_db


def test_a_new_site_comes_with_its_snippet(client_of: ClientOf, alice: Member) -> None:
    answer = client_of(alice).post("/console/sites/new", {"name": "Acme shop"}, follow=True)
    site = Site.objects.in_workspace(alice.workspace).get()
    page = answer.content.decode()
    assert f"data-site=&quot;{site.public_token}&quot;" in page
    assert "/widget.js" in page
    assert AuditEntry.objects.in_workspace(alice.workspace).filter(verb="site.created").count() == 1


def test_a_name_is_one_line_without_tricks(client_of: ClientOf, alice: Member) -> None:
    """It stands in the subject of mails."""
    client_of(alice).post("/console/sites/new", {"name": "Acme\r\nBcc: mallory@evil.example \u202e"})
    assert Site.objects.in_workspace(alice.workspace).get().name == "Acme Bcc: mallory@evil.example"
    answer = client_of(alice).post("/console/sites/new", {"name": "\u202e\u2066"})
    assert "Give the site a name" in answer.content.decode()


def test_a_site_needs_a_name(client_of: ClientOf, alice: Member) -> None:
    answer = client_of(alice).post("/console/sites/new", {"name": "  "})
    assert answer.status_code == 422
    assert "Give the site a name" in answer.content.decode()


@pytest.mark.parametrize(
    "typed, kept",
    [
        ("https://Shop.Example/", ["https://shop.example"]),
        ("shop.example", ["https://shop.example"]),
        (
            "https://shop.example:443\nhttp://localhost:5173",
            ["https://shop.example", "http://localhost:5173"],
        ),
        ("https://shop.example, https://shop.example", ["https://shop.example"]),
        ("https://müller.example", ["https://xn--mller-kva.example"]),
        ("", []),
    ],
)
def test_websites_are_kept_as_browsers_name_them(
    client_of: ClientOf, alice: Member, shop: Site, typed: str, kept: list[str]
) -> None:
    assert client_of(alice).post(f"/console/sites/{shop.id}/origins", {"origins": typed}).status_code == 302
    shop.refresh_from_db()
    assert shop.allowed_origins == kept


@pytest.mark.parametrize(
    "typed",
    ["https://shop.example/path", "https://*.example", "null", "ftp://shop.example", "https://a:b@shop.example",
     "https://shop.example?x=1", "https://[1", "https://shop example", "javascript:alert(1)", "https://"],
)  # fmt: skip
def test_what_is_no_websites_address_is_refused_with_the_mend(
    client_of: ClientOf, alice: Member, shop: Site, typed: str
) -> None:
    answer = client_of(alice).post(f"/console/sites/{shop.id}/origins", {"origins": typed})
    assert answer.status_code == 422
    assert "Write it like https://shop.example" in answer.content.decode()
    shop.refresh_from_db()
    assert shop.allowed_origins == []


DEEDS = {
    "name": {"name": "Mine"},
    "origins": {"origins": "https://evil.example"},
    "look": LOOK,
    "texts": {"away": "Gone fishing."},
}


@pytest.mark.parametrize("deed", DEEDS)
def test_agents_and_viewers_read_sites_and_change_none(
    client_of: ClientOf, bob: Member, victor: Member, shop: Site, deed: str
) -> None:
    for member in (bob, victor):
        browser = client_of(member)
        assert browser.get(f"/console/sites/{shop.id}").status_code == 200
        for tab in ("look", "texts", "stage", "panel", "hours"):
            assert browser.get(f"/console/sites/{shop.id}/{tab}").status_code == 200
        assert browser.post(f"/console/sites/{shop.id}/{deed}", DEEDS[deed]).status_code == 403
    kept = Site.objects.in_workspace(shop.workspace).get()
    assert (kept.name, kept.allowed_origins, kept.title, kept.texts) == ("Acme shop", [], "Chat with us", {})


@pytest.mark.parametrize("deed", DEEDS)
def test_mallory_finds_no_acme_site(client_of: ClientOf, mallory: Member, shop: Site, deed: str) -> None:
    browser = client_of(mallory)
    assert browser.get(f"/console/sites/{shop.id}").status_code == 404
    for tab in ("seen", "look", "texts", "hours", "stage", "panel"):
        assert browser.get(f"/console/sites/{shop.id}/{tab}").status_code == 404
    assert browser.post(f"/console/sites/{shop.id}/{deed}", DEEDS[deed]).status_code == 404
    assert "Acme shop" not in browser.get("/console/sites").content.decode()


def test_the_snippet_is_seen_when_a_page_shows_the_panel(client: Client, shop: Site) -> None:
    shown = {"Sec-Fetch-Dest": "iframe", "Referer": "https://shop.example/kettles"}
    client.get(f"/widget/frame?site={shop.public_token}", headers=shown)
    shop.refresh_from_db()
    assert shop.snippet_seen_at is not None


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Dest": "document"}, {"Sec-Fetch-Dest": "iframe"},
     {"Sec-Fetch-Dest": "iframe", "Referer": "https://stranger.example/"}],
)  # fmt: skip
def test_anything_else_is_no_sight_of_the_snippet(
    client: Client, shop: Site, headers: dict[str, str]
) -> None:
    Site.unscoped.filter(pk=shop.pk).update(allowed_origins=["https://shop.example"])
    client.get(f"/widget/frame?site={shop.public_token}", headers=headers)
    shop.refresh_from_db()
    assert shop.snippet_seen_at is None


def test_the_panel_may_stand_only_where_the_owner_says(client: Client, shop: Site) -> None:
    address = f"/widget/frame?site={shop.public_token}"
    assert "frame-ancestors *;" in client.get(address).headers["Content-Security-Policy"]
    Site.unscoped.filter(pk=shop.pk).update(allowed_origins=["https://shop.example"])
    answer = client.get(address)
    assert "frame-ancestors https://shop.example;" in answer.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer.headers


@pytest.mark.parametrize("site", ["", "pk_nobody", "%00", "%ff", "x" * 5000])
def test_an_unknown_site_has_no_panel(client: Client, db: None, site: str) -> None:
    answer = client.get(f"/widget/frame?site={site}")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_the_loader_comes_compressed_is_short_lived_and_asked_for_once(client: Client, db: None) -> None:
    first = client.get("/widget.js", headers={"Accept-Encoding": "br"})
    assert first.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert first.headers["Content-Encoding"] == "br"
    # as it was written; what is collected is packed too, and weighed in tests/house
    assert len(first.content) < len(client.get("/widget.js").content) / 3
    assert "max-age=300" in first.headers["Cache-Control"]
    assert client.get("/widget.js", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert b"Threadbell" in client.get("/widget.js").content
