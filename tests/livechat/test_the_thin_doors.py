"""/widget/config, /healthz and /readyz, asked over HTTP (W1, S29)."""

import httpx
import pytest
from django.conf import settings as django_settings
from django.db import OperationalError

from accounts.models import Member
from livechat import doors
from livechat.models import Site
from tests import web
from tests.cast import shop_of
from tests.serving import Served


def config(server: Served, key: str, method: str = "GET", **headers: str) -> httpx.Response:
    return web.request(method, f"{server.url}/widget/config", params={"site": key}, headers=headers)


def test_the_config_is_what_the_panel_starts_from(server: Served, site: Site) -> None:
    answer = config(server, site.public_token)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    assert (told["protocol"], told["site"], told["company"]) == (1, site.public_token, "Acme Shop")
    assert told["frame_url"] == f"{django_settings.WIDGET_URL}/widget/frame?site={site.public_token}"
    assert told["ws_url"].endswith("/ws/visitor")


def test_the_config_tells_nothing_of_the_workspace_and_sets_no_cookie(server: Served, site: Site) -> None:
    answer = config(server, site.public_token)
    assert "set-cookie" not in answer.headers
    for inside in (str(site.pk), str(site.workspace_id), "alice"):
        assert inside not in answer.text


def test_an_unchanged_config_is_not_sent_again(server: Served, site: Site, alice: Member) -> None:
    etag = config(server, site.public_token).headers["etag"]
    again = config(server, site.public_token, **{"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    Site.unscoped.filter(pk=site.pk).update(greeting="New words")
    assert config(server, site.public_token, **{"If-None-Match": etag}).status_code == 200


def test_any_website_may_read_an_open_sites_config(server: Served, site: Site) -> None:
    answer = config(server, site.public_token, Origin="https://anything.example")
    assert answer.headers["access-control-allow-origin"] == "*"


def test_only_the_sites_websites_may_read_a_guarded_one(server: Served, alice: Member) -> None:
    key = shop_of(alice, origins=["https://shop.example"]).public_token
    own = config(server, key, Origin="https://shop.example")
    strange = config(server, key, Origin="https://evil.example")
    assert own.headers["access-control-allow-origin"] == "https://shop.example"
    assert own.headers["vary"] == "Origin"
    assert strange.status_code == 403
    assert "access-control-allow-origin" not in strange.headers
    assert config(server, key).headers.get("access-control-allow-origin") is None


@pytest.mark.parametrize(
    "key", ["", "pk_unknown", "x" * 5000, "\x00", "%00", "📦", "pk_1&site=pk_2", "\ud800"]
)
def test_an_unknown_site_is_404(server: Served, key: str) -> None:
    answer = config(server, key.encode("utf-8", "replace").decode())
    assert (answer.status_code, answer.json()["error"]) == (404, "unknown_site")


@pytest.mark.parametrize("query", ["", "site", "site=%ff%fe", "=&=&", "&".join(["site=1"] * 50)])
def test_a_junk_query_is_refused_calmly(server: Served, query: str) -> None:
    answer = web.get(f"{server.url}/widget/config?{query}")
    assert answer.status_code in (400, 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_only_get_is_answered(server: Served, site: Site, method: str) -> None:
    assert config(server, site.public_token, method).status_code == 405


def test_the_process_lives(server: Served) -> None:
    assert web.get(f"{server.url}/healthz").json() == {"ok": True}


def test_the_process_is_ready(server: Served) -> None:
    answer = web.get(f"{server.url}/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ok": True, "problem": None})


def test_not_ready_without_a_database_and_alive_still(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> str | None:
        raise OperationalError("connection refused by db.internal:5432, user threadbell")

    monkeypatch.setattr(doors, "_unready", away)
    answer = web.get(f"{server.url}/readyz")
    assert answer.status_code == 503
    assert "internal" not in answer.text
    assert web.get(f"{server.url}/healthz").status_code == 200


def test_not_ready_while_something_above_is_missing(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "ready_checks", [lambda: None, lambda: "the demo is not seeded yet"])
    answer = web.get(f"{server.url}/readyz")
    assert (answer.status_code, answer.json()["problem"]) == (503, "the demo is not seeded yet")
