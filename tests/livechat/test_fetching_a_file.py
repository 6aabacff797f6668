"""S12, W5: /files/…, for whoever holds a link that we signed (security E5)."""

import time
from urllib.parse import urlsplit

import httpx
import pytest
from django.utils import timezone
from pytest_django import Settings

from livechat import transcripts
from livechat.files import links, store
from livechat.models import Attachment, Message, Site
from livechat.tokens import VisitorClaim
from tests import samples, web
from tests.cast import newcomer, say_with, uploaded
from tests.serving import Served


def told(file: Attachment) -> dict[str, str]:
    return transcripts.attachment_state(Attachment.unscoped.get(pk=file.pk))


def fetch(server: Served, link: str, verb: str = "GET", **headers: str) -> httpx.Response:
    parts = urlsplit(link)
    return web.request(verb, f"{server.url}{parts.path}?{parts.query}", headers=headers)


@pytest.fixture
def note(claim: VisitorClaim) -> Attachment:
    file = uploaded(claim, "Größe & Farbe.txt", b"red boots")
    say_with(claim, file)
    return file


@pytest.fixture
def picture(claim: VisitorClaim) -> Attachment:
    file = uploaded(claim, "boots.png", samples.picture("PNG", (1000, 500)))
    say_with(claim, file)
    return file


def test_a_file_is_saved_and_never_shown_in_place(server: Served, note: Attachment) -> None:
    answer = fetch(server, told(note)["url"])
    assert (answer.status_code, answer.content) == (200, b"red boots")
    headers = answer.headers
    assert headers["content-type"] == "text/plain"
    assert headers["content-disposition"] == "attachment; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%26%20Farbe.txt"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"].startswith("private")
    assert "set-cookie" not in headers


def test_a_picture_of_ours_is_shown_in_place_and_small(server: Served, picture: Attachment) -> None:
    whole, small = fetch(server, told(picture)["url"]), fetch(server, told(picture)["thumbnail_url"])
    assert whole.headers["content-type"] == "image/png"
    assert small.headers["content-type"] == "image/webp"
    assert whole.headers["content-disposition"].startswith("inline")
    assert whole.headers["x-content-type-options"] == small.headers["x-content-type-options"] == "nosniff"


def test_who_only_asks_gets_the_heads(server: Served, note: Attachment) -> None:
    answer = fetch(server, told(note)["url"], "HEAD")
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, "9", b"")


def test_a_large_file_comes_whole(server: Served, claim: VisitorClaim) -> None:
    content = bytes(range(32, 127)) * 40_000
    assert fetch(server, told(uploaded(claim, "a.txt", content))["url"]).content == content


@pytest.mark.parametrize("what", ["key", "until", "for", "part", "id"])
def test_a_link_that_was_changed_leads_nowhere(
    server: Served, note: Attachment, picture: Attachment, what: str
) -> None:
    link = told(note)["url"]
    parts = dict(piece.split("=") for piece in urlsplit(link).query.split("&"))
    changed = {
        "key": link[:-1] + ("0" if link[-1] != "0" else "1"),
        "until": link.replace(parts["until"], str(int(parts["until"]) + 600)),
        "for": link.replace("for=v", "for=c"),
        "part": link + "&part=thumbnail",
        "id": link.replace(str(note.pk), str(picture.pk)),
    }
    assert fetch(server, changed[what]).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/files/",
        "/files/x",
        "/files/f47ac10b-58cc-4372-a567-0e02b2c3d479/a.txt",
        "/files/f47ac10b-58cc-4372-a567-0e02b2c3d479/a.txt?for=v&until=9999999999&key=0",
        "/files/../../etc/passwd",
        "/files/%2e%2e/a?for=v&until=nan&key=%ff",
    ],
)
def test_whatever_is_no_link_of_ours_leads_nowhere(server: Served, note: Attachment, path: str) -> None:
    assert web.get(server.url + path).status_code == 404


def test_another_sites_key_does_not_open_it(server: Served, note: Attachment, globex_site: Site) -> None:
    link = links.link(globex_site.pk, note.pk, note.name, links.For.CONSOLE)
    assert fetch(server, link).status_code == 404


def test_a_link_is_good_for_ten_minutes_and_the_same_for_that_long(
    server: Served, note: Attachment, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, now = told(note)["url"], time.time()
    clock = [now]
    monkeypatch.setattr(links, "time", type("Clock", (), {"time": staticmethod(lambda: clock[0])}))
    clock[0] = now + 599
    assert fetch(server, link).status_code == 200
    clock[0] = now + 1201
    answer = fetch(server, link)
    assert answer.status_code == 410
    assert "again" in answer.text
    assert fetch(server, told(note)["url"]).status_code == 200


def test_a_deleted_messages_files_are_gone(server: Served, note: Attachment) -> None:
    link = told(note)["url"]
    console = links.link(note.site_id, note.pk, note.name, links.For.CONSOLE)
    Message.unscoped.update(deleted_at=timezone.now())
    assert fetch(server, link).status_code == fetch(server, console).status_code == 410


def test_what_became_a_note_is_out_of_the_visitors_reach(server: Served, note: Attachment) -> None:
    link = told(note)["url"]
    console = links.link(note.site_id, note.pk, note.name, links.For.CONSOLE)
    Message.unscoped.update(is_note=True, seq=None)
    assert fetch(server, link).status_code == 410
    assert fetch(server, console).status_code == 200


def test_bytes_that_are_missing_are_gone_and_no_error(server: Served, note: Attachment) -> None:
    store.remove(Attachment.unscoped.get(pk=note.pk).storage_key)
    assert fetch(server, told(note)["url"]).status_code == 410


def test_nobody_writes_there(server: Served, note: Attachment) -> None:
    assert fetch(server, told(note)["url"], "POST").status_code == 404


# --- new addresses for a panel that stood open --------------------------------------------------------------------


def ask(server: Served, claim: VisitorClaim, site: Site, file: Attachment) -> httpx.Response:
    return web.get(
        f"{server.url}/widget/files",
        params={"site": site.public_token, "id": str(file.pk)},
        headers={"Authorization": f"Bearer {claim.visitor_token}"},
    )


def test_their_visitor_is_told_a_new_address(
    server: Served, site: Site, claim: VisitorClaim, note: Attachment
) -> None:
    answer = ask(server, claim, site, note)
    assert answer.json()["name"] == note.name
    assert fetch(server, answer.json()["url"]).content == b"red boots"


def test_another_visitor_is_not(
    server: Served, site: Site, claim: VisitorClaim, note: Attachment, globex_site: Site
) -> None:
    unsent = uploaded(claim)
    for file in (note, unsent):
        assert ask(server, newcomer(site), site, file).status_code == 404
        assert ask(server, newcomer(globex_site), globex_site, file).status_code == 404


def test_of_a_deleted_message_nobody_is(
    server: Served, site: Site, claim: VisitorClaim, note: Attachment
) -> None:
    Message.unscoped.update(deleted_at=timezone.now())
    assert ask(server, claim, site, note).status_code == 404


def test_files_may_live_on_an_origin_of_their_own(note: Attachment, settings: Settings) -> None:
    settings.FILES_URL = "https://files.example"
    assert told(note)["url"].startswith("https://files.example/files/")


def test_on_an_origin_of_their_own_there_is_nothing_else(
    server: Served, note: Attachment, settings: Settings
) -> None:
    settings.FILES_URL = "https://files.example"
    own = {"Host": "files.example"}
    assert fetch(server, told(note)["url"], **own).content == b"red boots"
    for path in ("/", "/console/chats", "/accounts/login/", "/widget.js", "/healthz", f"/x/{note.pk}/a.txt"):
        answer = web.get(server.url + path, headers=own)
        assert answer.status_code == 404
        assert "set-cookie" not in answer.headers
    assert web.get(f"{server.url}/healthz").status_code == 200
