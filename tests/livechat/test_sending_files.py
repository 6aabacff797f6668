"""W5: a message carries files that its visitor uploaded before (contract §4)."""

import uuid
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.access import agent_of
from accounts.errors import Refused
from accounts.models import Member
from livechat import access
from livechat.actions import changes, messages
from livechat.models import Attachment, Message, Site
from livechat.tokens import VisitorClaim
from livechat.visitor_reads import update
from tests import samples
from tests.cast import chat_of, newcomer, say, say_with, uploaded
from tests.serving import Served, Socket


@pytest.fixture
def tab(server: Served, site: Site, claim: VisitorClaim):
    with server.socket() as socket:
        socket.hello(site.public_token, visitor_token=claim.visitor_token)
        yield socket


@pytest.fixture
def other_tab(server: Served, site: Site, claim: VisitorClaim):
    with server.socket() as socket:
        socket.hello(site.public_token, visitor_token=claim.visitor_token)
        yield socket


def send(tab: Socket, *attached: Attachment, text: str = "", key: str | None = None) -> dict[str, Any]:
    ids = [str(file.pk) for file in attached]
    return send_ids(tab, ids, text, key)


def send_ids(tab: Socket, ids: object, text: str = "", key: str | None = None) -> dict[str, Any]:
    tab.send(type="message", client_message_id=key or str(uuid.uuid4()), body=text, attachments=ids)
    return tab.hear()


def test_files_arrive_with_their_message_in_their_order(
    tab: Socket, other_tab: Socket, claim: VisitorClaim
) -> None:
    text, picture = uploaded(claim, "a.txt"), uploaded(claim, "b.png", samples.picture())
    assert send(tab, picture, text, text="Here they are")["type"] == "ack"
    frame = other_tab.hear_until("message")[-1]
    first, second = frame["message"]["attachments"]
    assert (first["id"], first["name"], first["content_type"]) == (str(picture.pk), "b.png", "image/png")
    assert (second["id"], second["size"], second["thumbnail_url"]) == (str(text.pk), 9, None)
    assert first["thumbnail_url"] != first["url"]
    assert first["state"] == second["state"] == "ready"


def test_a_file_alone_is_a_message(tab: Socket, claim: VisitorClaim) -> None:
    assert send(tab, uploaded(claim))["type"] == "ack"
    assert Message.unscoped.get().body == ""


def test_neither_words_nor_files_is_none(tab: Socket) -> None:
    assert send(tab)["code"] == "bad_frame"
    assert send(tab, text="  ")["code"] == "bad_frame"


def test_coming_back_shows_the_same(site: Site, claim: VisitorClaim) -> None:
    message = say_with(claim, uploaded(claim), text="Look")
    arrival = access.arrive(site.public_token, claim.visitor_token, None)
    fresh = update(arrival, None, 0).synced()["messages"][0]
    assert fresh["id"] == str(message.pk)
    assert [file["name"] for file in fresh["attachments"]] == ["notes.txt"]


def test_sending_again_is_harmless(tab: Socket, claim: VisitorClaim) -> None:
    file, key = uploaded(claim), str(uuid.uuid4())
    assert send(tab, file, key=key) == send(tab, file, key=key)
    assert Message.unscoped.count() == 1


def test_a_file_is_sent_once(tab: Socket, claim: VisitorClaim) -> None:
    file = uploaded(claim)
    send(tab, file, text="first")
    again = send(tab, file, text="second")
    assert (again["type"], again["code"]) == ("error", "refused")
    assert Message.unscoped.count() == 1


def test_the_same_file_named_twice_is_one(claim: VisitorClaim) -> None:
    file = uploaded(claim)
    message = say_with(claim, file, file)
    assert message.attachments.count() == 1


def test_somebody_elses_file_is_not_theirs_to_send(
    tab: Socket, claim: VisitorClaim, site: Site, globex_site: Site
) -> None:
    for stranger in (newcomer(site), newcomer(globex_site)):
        refused = send(tab, uploaded(stranger), text="mine")
        assert (refused["type"], refused["code"]) == ("error", "refused")
    assert not Message.unscoped.exists()


def test_a_file_that_is_not_here_is_refused(tab: Socket) -> None:
    for unknown in (str(uuid.uuid4()), "x", ""):
        assert send_ids(tab, [unknown], "Look")["code"] == "refused"
    assert not Message.unscoped.exists()


@pytest.mark.parametrize("ids", [[1], "x", ["x" * 65], ["f47ac10b-58cc-4372-a567-0e02b2c3d479"] * 11])
def test_what_is_no_list_of_ids_is_a_bad_frame(tab: Socket, ids: Any) -> None:
    assert send_ids(tab, ids, "Hi")["code"] == "bad_frame"


def test_an_edited_message_keeps_its_files(tab: Socket, claim: VisitorClaim) -> None:
    ack = send(tab, uploaded(claim), text="Lok")
    tab.send(type="edit", id=ack["id"], body="Look")
    frame = tab.hear_type("message")
    assert [file["name"] for file in frame["message"]["attachments"]] == ["notes.txt"]


def test_what_is_kept_inside_takes_its_files_along(claim: VisitorClaim, bob: Member) -> None:
    message = say_with(claim, uploaded(claim), text="Look")
    with transaction.atomic():
        chat = messages.lock_chat(message.chat_id)
        note = changes.keep_inside(chat, message, changes.by_agent(agent_of(bob)), "Look", [], mirror=False)
    assert Attachment.unscoped.get().message == note
    assert note.has_files


def test_a_deleted_message_shows_no_files(site: Site, claim: VisitorClaim) -> None:
    say_with(claim, uploaded(claim), text="Look")
    Message.unscoped.update(deleted_at=timezone.now())
    arrival = access.arrive(site.public_token, claim.visitor_token, None)
    assert update(arrival, None, 0).synced()["messages"][0]["attachments"] == []


def test_an_agents_upload_travels_with_the_reply(
    tab: Socket, claim: VisitorClaim, site: Site, bob: Member, mallory: Member
) -> None:
    say(claim)
    file = uploaded(claim)
    Attachment.unscoped.filter(pk=file.pk).update(uploader="", member=bob)
    with pytest.raises(Refused):
        access.uploads_of_member(mallory, site.pk, [str(file.pk)])
    files = access.uploads_of_member(bob, site.pk, [str(file.pk)])
    messages.post_agent_message(chat_of(claim).pk, agent_of(bob), "The invoice", files=files)
    frame = tab.hear()
    while frame["type"] != "message" or frame["message"]["author"]["kind"] != "agent":
        frame = tab.hear()
    assert [attached["name"] for attached in frame["message"]["attachments"]] == ["notes.txt"]
