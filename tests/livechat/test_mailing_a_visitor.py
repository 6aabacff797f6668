"""W7, W8, M1: unseen answers are mailed once, a rating is asked for, and any mail can be the last."""

from datetime import timedelta
from smtplib import SMTPServerDisconnected
from urllib.parse import urlsplit

import pytest
from django.core import mail as outbox
from django.core.mail import EmailMessage
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.access import agent_of
from accounts.models import Member
from livechat import visitor_mails
from livechat.actions import changes, chats, messages
from livechat.actions.answering import take_form
from livechat.actions.erasure import erase_visitor
from livechat.actions.presence import note_visits
from livechat.models import ChatSession, MailStop, Site, VisitorMail
from livechat.tokens import VisitorClaim
from tests import web
from tests.cast import chat_of, draft, newcomer, say, shop_of
from tests.serving import Served

LATER = timedelta(hours=1)


@pytest.fixture
def chat(claim: VisitorClaim) -> ChatSession:
    """Of somebody who left an address and the website."""
    say(claim)
    take_form(claim, {"email": "ana@example.com"})
    ChatSession.unscoped.update(started_at=timezone.now() - LATER, page_url="https://evil.example/?login")
    return chat_of(claim)


def answers(chat: ChatSession, bob: Member, text: str) -> None:
    messages.post_agent_message(chat.pk, agent_of(bob), text)


def pass_time() -> int:
    VisitorMail.objects.filter(due_at__isnull=False).update(due_at=timezone.now() - timedelta(seconds=1))
    return visitor_mails.send_due()


def test_what_was_not_seen_is_mailed_once_and_what_follows_with_the_next(
    chat: ChatSession, bob: Member, claim: VisitorClaim
) -> None:
    answers(chat, bob, "At nine.")
    answers(chat, bob, "Or at ten.")
    assert visitor_mails.send_due() == 0, "the visitor has some minutes to read it in the chat"
    assert (pass_time(), pass_time()) == (1, 0)
    (sent,) = outbox.outbox
    assert (sent.to, sent.subject) == (["ana@example.com"], "An answer from Acme Shop")
    assert "Bob:\nAt nine.\n\nBob:\nOr at ten." in sent.body
    assert "evil.example" not in sent.body, "the page is what a visitor called it"
    answers(chat, bob, "See you")
    assert pass_time() == 1
    assert "At nine" not in outbox.outbox[1].body
    answers(chat, bob, "Seen")
    chats.note_visitor_seen(claim, chat.pk, 99)
    assert pass_time() == 0


def test_an_answer_that_is_given_while_a_mail_goes_out_is_owed(
    chat: ChatSession, bob: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = EmailMessage.send

    def answer_and_send(mail: EmailMessage) -> None:
        answers(chat, bob, "Or at ten.")
        send(mail)

    monkeypatch.setattr(EmailMessage, "send", answer_and_send)
    answers(chat, bob, "At nine.")
    assert pass_time() == 1
    monkeypatch.undo()
    assert pass_time() == 1
    assert ["At nine" in mail.body for mail in outbox.outbox] == [True, False]
    assert "Or at ten." in outbox.outbox[1].body


def test_a_worker_that_dies_after_sending_does_not_send_again(
    chat: ChatSession, bob: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = EmailMessage.send

    def send_and_die(mail: EmailMessage) -> None:
        send(mail)
        raise KeyboardInterrupt

    monkeypatch.setattr(EmailMessage, "send", send_and_die)
    answers(chat, bob, "At nine.")
    with pytest.raises(KeyboardInterrupt):
        pass_time()
    monkeypatch.undo()
    assert pass_time() == 0
    assert len(outbox.outbox) == 1


def test_what_the_mail_server_refuses_is_tried_again_some_times_and_goes_with_the_next_answer(
    chat: ChatSession, bob: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(mail: EmailMessage) -> None:
        tried.append(mail)
        raise SMTPServerDisconnected

    tried: list[EmailMessage] = []
    monkeypatch.setattr(EmailMessage, "send", refuse)
    answers(chat, bob, "At nine.")
    assert [pass_time() for _ in range(7)] == [0] * 7
    assert len(tried) == 5
    monkeypatch.undo()
    answers(chat, bob, "Or at ten.")
    assert pass_time() == 1
    assert "At nine." in outbox.outbox[0].body


def test_of_the_page_a_mail_names_only_what_is_the_owners_own(chat: ChatSession, settings: Settings) -> None:
    site = chat.site
    site.allowed_origins = ["https://acme.example"]
    trying = f"{settings.CONSOLE_URL}/console/sites/{site.pk}/try"
    shown = {
        "https://acme.example/boots/red_1.html#top": "https://acme.example/boots/red_1.html",
        "https://acme.example/boots?text=Win+at+evil.example": "https://acme.example/boots",
        "https://acme.example/": "https://acme.example/",
        "https://acme.example": "https://acme.example",
        "https://acme.example/Win a prize at https://evil.example": "https://acme.example",
        f"https://acme.example/{'long/' * 40}": "https://acme.example",
        "https://acme.example@evil.example/": "",
        "https://acme.example.evil.example/": "",
        "https://evil.example/https://acme.example/": "",
        "javascript:alert(1)": "",
        f"{settings.PUBLIC_URL}/login?next=evil.example": "",
        f"{settings.PUBLIC_URL}/demo": "",
        f"{trying}?x": trying,
    }
    for called, page in shown.items():
        chat.page_url = called
        assert (called, visitor_mails.page_of(chat)) == (called, page)
    settings.DEMO, chat.page_url = True, f"{settings.PUBLIC_URL}/demo"
    assert visitor_mails.page_of(chat) == chat.page_url


def test_who_is_there_is_not_mailed_and_withdrawn_words_are_not(
    chat: ChatSession, bob: Member, claim: VisitorClaim
) -> None:
    answers(chat, bob, "Wrong window")
    note_visits([chat.pk])
    assert pass_time() == 0
    assert VisitorMail.objects.filter(due_at__isnull=False).exists(), "later, once they have left"
    chat.visit.delete()
    line = chat.messages.get(body="Wrong window")
    changes.withdraw_by_agent(chat.pk, line.pk, agent_of(bob))
    assert pass_time() == 0
    assert outbox.outbox == []


def test_a_link_of_the_mail_stops_them_for_whoever_presses_it(
    chat: ChatSession, bob: Member, client: Client
) -> None:
    answers(chat, bob, "At nine.")
    pass_time()
    path = next(urlsplit(word).path for word in outbox.outbox[0].body.split() if "/mail/stop/" in word)
    answers(chat, bob, "Still there?")
    assert client.get(path).status_code == 200
    chat.visitor.refresh_from_db()
    assert chat.visitor.mail_stopped_at is None, "programs that look at links stop nothing"
    assert "No more mails" in client.post(path).content.decode()
    assert pass_time() == 0
    assert client.post(f"{path}x").status_code == 404


def another_chat(site: Site, address: str) -> ChatSession:
    claim = newcomer(site)
    say(claim)
    take_form(claim, {"email": address})
    ChatSession.unscoped.update(started_at=timezone.now() - LATER)
    return chat_of(claim)


def test_an_address_that_wants_no_mails_gets_none_whoever_writes_it_into_another_chat(
    chat: ChatSession, bob: Member, mallory: Member, client: Client
) -> None:
    answers(chat, bob, "At nine.")
    pass_time()
    path = next(urlsplit(word).path for word in outbox.outbox[0].body.split() if "/mail/stop/" in word)
    erase_visitor(bob, chat.visitor_id)
    client.post(path)
    answers(another_chat(chat.site, "Ana@Example.com"), bob, "Who are you?")
    assert pass_time() == 0
    answers(another_chat(shop_of(mallory), "ana@example.com"), mallory, "Of another company")
    assert pass_time() == 1
    assert "ana@example" not in repr(list(MailStop.unscoped.values()))


def test_one_address_gets_few_mails_a_day_however_many_chats_it_is_written_into(
    chat: ChatSession, bob: Member
) -> None:
    for address in ("ana@example.com", "ANA@example.com", "Ana@Example.com", "ana@example.COM"):
        answers(another_chat(chat.site, address), bob, "At nine.")
    assert pass_time() == 3
    assert VisitorMail.objects.filter(due_at__gt=timezone.now() + LATER).count() == 1
    answered = another_chat(chat.site, "ana@example.com")
    answers(answered, bob, "At nine.")
    chats.close_chat(answered.pk)
    assert pass_time() == 0
    assert not VisitorMail.objects.filter(due_at__isnull=False, kind="rating").exists(), "too late to ask"


def test_nobody_is_asked_how_a_chat_was_in_which_nobody_answered(chat: ChatSession) -> None:
    chats.close_chat(chat.pk)
    assert (pass_time(), outbox.outbox) == (0, [])


def test_a_mail_program_stops_them_by_itself(server: Served, alice: Member, bob: Member) -> None:
    claim = newcomer(shop_of(alice))
    say(claim)
    take_form(claim, {"email": "ana@example.com"})
    ChatSession.unscoped.update(started_at=timezone.now() - LATER)
    answers(chat_of(claim), bob, "At nine.")
    pass_time()
    headers = outbox.outbox[0].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    parts = urlsplit(headers["List-Unsubscribe"].strip("<>"))
    address = f"{server.url}{parts.path}?{parts.query}"
    assert web.get(address, follow_redirects=False).status_code == 303
    assert chat_of(claim).visitor.mail_stopped_at is None
    assert web.post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert chat_of(claim).visitor.mail_stopped_at is not None
    assert web.post(f"{address}x").status_code == 404


def test_a_rating_is_asked_for_and_given_by_the_mails_link(
    chat: ChatSession, bob: Member, claim: VisitorClaim, client: Client
) -> None:
    answers(chat, bob, "At nine.")
    chats.note_visitor_seen(claim, chat.pk, 99)
    chats.close_chat(chat.pk)
    assert pass_time() == 1
    link = next(word for word in outbox.outbox[0].body.split() if "/mail/rate/" in word)
    path = urlsplit(link).path
    assert "How was this chat?" in client.get(path).content.decode()
    assert client.post(path, {"comment": "No stars"}).status_code == 422
    assert "Thank you" in client.post(path, {"stars": "5", "comment": "Kind"}).content.decode()
    assert (chat_of(claim).rating, chat_of(claim).rating_comment) == (5, "Kind")
    messages.post_visitor_message(claim, draft("Hello again"))
    ChatSession.unscoped.update(rated_at=timezone.now() - timedelta(days=2))
    late = client.post(path, {"stars": "1"})
    assert (late.status_code, "more than a day ago" in late.content.decode()) == (409, True)
    assert client.get(f"{path}x").status_code == 404


def test_who_rated_in_the_widget_or_left_no_address_is_not_asked(
    chat: ChatSession, bob: Member, claim: VisitorClaim
) -> None:
    answers(chat, bob, "At nine.")
    chats.note_visitor_seen(claim, chat.pk, 99)
    chats.close_chat(chat.pk)
    ChatSession.unscoped.filter(pk=chat.pk).update(rating=4, rated_at=timezone.now())
    assert (pass_time(), outbox.outbox) == (0, [])


def test_an_owner_who_wants_no_mails_sends_none(chat: ChatSession, bob: Member, site: Site) -> None:
    Site.unscoped.filter(pk=site.pk).update(away={"mail_after": 0})
    answers(chat, bob, "At nine.")
    assert not VisitorMail.objects.exists()
