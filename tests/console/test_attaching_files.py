"""S12, C2: files in the console's transcript, and those that an agent sends with a reply."""

import uuid
from typing import Any

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import Member
from livechat.actions import files
from livechat.files import incoming
from livechat.models import Attachment, ChatSession, Message, Site
from livechat.tokens import new_claim
from tests import samples
from tests.cast import chat_of, say_with, uploaded
from tests.conftest import ClientOf
from tests.serving import Served

pytestmark = pytest.mark.django_db


@pytest.fixture
def chat(shop: Site) -> ChatSession:
    """A visitor has sent a picture with words."""
    claim = new_claim(shop.pk)
    say_with(claim, uploaded(claim, "boots.png", samples.picture()), text="These?")
    return chat_of(claim)


def upload(browser: Client, chat: ChatSession, name: str = "offer.pdf", content: bytes = samples.PDF):
    return browser.post(f"/console/chats/{chat.pk}/files", {"file": SimpleUploadedFile(name, content)})


def reply(browser: Client, chat: ChatSession, body: str = "", *file_ids: str, **more: Any):
    data = {"body": body, "client_message_id": uuid.uuid4(), "files": list(file_ids), **more}
    return browser.post(f"/console/chats/{chat.pk}/reply", data, headers={"HX-Request": "true"})


def newest() -> Message:
    return Message.unscoped.filter(author_kind="agent").latest("created_at")


def page(browser: Client, chat: ChatSession) -> str:
    return browser.get(f"/console/chats/{chat.pk}").content.decode()


# --- reading ------------------------------------------------------------------------------------------------------


def test_the_transcript_shows_the_picture_its_name_and_size(
    client_of: ClientOf, bob: Member, chat: ChatSession
) -> None:
    shown = page(client_of(bob), chat)
    file = Attachment.unscoped.get()
    assert f"/console/files/{file.pk}" in shown
    assert f"/files/{file.pk}/thumbnail.webp" in shown
    assert "boots.png" in shown


def test_the_link_stays_good_for_whoever_may_read_the_chat(
    client_of: ClientOf, victor: Member, chat: ChatSession
) -> None:
    answer = client_of(victor).get(f"/console/files/{Attachment.unscoped.get().pk}")
    assert answer.status_code == 302
    assert "for=c" in answer.headers["location"]
    assert "no-store" in answer.headers["cache-control"]


def test_nobody_else_is_led_there(client_of: ClientOf, mallory: Member, chat: ChatSession) -> None:
    where = f"/console/files/{Attachment.unscoped.get().pk}"
    assert client_of(mallory).get(where).status_code == 404
    answer = Client().get(where)
    assert answer.status_code == 302
    assert "/accounts/login/" in answer.headers["location"]


def test_of_a_deleted_message_nothing_is_shown(client_of: ClientOf, bob: Member, chat: ChatSession) -> None:
    Message.unscoped.update(deleted_at=timezone.now())
    assert "boots.png" not in page(client_of(bob), chat)


def test_what_is_missing_is_said(client_of: ClientOf, bob: Member, chat: ChatSession) -> None:
    problem = "Slack did not give it out."
    for state, words in (("fetching", "being fetched"), ("failed", problem), ("gone", "was removed")):
        Attachment.unscoped.update(state=state, problem=problem)
        shown = page(client_of(bob), chat)
        assert words in shown
        assert "/console/files/" not in shown


def test_the_list_says_that_a_file_was_sent(client_of: ClientOf, bob: Member, shop: Site) -> None:
    claim = new_claim(shop.pk)
    say_with(claim, uploaded(claim))
    assert "Sent a file" in client_of(bob).get("/console/chats").content.decode()


# --- sending ------------------------------------------------------------------------------------------------------


def test_a_file_travels_with_the_reply(client_of: ClientOf, bob: Member, chat: ChatSession) -> None:
    browser = client_of(bob)
    told = upload(browser, chat).json()
    assert (told["name"], told["thumbnail_url"]) == ("offer.pdf", None)
    assert "offer.pdf" in reply(browser, chat, "Here", told["id"]).content.decode()
    assert [file.name for file in newest().attachments.all()] == ["offer.pdf"]
    assert newest().body == "Here"


def test_a_file_needs_no_words(client_of: ClientOf, bob: Member, chat: ChatSession) -> None:
    browser = client_of(bob)
    reply(browser, chat, "", upload(browser, chat).json()["id"])
    assert newest().has_files


def test_neither_words_nor_files_is_refused(client_of: ClientOf, bob: Member, chat: ChatSession) -> None:
    assert reply(client_of(bob), chat, "").status_code == 422


def test_a_note_may_carry_files_too(client_of: ClientOf, bob: Member, chat: ChatSession) -> None:
    browser = client_of(bob)
    reply(browser, chat, "For us", upload(browser, chat).json()["id"], kind="note")
    assert newest().is_note
    assert newest().attachments.count() == 1


def test_a_reply_sent_twice_is_one_with_its_file(client_of: ClientOf, bob: Member, chat: ChatSession) -> None:
    browser, key = client_of(bob), uuid.uuid4()
    file_id = upload(browser, chat).json()["id"]
    for _ in range(2):
        assert reply(browser, chat, "Here", file_id, client_message_id=key).status_code == 200
    assert Message.unscoped.filter(author_kind="agent").count() == 1


def test_a_colleagues_upload_is_theirs(
    client_of: ClientOf, alice: Member, bob: Member, chat: ChatSession
) -> None:
    file_id = upload(client_of(bob), chat).json()["id"]
    answer = reply(client_of(alice), chat, "Mine", file_id)
    assert answer.status_code == 422
    assert "attach it again" in answer.content.decode()
    assert not Message.unscoped.filter(author_kind="agent").exists()


def test_another_kind_of_file_is_refused_in_a_sentence(
    client_of: ClientOf, bob: Member, chat: ChatSession
) -> None:
    answer = upload(client_of(bob), chat, "page.html", samples.HTML)
    assert answer.status_code == 422
    assert "cannot be sent" in answer.json()["detail"]


def test_too_large_is_refused_in_a_sentence(
    client_of: ClientOf, bob: Member, chat: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livechat.views.files.MOST_FROM_AGENT", 3 * incoming.MEGABYTE)
    answer = upload(client_of(bob), chat, "long.txt", b"x" * (3 * incoming.MEGABYTE + 1))
    assert answer.status_code == 413
    assert answer.json()["detail"] == "This file is too large. The most is 3 MB."


def test_a_full_workspace_takes_no_more(client_of: ClientOf, bob: Member, chat: ChatSession) -> None:
    Attachment.unscoped.update(size=files.BYTES_OF_A_WORKSPACE)
    assert upload(client_of(bob), chat).status_code == 413


def test_who_may_only_read_uploads_nothing(
    client_of: ClientOf, victor: Member, mallory: Member, chat: ChatSession
) -> None:
    assert upload(client_of(victor), chat).status_code == 403
    assert upload(client_of(mallory), chat).status_code == 404
    assert client_of(victor).get(f"/console/chats/{chat.pk}/files").status_code in (403, 405)
    assert Attachment.unscoped.count() == 1


def test_a_form_of_another_site_uploads_nothing(bob: Member, chat: ChatSession) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(bob.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert upload(browser, chat).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_over_the_wire_twelve_megabytes_come_in_and_twenty_seven_do_not(
    bob: Member, chat: ChatSession, client_of: ClientOf
) -> None:
    server = Served().start()
    try:
        browser = client_of(bob)
        token = "a" * 32
        cookies = {**{name: morsel.value for name, morsel in browser.cookies.items()}, "csrftoken": token}
        with httpx.Client(cookies=cookies, headers={"X-CSRFToken": token}, timeout=30) as http:
            where = f"{server.url}/console/chats/{chat.pk}/files"
            taken = http.post(where, files={"file": ("a.txt", b"x" * (12 * incoming.MEGABYTE))})
            assert taken.json()["size"] == 12 * incoming.MEGABYTE
            too_large = http.post(where, files={"file": ("a.txt", b"x" * (27 * incoming.MEGABYTE))})
            assert too_large.status_code == 413
    finally:
        server.stop()
