"""W6: what a visitor answers before the chat is kept once, with the visitor; without a consent nothing is."""

import re
import uuid
from typing import Any

import pytest

from accounts.errors import Refused
from accounts.models import Member
from livechat import questions
from livechat.actions import erasure
from livechat.actions.answering import take_form
from livechat.models import Site, Visitor
from livechat.questions import Form, Kind, Question
from livechat.tokens import VisitorClaim
from tests.cast import chat_of, newcomer, say, shop_of
from tests.serving import Served

ABOUT = Form(
    questions=(
        Question("name", Kind.TEXT, "Your name"),
        Question("email", Kind.EMAIL, "E-mail", required=True),
        Question("topic", Kind.SELECT, "What is it about?", options=("Boots", "Hats")),
        Question("news", Kind.CHECKBOX, "Send me news"),
    )
)
ANSWERS = {"name": "Ana", "email": "ana@example.com", "topic": "Boots", "news": True}


def asks(site: Site, form: Form) -> Site:
    site.form = form.row()
    Site.unscoped.filter(pk=site.pk).update(form=site.form)
    return site


def known(claim: VisitorClaim) -> Visitor:
    return Visitor.unscoped.get(pk=claim.visitor_id)


def test_what_is_asked_is_the_same_after_it_was_stored(site: Site) -> None:
    assert questions.of(asks(site, ABOUT)) == ABOUT
    assert questions.of(asks(site, Form())) == Form()


def test_answers_are_kept_with_the_visitor_however_often_they_are_sent(
    site: Site, claim: VisitorClaim
) -> None:
    asks(site, ABOUT)
    for _ in range(2):
        take_form(claim, ANSWERS)
    visitor = known(claim)
    assert (visitor.name, visitor.email) == ("Ana", "ana@example.com")
    assert [(one["label"], one["value"]) for one in visitor.answers] == [
        ("What is it about?", "Boots"),
        ("Send me news", "Yes"),
    ]
    say(claim)
    assert chat_of(claim).visitor.display_name == "Ana"


def test_a_question_is_told_with_its_answer_and_without_a_colon(site: Site, claim: VisitorClaim) -> None:
    asks(site, ABOUT)
    take_form(claim, ANSWERS)
    assert known(claim).said_in_lines == [
        "E-mail: ana@example.com",
        "What is it about? Boots",
        "Send me news: Yes",
    ]


@pytest.mark.parametrize(
    ("fields", "code", "word"),
    [
        ({"name": "Ana"}, "refused", "“E-mail”"),
        ({"email": "ana"}, "refused", "e-mail address"),
        ({"email": "ana@example.com", "topic": "Ships"}, "refused", "“What is it about?”"),
        ({"email": ["ana@example.com"]}, "bad_frame", "text"),
        ({"email": "ana@example.com", "name": "A\x00"}, "bad_frame", "text"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_and_nothing_is_stored(
    site: Site, claim: VisitorClaim, fields: dict[str, Any], code: str, word: str
) -> None:
    asks(site, ABOUT)
    with pytest.raises(Refused, match=re.escape(word)) as refused:
        take_form(claim, fields)
    assert refused.value.code == code
    assert not Visitor.unscoped.exists()


def test_what_is_not_asked_any_more_is_left_out(site: Site, claim: VisitorClaim) -> None:
    take_form(claim, {"name": "Ana", "shoe_size": "39"})
    assert (known(claim).name, known(claim).answers) == ("Ana", [])


def test_an_address_left_in_the_middle_of_a_chat_needs_no_whole_form(site: Site, claim: VisitorClaim) -> None:
    say(claim)
    asks(site, Form(questions=(*ABOUT.questions, Question("q", Kind.TEXT, "Company", required=True))))
    take_form(claim, {"email": "ana@example.com"})
    assert (known(claim).email, known(claim).answered_at) == ("ana@example.com", None)


def test_a_form_that_was_left_out_loses_no_message(site: Site, claim: VisitorClaim) -> None:
    asks(site, ABOUT)
    assert say(claim).seq == 1


def test_without_consent_nothing_is_stored_and_with_it_the_same_message_goes(
    site: Site, claim: VisitorClaim
) -> None:
    asks(site, Form(consent="I agree that my data is used to answer me."))
    key = uuid.uuid4()
    for act in (lambda: say(claim, "Hello", key), lambda: take_form(claim, {"name": "Ana"})):
        with pytest.raises(Refused, match="agree") as refused:
            act()
        assert refused.value.code == "refused"
    assert not Visitor.unscoped.exists()
    take_form(claim, {"consent": True})
    assert known(claim).consent == "I agree that my data is used to answer me."
    assert say(claim, "Hello", key).seq == 1


def test_answers_go_with_the_visitor(site: Site, claim: VisitorClaim, alice: Member) -> None:
    asks(site, ABOUT)
    take_form(claim, ANSWERS)
    say(claim)
    erasure.erase_visitor(alice, claim.visitor_id)
    assert not Visitor.unscoped.filter(email="ana@example.com").exists()


def test_a_blocked_visitor_and_a_stranger_with_their_id_are_refused(
    site: Site, claim: VisitorClaim, bob: Member
) -> None:
    say(claim)
    Visitor.unscoped.filter(pk=claim.visitor_id).update(blocked_at=chat_of(claim).started_at)
    with pytest.raises(Refused):
        take_form(claim, {"name": "Ana"})
    Visitor.unscoped.filter(pk=claim.visitor_id).update(blocked_at=None)
    stolen = VisitorClaim(site.pk, claim.visitor_id, "0" * 64, "vt_stolen")
    with pytest.raises(Refused):
        take_form(stolen, {"name": "Mallory"})
    assert known(claim).name == ""


def test_over_the_socket_the_form_is_done_and_a_later_hello_says_so(server: Served, alice: Member) -> None:
    site = asks(shop_of(alice), ABOUT)
    token = newcomer(site).visitor_token
    hello = {"type": "hello", "protocol": 1, "site": site.public_token, "visitor_token": token}
    with server.socket() as socket:
        socket.send(**hello)
        assert socket.hear()["visitor"] == {"answered": False, "consented": False, "email": False}
        socket.send(type="form", fields={"name": "Ana"})
        assert socket.hear()["code"] == "refused"
        socket.send(type="form", fields={str(number): "x" for number in range(21)})
        assert socket.hear()["code"] == "bad_frame"
        socket.send(type="form", fields=ANSWERS)
        assert socket.hear() == {"type": "done", "of": "form"}
    with server.socket() as socket:
        socket.send(**hello)
        assert socket.hear()["visitor"] == {"answered": True, "consented": False, "email": True}
