"""C2: full-text search over messages, notes, names and pages; the same on both databases."""

import random
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.access import agent_of
from accounts.models import Member
from livechat.actions import changes, erasure, messages, searching
from livechat.actions.chats import close_chat
from livechat.actions.searching import index_batch, index_due, is_any_due
from livechat.models import ChatSession, ChatTag, Message, SearchDue, SearchLine, Site, Tag
from livechat.search import finding
from livechat.search.finding import Answer, Search
from livechat.search.language import read
from livechat.tokens import VisitorClaim
from tests.cast import chat_of, grown_chat, newcomer, say, say_with, shop_of, uploaded


def ask(member: Member, typed: str, before: int | None = None) -> Answer:
    index_due()
    return Search(member.workspace, read(typed, UTC)).page(before)


def found(member: Member, typed: str) -> list[str]:
    """What the messages say that answer, the newest first."""
    hits = ask(member, typed).hits
    bodies = {one.pk: one.body for one in Message.objects.in_workspace(member.workspace)}
    return [bodies[pk] for hit in hits for pk in hit.messages]


def named(member: Member, typed: str) -> set[uuid.UUID]:
    return {hit.chat_id for hit in ask(member, typed).named}


@pytest.fixture
def spoken(alice: Member, bob: Member, site: Site) -> ChatSession:
    claim = newcomer(site)
    say(claim, "Where is my parcel? The red boots never arrived")
    chat = chat_of(claim)
    messages.post_agent_message(chat.pk, agent_of(bob), "Sorry, the parcel is late. We refund it")
    messages.post_note(chat.pk, agent_of(bob), "Third parcel lost this week, tell the courier")
    ChatTag.unscoped.create(chat=chat, tag=Tag.unscoped.create(workspace=site.workspace, name="Lost"))
    return chat


ANSWERS = {
    "parcel": 3,
    "PARCEL boots": 1,
    '"red boots"': 1,
    '"boots red"': 0,
    "parcel -boots": 2,
    'parcel -"red boots"': 2,
    "par": 3,
    "pa": 0,
    "par boots": 0,
    "from:visitor parcel": 1,
    "from:agent parcel": 2,
    "from:note": 1,
    "is:open parcel": 3,
    "is:closed parcel": 0,
    "site:shop parcel": 3,
    'site:"Acme Shop" parcel': 3,
    "site:elsewhere parcel": 0,
    "tag:lost parcel": 3,
    "tag:found parcel": 0,
    "has:file parcel": 0,
    "after:2020 parcel": 3,
    "before:2020-02 parcel": 0,
    "parcel from:nobody": 3,
}


def test_each_way_of_asking_finds_what_it_says(spoken: ChatSession, alice: Member) -> None:
    assert {typed: len(found(alice, typed)) for typed in ANSWERS} == ANSWERS


def test_accents_apostrophes_and_scripts_without_spaces_are_found(site: Site, alice: Member) -> None:
    said = [
        "Où est mon colis à Zürich?",
        "I can’t find it",
        "青いブーツはありますか",
        "Straße ЖЁЛТЫЙ",
        "me@shop.example",
    ]
    for line in said:
        say(newcomer(site), line)
    asked = ["ou zurich", "cant", "ブーツ", "STRASSE жёлтый", "shop.example"]
    assert [found(alice, typed) for typed in asked] == [[line] for line in said]


def test_a_visitors_page_is_found_and_comes_first(spoken: ChatSession, alice: Member) -> None:
    ChatSession.unscoped.filter(pk=spoken.pk).update(
        page_title="Winter sale", page_url="https://a.example/boots"
    )
    assert named(alice, "winter sale") == {spoken.pk}
    type(spoken.visitor).unscoped.filter(pk=spoken.visitor_id).update(name="Ana Adler")
    assert named(alice, "adler") == {spoken.pk}
    assert named(alice, "from:visitor adler") == set()


def test_files_are_found_by_their_names(site: Site, alice: Member) -> None:
    claim = newcomer(site)
    say_with(claim, uploaded(claim, "invoice-4711.txt"), text="Here it is")
    assert found(alice, "4711") == found(alice, "has:file") == ["Here it is"]


def test_mallory_finds_nothing_of_acme(spoken: ChatSession, alice: Member, mallory: Member) -> None:
    shop_of(mallory, "Acme Shop")
    assert found(alice, "parcel")
    assert ask(mallory, "parcel") == ask(mallory, "site:acme parcel") == Answer([], [])


def test_an_edit_is_found_by_its_new_words_alone(claim: VisitorClaim, alice: Member) -> None:
    message = say(claim, "The green lamp")
    assert found(alice, "green")
    changes.edit_by_visitor(claim, message.pk, "The yellow lamp")
    # the old words are gone with the commit, not with the index
    assert not SearchLine.unscoped.filter(message=message).exists()
    assert (found(alice, "green"), found(alice, "yellow")) == ([], ["The yellow lamp"])
    changes.withdraw_by_visitor(claim, message.pk)
    assert found(alice, "yellow") == found(alice, "lamp") == []


def words_in_the_index() -> bytes:
    """All that the database keeps of lines and their index, as it lies there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM livechat_searchline")
        kept = "\n".join(str(row[0]) for row in cursor.fetchall()).encode()
        if connection.vendor == "sqlite":
            cursor.execute("SELECT block FROM livechat_searchwords_data")
            kept += b"".join(row[0] for row in cursor.fetchall())
    return kept


@pytest.mark.django_db(transaction=True)
def test_an_erased_visitor_leaves_no_word_in_the_index(site: Site, alice: Member) -> None:
    stays, goes = newcomer(site), newcomer(site)
    say(stays, "A lamp for the kitchen")
    message = say(goes, "Xylophone of my grandmother")
    index_due()
    assert b"xylophone" in words_in_the_index()
    erasure.erase_visitor(alice, message.chat.visitor_id)
    for _ in range(9):
        index_due()
    assert not is_any_due()
    left = words_in_the_index()
    assert b"xylophone" not in left
    assert b"grandmother" not in left
    assert found(alice, "kitchen") == ["A lamp for the kitchen"]


def test_each_chat_stands_on_one_page(site: Site, alice: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "CHATS", 2)
    claims = [newcomer(site) for _ in range(5)]
    for number in range(3):
        for claim in claims:
            say(claim, f"Lamp number {number}")
    pages, before = [], None
    while True:
        answer = ask(alice, "lamp", before)
        pages.append([hit.chat_id for hit in answer.hits])
        if (before := answer.further) is None:
            break
    newest_first = [chat_of(claim).pk for claim in reversed(claims)]
    assert [pk for page in pages for pk in page] == newest_first
    assert all(len(page) <= 2 for page in pages)


def test_what_is_rare_is_found_behind_much_that_is_not(
    site: Site, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "LOOKS", (10, 25))
    monkeypatch.setattr(finding, "PART", 5)
    say(newcomer(site), "A xylophone, and a line of it")
    grown_chat(site, 40)
    assert found(alice, "xylophone") == ["A xylophone, and a line of it"]
    assert len(ask(alice, "line").hits) == 2


def test_a_page_ends_where_enough_was_looked_at(
    site: Site, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "MOST", 20)
    monkeypatch.setattr(finding, "PART", 10)
    say(newcomer(site), "The first line")
    grown_chat(site, 40)
    first = ask(alice, "line")
    assert len(first.hits) == 1
    assert first.further is not None
    rest = [first]
    while rest[-1].further is not None:
        rest.append(ask(alice, "line", rest[-1].further))
    assert [len(page.hits) for page in rest] == [1] + [0] * (len(rest) - 2) + [1]


def test_nothing_typed_is_an_error(spoken: ChatSession, alice: Member) -> None:
    dice = random.Random(7)
    signs = """ " ' - : * ( ) & | ! < > \\ % _ # ; ^ ~ { } [ ] , . / 0 parcel boots AND OR NOT NEAR from: is: before:
    after: site: tag: 2026-13-99 9999 \0 é 青 İ ß ' OR 1=1 -- #w #agent words: rowid """.split(" ")
    for _ in range(300):
        typed = "".join(dice.choice(signs) + dice.choice(["", " "]) for _ in range(dice.randint(1, 12)))
        ask(alice, typed)
    ask(alice, "a" * 100_000)
    ask(alice, '"' * 5000 + "-" * 5000)
    assert found(alice, "parcel #agent") == []


def test_what_is_left_out_is_said() -> None:
    assert read("lamp from:nobody before:soon", UTC).hints == [
        "“from:nobody” was left out. Type from:visitor, from:agent or from:note.",
        "“before:soon” was left out. Type a day such as before:2026-03-31, or a month or a year.",
    ]
    assert read("a b c d e f g h i j k l m n", UTC).hints == ["Only the first 12 words are looked for."]


def test_a_line_is_indexed_once_however_often_it_is_due(claim: VisitorClaim, alice: Member) -> None:
    message = say(claim, "A lamp")
    for _ in range(3):
        SearchDue.objects.create(chat_id=message.chat_id, message_id=message.pk)
    assert index_due()
    assert not is_any_due()
    assert SearchLine.unscoped.filter(message=message).count() == 1


def test_the_last_few_lines_do_not_make_the_index_wait_for_more(
    claim: VisitorClaim, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[int] = []

    def batch(at_once: int) -> int:
        batches.append(index_batch(at_once))
        return batches[-1]

    monkeypatch.setattr(searching, "index_batch", batch)
    message = say(claim, "A lamp")
    SearchDue.objects.all().delete()
    for _ in range(5):
        SearchDue.objects.create(chat_id=message.chat_id, message_id=message.pk)
    assert index_due(at_once=2) == 5
    assert batches == [2, 2, 1]


def test_what_goes_before_it_was_indexed_is_never_found(claim: VisitorClaim, alice: Member) -> None:
    message = say(claim, "A lamp")
    erasure.erase_visitor(alice, message.chat.visitor_id)
    assert found(alice, "lamp") == []
    assert not SearchLine.unscoped.exists()


def test_what_is_rolled_back_is_not_due(claim: VisitorClaim) -> None:
    with transaction.atomic():
        say(claim, "A lamp")
        transaction.set_rollback(True)
    assert not is_any_due()


def test_two_things_of_one_moment_are_both_found(site: Site, alice: Member) -> None:
    one, other = say(newcomer(site), "First lamp"), say(newcomer(site), "Second lamp")
    Message.unscoped.filter(pk__in=[one.pk, other.pk]).update(created_at=timezone.now())
    index_due()
    assert sorted(found(alice, "lamp")) == ["First lamp", "Second lamp"]


def test_days_are_the_readers_own(claim: VisitorClaim, alice: Member) -> None:
    message = say(claim, "A lamp")
    long_ago = datetime(2024, 3, 31, 23, 30, tzinfo=UTC)
    Message.unscoped.filter(pk=message.pk).update(created_at=long_ago)
    assert found(alice, "after:2024-03-30 before:2024-04-01 lamp") == ["A lamp"]
    assert found(alice, "after:2024-03-31 lamp") == []
    east = timezone.get_fixed_timezone(timedelta(hours=1))
    assert Search(alice.workspace, read("after:2024-03-31 lamp", east)).page(None).hits


def test_closing_is_known_at_once(spoken: ChatSession, alice: Member) -> None:
    assert found(alice, "is:open boots")
    close_chat(spoken.pk)
    assert (found(alice, "is:open boots"), len(found(alice, "is:closed boots"))) == ([], 1)
