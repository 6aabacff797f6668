"""C3, W6, W7, W8: an owner chooses what visitors are asked before, beside and after a chat."""

from typing import Any

import pytest

from accounts.models import AuditEntry, Member
from livechat import away, questions
from livechat.actions import chats, rating
from livechat.actions.answering import take_form
from livechat.away import Away
from livechat.doors import config_of
from livechat.models import Site
from livechat.questions import Kind
from tests.cast import chat_of, newcomer, say
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db


def posted(*rows: dict[str, str], **others: Any) -> dict[str, Any]:
    """As the page sends it; rows in their order, numbered as they were made."""
    fields = {f"q{place}-{name}": value for place, row in enumerate(rows) for name, value in row.items()}
    numbers = [str(place) for place in range(len(rows))]
    return {"question": numbers, "mail_after": "15", **fields, **others}


NAME = {"kind": "name", "label": "Your name"}
TOPIC = {
    "kind": "select",
    "label": "Topic",
    "options": "Boots\nHats\nBoots",
    "required": "on",
    "key": "q_0a1b2c3d",
}


def test_what_is_asked_is_saved_in_its_order_and_reaches_the_widget(
    client_of: ClientOf, alice: Member, shop: Site
) -> None:
    sent = posted(NAME, TOPIC, {"kind": "text", "label": " "}, intro="So that we know you", ask_email="on")
    page = client_of(alice).post(
        f"/console/sites/{shop.id}/form", sent | {"question": ["1", "0", "2"]}, follow=True
    )
    assert "Visitors meet it" in page.content.decode()
    shop.refresh_from_db()
    form = questions.of(shop)
    assert [(one.key, one.kind, one.options) for one in form.questions] == [
        ("q_0a1b2c3d", Kind.SELECT, ("Boots", "Hats")),
        ("name", Kind.TEXT, ()),
    ]
    told = config_of(shop)
    assert (told["form"]["intro"], told["form"]["questions"][1]["label"]) == (
        "So that we know you",
        "Your name",
    )
    assert (away.of(shop), told["rates"]) == (Away(False, True, 15), False)
    assert AuditEntry.objects.in_workspace(alice.workspace).filter(verb="site.form_changed").count() == 1


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (posted(NAME, NAME), "is asked for already"),
        (posted({"kind": "select", "label": "Topic", "options": "One"}), "Write two to 12 answers"),
        (posted({"kind": "spell", "label": "Topic"}), "Choose what kind of answer"),
        (posted({"kind": "text", "label": "x" * 101}), "within 100 characters"),
        (posted(*[{"kind": "text", "label": "Why?"}] * 9), "At most 8 questions"),
        (posted(consent="I agree", consent_url="javascript:alert(1)"), "Write the whole address"),
        (posted(mail_after="3"), "not one of the available choices"),
    ],
)
def test_what_cannot_be_asked_is_said_and_nothing_is_saved(
    client_of: ClientOf, alice: Member, shop: Site, sent: dict[str, Any], sentence: str
) -> None:
    answer = client_of(alice).post(f"/console/sites/{shop.id}/form", sent)
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    shop.refresh_from_db()
    assert shop.form == {}


def test_answers_and_stars_are_shown_with_the_chat_and_in_the_list(
    client_of: ClientOf, bob: Member, shop: Site
) -> None:
    claim = newcomer(shop)
    take_form(claim, {"name": "Ana", "email": "ana@example.com"})
    say(claim)
    rating.rate(chats.close_chat(chat_of(claim).pk).pk, 4, "<b>Quick</b>")
    page = client_of(bob).get(f"/console/chats/{chat_of(claim).pk}").content.decode()
    assert '<dd dir="auto">ana@example.com</dd>' in page
    assert "&lt;b&gt;Quick&lt;/b&gt;" in page
    assert 'aria-label="4 of 5 stars"' in client_of(bob).get("/console/chats?tab=closed").content.decode()


def test_agents_read_and_do_not_change_and_others_find_nothing(
    client_of: ClientOf, bob: Member, mallory: Member, shop: Site
) -> None:
    address = f"/console/sites/{shop.id}/form"
    page = client_of(bob).get(address)
    assert page.status_code == 200
    assert "data-more-questions" not in page.content.decode()
    assert client_of(bob).post(address, posted(NAME)).status_code == 403
    assert client_of(mallory).get(address).status_code == 404
    assert client_of(mallory).post(address, posted(NAME)).status_code == 404
