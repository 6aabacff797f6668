"""C2: a transcript as text and JSON, and a list as a table without formulas; who may, and that the log says so."""

import json

import pytest
from django.test import Client

from accounts.access import agent_of
from accounts.models import AuditEntry, Member
from livechat import segments
from livechat.actions import tagging
from livechat.actions.chats import close_chat
from livechat.actions.messages import post_agent_message, post_note
from livechat.models import ChatSession, Site, TranscriptMail, Visitor
from tests.conftest import ClientOf
from tests.console.conftest import Write

pytestmark = pytest.mark.django_db


def sheet(browser: Client, query: str) -> str:
    answer = browser.post(f"/console/chats/sheet?{query}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    content: bytes = answer.getvalue()
    return content.decode()


def test_the_text_may_be_sent_on_and_the_json_holds_the_notes_too(
    client_of: ClientOf, alice: Member, bob: Member, chat: ChatSession
) -> None:
    post_note(chat.pk, agent_of(bob), "She is a regular.", segments.from_text("She is a regular."))
    post_agent_message(chat.pk, agent_of(bob), "Yes, two.")
    tagging.put_on(chat.pk, tagging.tag_named(bob, "stock"))
    browser = client_of(alice)
    assert f"{chat.pk}/transcript.json" in browser.get(f"/console/chats/{chat.pk}").content.decode()
    text = browser.get(f"/console/chats/{chat.pk}/transcript.txt")
    assert text.headers["Content-Disposition"] == f'attachment; filename="chat-{chat.pk}.txt"'
    assert "Yes, two." in text.content.decode()
    assert "Tags: stock" in text.content.decode()
    assert "regular" not in text.content.decode()
    data = json.loads(browser.get(f"/console/chats/{chat.pk}/transcript.json").content)
    assert data["chat"]["tags"] == ["stock"]
    assert [(one["author"], one["name"], one["note"]) for one in data["messages"]] == [
        ("visitor", chat.visitor.display_name, False),
        ("agent", "Bob", True),
        ("agent", "Bob", False),
    ]
    assert AuditEntry.unscoped.filter(verb="chat.transcript_taken", actor=alice.user).count() == 2


def test_a_table_holds_the_chats_of_its_list_and_runs_nothing(
    client_of: ClientOf, alice: Member, shop: Site, write: Write
) -> None:
    bad, closed = write(shop, "one").chat, write(shop, "two").chat
    Visitor.unscoped.filter(pk=bad.visitor_id).update(name='=HYPERLINK("https://evil.example")')
    close_chat(closed.pk)
    browser = client_of(alice)
    table = sheet(browser, f"tab=open&site={shop.pk}")
    assert "\"'=HYPERLINK(" in table
    assert str(closed.pk) not in table
    assert str(closed.pk) in sheet(browser, "tab=closed")
    assert AuditEntry.unscoped.filter(verb="chat.list_exported", actor=alice.user).count() == 2


def test_others_take_nothing_along(
    client_of: ClientOf, bob: Member, mallory: Member, chat: ChatSession
) -> None:
    seat = client_of(bob)
    assert seat.post("/console/chats/sheet").status_code == 403
    assert f"{chat.pk}/transcript." not in seat.get(f"/console/chats/{chat.pk}").content.decode()
    for ending in ("txt", "json"):
        answer = seat.get(f"/console/chats/{chat.pk}/transcript.{ending}")
        assert (answer.status_code, "take them along" in answer.content.decode()) == (403, True)
        assert client_of(mallory).get(f"/console/chats/{chat.pk}/transcript.{ending}").status_code == 404
    assert str(chat.pk) not in sheet(client_of(mallory), f"site={chat.site_id}")


def test_whoever_answers_mails_a_transcript_to_its_visitor_and_viewers_do_not(
    client_of: ClientOf, bob: Member, victor: Member, mallory: Member, chat: ChatSession
) -> None:
    page, door = f"/console/chats/{chat.pk}", f"/console/chats/{chat.pk}/transcript/mail"
    assert "Mail transcript" not in client_of(bob).get(page).content.decode()
    Visitor.unscoped.filter(pk=chat.visitor_id).update(email="ana@example.com")
    assert "Mail transcript" in client_of(bob).get(page).content.decode()
    told = client_of(bob).post(door, follow=True).content.decode()
    assert "The transcript is on its way to ana@example.com." in told
    assert TranscriptMail.objects.get().address == "ana@example.com"
    assert "Mail transcript" not in client_of(victor).get(page).content.decode()
    assert [client_of(who).post(door).status_code for who in (victor, mallory)] == [403, 404]
    assert TranscriptMail.objects.count() == 1
