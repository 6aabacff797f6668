"""A visitor writes (W3): stored once, in order, answered only for what is stored."""

import threading
import uuid

import pytest
from django.db import connections

from accounts.errors import NotFound
from accounts.models import Workspace
from livechat.actions import chats, messages
from livechat.models import ChatSession, Message, Site, Visitor
from livechat.protocol import Page
from livechat.tokens import VisitorClaim
from tests.cast import chat_of, draft, lines_of, newcomer, nothing_was_written, say


def test_the_first_message_writes_visitor_and_chat(claim: VisitorClaim) -> None:
    assert not Visitor.unscoped.exists()
    message = say(claim, "Do you ship to Norway?")
    chat = chat_of(claim)
    assert (message.seq, message.rev, message.body) == (1, 1, "Do you ship to Norway?")
    assert (chat.status, chat.last_seq, chat.last_rev, chat.previous) == ("open", 1, 1, None)


def test_the_row_keeps_a_hash_of_the_visitor_token_and_not_the_token(claim: VisitorClaim) -> None:
    say(claim)
    kept = Visitor.unscoped.get()
    assert kept.token_hash == claim.token_hash
    assert claim.visitor_token not in str(kept.__dict__)


def test_seq_and_rev_have_no_gaps(claim: VisitorClaim) -> None:
    for number in range(5):
        say(claim, str(number))
    rows = list(Message.unscoped.order_by("seq").values_list("seq", "rev", "body"))
    assert rows == [(n + 1, n + 1, str(n)) for n in range(5)]


def test_sending_again_with_the_same_id_is_harmless(claim: VisitorClaim) -> None:
    key = uuid.uuid4()
    first, again = say(claim, "Hello", key), say(claim, "Hello", key)
    assert (first.pk, first.seq, first.rev) == (again.pk, again.seq, again.rev)
    assert lines_of(chat_of(claim)) == ["Hello"]


def test_a_repeat_keeps_the_first_words(claim: VisitorClaim) -> None:
    key = uuid.uuid4()
    say(claim, "first", key)
    assert say(claim, "second", key).body == "first"


def test_a_repeat_after_the_close_answers_the_old_message_and_starts_no_chat(claim: VisitorClaim) -> None:
    key = uuid.uuid4()
    first = say(claim, "Hello", key)
    chats.close_chat(first.chat_id)
    again = say(claim, "Hello", key)
    assert (again.pk, again.chat_id) == (first.pk, first.chat_id)
    assert ChatSession.unscoped.count() == 1


def test_a_repeat_of_an_old_chats_message_does_not_enter_the_new_chat(claim: VisitorClaim) -> None:
    key = uuid.uuid4()
    first = say(claim, "Hello", key)
    chats.close_chat(first.chat_id)
    say(claim, "New question")
    assert say(claim, "Hello", key).pk == first.pk
    assert lines_of(chat_of(claim)) == ["New question"]


def test_a_message_after_the_close_starts_a_chat_linked_to_the_old_one(claim: VisitorClaim) -> None:
    old = say(claim).chat_id
    chats.close_chat(old)
    message = say(claim, "One more thing")
    assert (message.seq, message.rev) == (1, 1)
    assert message.chat_id != old
    assert chat_of(claim).previous_id == old


def test_two_visitors_may_use_the_same_client_message_id(site: Site) -> None:
    key = uuid.uuid4()
    one, two = newcomer(site), newcomer(site)
    assert say(one, "one", key).pk != say(two, "two", key).pk


def test_a_token_that_is_not_the_one_on_the_row_writes_nothing(claim: VisitorClaim, acme: Workspace) -> None:
    say(claim, "mine")
    other = VisitorClaim(claim.site_id, claim.visitor_id, "0" * 64, "vt_other")
    with pytest.raises(NotFound):
        say(other, "not mine")
    assert lines_of(chat_of(claim)) == ["mine"]


def test_a_claim_of_another_site_writes_nothing(
    claim: VisitorClaim, globex_site: Site, globex: Workspace
) -> None:
    say(claim, "at Acme")
    astray = VisitorClaim(globex_site.pk, claim.visitor_id, claim.token_hash, claim.visitor_token)
    chats.close_chat(chat_of(claim).pk)
    with pytest.raises(NotFound):
        say(astray, "at Globex")
    assert nothing_was_written(globex)


def test_where_the_visitor_is_is_kept_with_the_chat(claim: VisitorClaim) -> None:
    page = Page("https://shop.example/chairs", "Chairs", "https://search.example/")
    messages.post_visitor_message(
        claim, messages.VisitorDraft(uuid.uuid4(), "Hi", page, "en-GB", "Europe/Vilnius")
    )
    chat = chat_of(claim)
    assert (chat.page_url, chat.page_title, chat.referrer) == (page.url, page.title, page.referrer)
    assert (chat.locale, chat.timezone) == ("en-GB", "Europe/Vilnius")


def together(claim: VisitorClaim, keys: list[uuid.UUID]) -> list[Message]:
    """Every key sent from a tab of its own, all at once."""
    found: list[Message] = []
    problems: list[BaseException] = []
    start = threading.Barrier(len(keys))

    def tab(key: uuid.UUID) -> None:
        try:
            start.wait(5)
            found.append(messages.post_visitor_message(claim, draft("Hello", key)))
        except BaseException as problem:  # noqa: BLE001 - told below, a thread cannot raise into the test
            problems.append(problem)
        finally:
            connections.close_all()

    tabs = [threading.Thread(target=tab, args=(key,)) for key in keys]
    for one in tabs:
        one.start()
    for one in tabs:
        one.join(20)
    assert not problems
    return found


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_start_at_once_share_one_chat(site: Site) -> None:
    claim = newcomer(site)
    found = together(claim, [uuid.uuid4() for _ in range(4)])
    assert len({message.chat_id for message in found}) == 1
    assert sorted(message.seq or 0 for message in found) == [1, 2, 3, 4]
    assert ChatSession.unscoped.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_message_from_two_tabs_at_once_is_one_message(site: Site) -> None:
    claim, key = newcomer(site), uuid.uuid4()
    found = together(claim, [key] * 4)
    assert len({message.pk for message in found}) == 1
    assert Message.unscoped.count() == 1


def test_a_chat_belongs_to_the_workspace_of_its_site(claim: VisitorClaim, site: Site) -> None:
    say(claim)
    assert chat_of(claim).workspace_id == site.workspace_id
