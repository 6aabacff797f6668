"""W5: POST /widget/files, over HTTP (contract §3; security E1, E2, E4)."""

import io
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from accounts.models import Member
from livechat.actions import files
from livechat.files import incoming, receiving
from livechat.models import Attachment, Site, StorageOrphan
from livechat.removal import remove_leftovers
from livechat.tokens import VisitorClaim
from tests import samples, web
from tests.cast import newcomer, say_with, shop_of, uploaded
from tests.serving import Served, eventually


def upload(
    server: Served, claim: VisitorClaim | None, site: Site, name: str, content: bytes, **headers: str
) -> httpx.Response:
    if claim is not None:
        headers["Authorization"] = f"Bearer {claim.visitor_token}"
    return web.post(
        f"{server.url}/widget/files",
        params={"site": site.public_token},
        files={"file": (name, content)},
        headers=headers,
        timeout=20,
    )


def refused(answer: httpx.Response, status: int, code: str) -> str:
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    sentence: str = answer.json()["detail"]
    assert sentence.endswith(".")
    return sentence


def stored_places() -> list[str]:
    found: list[str] = []
    if not default_storage.exists(""):
        return found
    for directory in default_storage.listdir("")[0]:
        found += [f"{directory}/{name}" for name in default_storage.listdir(directory)[1]]
    return found


def test_a_picture_is_told_back_as_the_contract_says(server: Served, site: Site, claim: VisitorClaim) -> None:
    answer = upload(server, claim, site, "boots.png", samples.picture("PNG"))
    assert answer.status_code == 200
    told = answer.json()
    assert {name: told[name] for name in ("name", "content_type")} == {
        "name": "boots.png",
        "content_type": "image/png",
    }
    kept = Attachment.unscoped.get(pk=told["id"])
    assert (kept.size, kept.uploader, kept.message) == (told["size"], claim.token_hash, None)
    assert (told["width"], told["height"]) == (60, 40)
    assert told["url"].startswith("http")
    assert "thumbnail" in told["thumbnail_url"]


def test_what_is_kept_is_the_picture_written_anew(server: Served, site: Site, claim: VisitorClaim) -> None:
    told = upload(server, claim, site, "garden.jpg", samples.photo_of_a_place()).json()
    kept = Attachment.unscoped.get(pk=told["id"])
    with default_storage.open(kept.storage_key) as content:
        assert not Image.open(io.BytesIO(content.read())).getexif()


def test_a_name_never_becomes_a_path(server: Served, site: Site, claim: VisitorClaim) -> None:
    told = upload(server, claim, site, "../../../evil.txt", b"hello").json()
    kept = Attachment.unscoped.get(pk=told["id"])
    assert told["name"] == "evil.txt"
    assert stored_places() == [kept.storage_key]
    assert "evil" not in kept.storage_key


@pytest.mark.parametrize("name, content", [("page.html", samples.HTML), ("logo.svg", samples.SVG)])
def test_another_kind_of_file_is_refused_with_what_can_be_sent(
    server: Served, site: Site, claim: VisitorClaim, name: str, content: bytes
) -> None:
    sentence = refused(upload(server, claim, site, name, content), 415, "type_refused")
    assert "Pictures" in sentence
    assert not Attachment.unscoped.exists()
    assert not stored_places()


def test_a_bomb_is_refused(server: Served, site: Site, claim: VisitorClaim) -> None:
    refused(upload(server, claim, site, "bomb.png", samples.bomb()), 415, "picture_refused")


def test_eleven_megabytes_are_refused_in_a_sentence(server: Served, site: Site, claim: VisitorClaim) -> None:
    answer = upload(server, claim, site, "long.txt", b"x" * (11 * 1024 * 1024))
    assert refused(answer, 413, "too_large") == "This file is too large. The most is 10 MB."


def test_whoever_hides_the_length_is_stopped_all_the_same(
    server: Served, site: Site, claim: VisitorClaim
) -> None:
    def endless() -> Iterator[bytes]:
        yield b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
        for _ in range(11):
            yield b"x" * 1024 * 1024
        yield b"\r\n--b--\r\n"

    answer = web.post(
        f"{server.url}/widget/files",
        params={"site": site.public_token},
        content=endless(),
        headers={
            "Authorization": f"Bearer {claim.visitor_token}",
            "content-type": "multipart/form-data; boundary=b",
        },
    )
    refused(answer, 413, "too_large")


def test_ten_megabytes_exactly_are_taken(server: Served, site: Site, claim: VisitorClaim) -> None:
    answer = upload(server, claim, site, "long.txt", b"x" * incoming.MOST_FROM_VISITOR)
    assert answer.json()["size"] == incoming.MOST_FROM_VISITOR


@pytest.mark.parametrize(
    "form",
    [
        {"content": b"not a form", "headers": {"content-type": "text/plain"}},
        {"content": b"--b\r\nbroken", "headers": {"content-type": "multipart/form-data; boundary=b"}},
        {"data": {"file": "only words"}},
        {"files": [("file", ("a.txt", b"a")), ("file", ("b.txt", b"b"))]},
        {"files": [("nope", ("a.txt", b"a"))]},
        {"files": [("file", ("a.txt", b"a")), ("nope", ("b.txt", b"b"))]},
    ],
)
def test_what_is_not_one_file_in_a_form_is_refused(
    server: Served, site: Site, claim: VisitorClaim, form: dict[str, Any]
) -> None:
    headers = {"Authorization": f"Bearer {claim.visitor_token}", **form.pop("headers", {})}
    answer = web.post(
        f"{server.url}/widget/files", params={"site": site.public_token}, headers=headers, **form
    )
    refused(answer, 400, "bad_upload")


def test_an_empty_file_is_said_to_be(server: Served, site: Site, claim: VisitorClaim) -> None:
    refused(upload(server, claim, site, "a.txt", b""), 400, "empty_file")


def test_a_name_as_long_as_disks_allow_is_shortened_before_its_extension(
    server: Served, site: Site, claim: VisitorClaim
) -> None:
    told = upload(server, claim, site, "長" * 251 + ".txt", b"hello").json()
    assert told["name"] == "長" * 116 + ".txt"


def test_a_longer_name_is_refused_for_its_length(server: Served, site: Site, claim: VisitorClaim) -> None:
    sentence = refused(upload(server, claim, site, "n" * 1000 + ".txt", b"hello"), 400, "bad_upload")
    assert sentence == "The name of this file is too long. Please give it a shorter one and send it again."


def test_who_hangs_up_in_the_middle_leaves_nothing(
    server: Served, site: Site, claim: VisitorClaim, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = [
        f"POST /widget/files?site={site.public_token} HTTP/1.1",
        "host: localhost",
        f"authorization: Bearer {claim.visitor_token}",
        "content-type: multipart/form-data; boundary=b",
        "content-length: 5000",
    ]
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as peer:
        peer.sendall("\r\n".join([*head, "", ""]).encode() + b"--b\r\n")
        eventually(lambda: receiving._arriving == 1)
    eventually(lambda: receiving._arriving == 0)
    assert not Attachment.unscoped.exists()


# --- who may ------------------------------------------------------------------------------------------------------


def test_without_the_token_of_a_visitor_nothing_is_taken(
    server: Served, site: Site, globex_site: Site
) -> None:
    refused(upload(server, None, site, "a.txt", b"a"), 401, "not_accepted")
    refused(upload(server, newcomer(globex_site), site, "a.txt", b"a"), 401, "not_accepted")
    forged = {"Authorization": "Bearer vt_" + "A" * 64}
    refused(upload(server, None, site, "a.txt", b"a", **forged), 401, "not_accepted")
    assert not Attachment.unscoped.exists()


def test_a_site_that_is_not_here_is_said_to_be(server: Served, claim: VisitorClaim) -> None:
    refused(upload(server, claim, Site(public_token="pk_none"), "a.txt", b"a"), 404, "unknown_site")


def test_only_the_sites_own_pages_may_upload(server: Served, alice: Member) -> None:
    site = shop_of(alice, origins=["https://shop.example"])
    claim = newcomer(site)
    taken = upload(server, claim, site, "a.txt", b"a", Origin="https://shop.example")
    assert taken.headers["access-control-allow-origin"] == "https://shop.example"
    strange = upload(server, claim, site, "a.txt", b"a", Origin="https://evil.example")
    refused(strange, 403, "origin_refused")
    assert "access-control-allow-origin" not in strange.headers
    refused(upload(server, claim, site, "a.txt", b"a", Origin="null"), 403, "origin_refused")
    refused(upload(server, claim, site, "a.txt", b"a"), 403, "origin_refused")


def test_a_browser_that_asks_first_is_told_what_it_may_send(server: Served, alice: Member) -> None:
    site = shop_of(alice, origins=["https://shop.example"])
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Headers": "authorization"}
    where = f"{server.url}/widget/files?site={site.public_token}"
    answer = web.request("OPTIONS", where, headers=asked)
    assert answer.status_code == 204
    assert "authorization" in answer.headers["access-control-allow-headers"]
    assert web.request("OPTIONS", where, headers={"Origin": "https://evil.example"}).status_code == 403


def test_a_refusal_can_be_read_by_the_page_that_asked(
    server: Served, site: Site, claim: VisitorClaim
) -> None:
    answer = upload(server, claim, site, "a.html", samples.HTML, Origin="https://anything.example")
    assert answer.headers["access-control-allow-origin"] == "*"


def test_other_verbs_do_nothing(server: Served, site: Site, claim: VisitorClaim) -> None:
    for verb in ("PUT", "DELETE", "PATCH"):
        where = f"{server.url}/widget/files?site={site.public_token}"
        answer = web.request(verb, where, headers={"Authorization": f"Bearer {claim.visitor_token}"})
        assert answer.status_code == 400


# --- how much -----------------------------------------------------------------------------------------------------


def test_the_sixth_file_of_a_minute_waits(server: Served, site: Site, claim: VisitorClaim) -> None:
    for number in range(5):
        assert upload(server, claim, site, f"{number}.txt", b"a").status_code == 200
    answer = upload(server, claim, site, "6.txt", b"a")
    refused(answer, 429, "rate_limited")
    assert int(answer.headers["retry-after"]) >= 1


def test_load_tests_may_stretch_the_limit(
    server: Served, site: Site, claim: VisitorClaim, settings: Settings
) -> None:
    settings.LIMITS_SCALE = 100
    for number in range(8):
        assert upload(server, claim, site, f"{number}.txt", b"a").status_code == 200


def test_a_hundred_megabytes_a_day_are_enough(server: Served, site: Site, claim: VisitorClaim) -> None:
    file = uploaded(claim)
    Attachment.unscoped.filter(pk=file.pk).update(size=files.BYTES_A_DAY)
    refused(upload(server, claim, site, "a.txt", b"a"), 429, "rate_limited")
    Attachment.unscoped.filter(pk=file.pk).update(created_at=timezone.now() - timedelta(days=2))
    assert upload(server, claim, site, "a.txt", b"a").status_code == 200


def test_a_workspace_that_is_full_takes_no_more_and_its_neighbour_does(
    server: Served, site: Site, claim: VisitorClaim, globex_site: Site
) -> None:
    Attachment.unscoped.filter(pk=uploaded(newcomer(site)).pk).update(size=files.BYTES_OF_A_WORKSPACE)
    refused(upload(server, claim, site, "a.txt", b"a"), 413, "no_room")
    assert upload(server, newcomer(globex_site), globex_site, "a.txt", b"a").status_code == 200


def test_too_many_at_once_are_asked_to_come_back(
    server: Served, site: Site, claim: VisitorClaim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "AT_ONCE", 0)
    refused(upload(server, claim, site, "a.txt", b"a"), 503, "unavailable")


# --- what is not sent ---------------------------------------------------------------------------------------------


def test_what_was_not_sent_within_a_day_is_removed(claim: VisitorClaim) -> None:
    old, new = uploaded(claim, "old.png", samples.picture()), uploaded(claim, "new.txt")
    Attachment.unscoped.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=25))
    remove_leftovers()
    assert list(Attachment.unscoped.all()) == [new]
    assert stored_places() == [new.storage_key]


def test_what_was_sent_stays(claim: VisitorClaim) -> None:
    file = uploaded(claim)
    say_with(claim, file)
    Attachment.unscoped.filter(pk=file.pk).update(created_at=timezone.now() - timedelta(days=400))
    remove_leftovers()
    assert stored_places() == [file.storage_key]


def test_an_upload_that_broke_off_after_storing_leaves_nothing_for_long(claim: VisitorClaim) -> None:
    """The process died between storing and writing the row: the places were noted before."""
    uploader = files.Uploader(Site.unscoped.get(pk=claim.site_id), claim.token_hash)
    keys = files.begin_upload(uploader, 5)
    incoming.take_in(io.BytesIO(b"hello"), "a.txt", keys)
    remove_leftovers()
    assert stored_places() == [keys.content]
    StorageOrphan.objects.update(remove_after=timezone.now() - timedelta(seconds=1))
    remove_leftovers()
    assert not stored_places()
    assert not StorageOrphan.objects.exists()


def test_whoever_deletes_the_row_the_bytes_go_too(claim: VisitorClaim, site: Site) -> None:
    say_with(claim, uploaded(claim, "a.png", samples.picture()))
    assert len(stored_places()) == 2
    site.delete()
    remove_leftovers()
    assert not stored_places()
