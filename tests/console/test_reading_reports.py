"""C6: the page of reports: what is counted, for which days, sites and people, and its tables as files."""

import csv
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.access import agent_of
from accounts.models import Agent, AuditEntry, Member
from livechat.actions import chats, messages, rating, tagging
from livechat.actions.sites import create_site
from livechat.models import ChatFigures, Site
from livechat.reports.choice import NOT_DAYS, TOO_LONG
from tests.cast import newcomer, say
from tests.conftest import ClientOf

PAGE = "/console/reports"
Counted = Callable[..., ChatFigures]


@pytest.fixture
def counted(shop: Site) -> Counted:
    """A chat of some days ago, as its figures tell of it."""

    def make(
        ago: int = 1, answered: int | None = None, agent: Agent | None = None, **more: object
    ) -> ChatFigures:
        day = timezone.now().date() - timedelta(days=ago)
        kept = {"site": shop, "slot": day.weekday() * 24 + 10, "answered_in_hours": answered, **more}
        return ChatFigures.unscoped.create(day=day, answered_in=answered, agent=agent, **kept)

    return make


@pytest.fixture
def browser(client_of: ClientOf, alice: Member) -> Client:
    return client_of(alice)


def tiles(browser: Client, query: str = "") -> dict[str, str]:
    found = browser.get(f"{PAGE}{query}").context["tiles"]
    return {tile["name"]: plain(tile["value"]) for tile in found}


def plain(words: str) -> str:
    return words.replace("\u00a0", " ")


def table(browser: Client, name: str, query: str = "") -> list[list[str]]:
    response = browser.get(f"{reverse('report_table', args=[name])}{query}")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(StringIO(text, newline="")))


def test_a_chat_is_in_the_reports_as_soon_as_it_happens(shop: Site, browser: Client, bob: Member) -> None:
    assertContains(browser.get(PAGE), "No chats in these days")
    claim = newcomer(shop)
    chat = say(claim, "Is it in stock?").chat
    assert tiles(browser)["Chats"] == "1"
    messages.post_agent_message(chat.pk, agent_of(bob), "It is.")
    chats.close_chat(chat.pk)
    rating.rate(chat.pk, 4, "")
    shown = tiles(browser)
    assert shown["First answer"].endswith(" s")
    assert (shown["Missed"], shown["Rating"]) == ("0", "4.0 of 5")
    rows = table(browser, "chats")
    assert rows[1][:3] == [str(chat.pk), "Acme shop", "Bob"]
    assert rows[1][9:12] == ["1", "1", "4"]


def test_a_tag_is_chosen_like_a_site(shop: Site, browser: Client, bob: Member) -> None:
    chat, _ = say(newcomer(shop)).chat, say(newcomer(shop))
    assertNotContains(browser.get(PAGE), 'name="tag"')
    tag = tagging.tag_named(bob, "Delivery")
    tagging.put_on(chat.pk, tag)
    assert tiles(browser)["Chats"] == "2"
    assert tiles(browser, f"?tag={tag.pk}")["Chats"] == "1"
    assert [row[0] for row in table(browser, "chats", f"?tag={tag.pk}")[1:]] == [str(chat.pk)]


def test_each_tag_has_its_row_and_a_chat_with_two_counts_twice(
    shop: Site, browser: Client, bob: Member, counted: Counted
) -> None:
    assertNotContains(browser.get(PAGE), "By tag")
    both, one, _ = (say(newcomer(shop)).chat for _ in range(3))
    refund, late, _ = (tagging.tag_named(bob, name) for name in ("Refund", "=Late", "Unused"))
    for chat, tag in ((both, refund), (both, late), (one, refund)):
        tagging.put_on(chat.pk, tag)
    messages.post_agent_message(both.pk, agent_of(bob), "On its way.")
    chats.close_chat(both.pk)
    rating.rate(both.pk, 5, "")
    ChatFigures.unscoped.filter(chat=both).update(answered_in=20, answered_in_hours=5, resolved_in=90)
    assert table(browser, "tags")[1:] == [
        ["Refund", "2", "1", "0", "20", "20", "90", "90", "1", "5.0"],
        ["'=Late", "1", "1", "0", "20", "20", "90", "90", "1", "5.0"],
    ]
    assert table(browser, "tags", "?hours=open")[1][4] == "5"
    assertContains(browser.get(PAGE), f"{PAGE}/tags?")
    assertContains(browser.get(f"{PAGE}/tags"), "By tag")
    assertNotContains(browser.get(f"{PAGE}?tag={late.pk}"), f"{PAGE}/tags?")
    assertNotContains(browser.get(f"{PAGE}/tags?tag={late.pk}"), "By tag")
    tagging.delete_tag(bob, late)
    assert [row[0] for row in table(browser, "tags")[1:]] == ["Refund"]


def test_medians_and_the_period_before(counted: Counted, browser: Client) -> None:
    for seconds in (10, 20, 30, 40, 3000):
        counted(1, seconds)
    counted(40, 90)
    counted(40, 90)
    page = browser.get(PAGE)
    shown = {tile["name"]: tile for tile in page.context["tiles"]}
    assert shown["Chats"]["change"] == "150 % more than before"
    assert plain(shown["First answer"]["value"]) == "30 s"
    assert plain(shown["First answer"]["more"]) == "Median; 90 % within 50 min"
    assert plain(shown["First answer"]["change"]) == "1 min faster than before"


def test_missed_is_what_nobody_answered_in_time(counted: Counted, browser: Client) -> None:
    counted(0)
    counted(1)
    counted(2)
    counted(0, None, resolved_in=60)
    counted(5, 100)
    assert tiles(browser)["Missed"] == "2"
    of_today = table(browser, "days")[-1]
    assert of_today[1:] == ["2", "0", "1", "1"]


def test_what_is_chosen_is_what_is_counted(
    counted: Counted, browser: Client, alice: Member, shop: Site
) -> None:
    other = create_site(alice, "Acme blog")
    face = agent_of(alice)
    counted(1, 60, face, answered_in_hours=10)
    counted(1, 60, site=other)
    counted(20, 60)
    counted(80, 60)
    assert tiles(browser)["Chats"] == "3"
    assert tiles(browser, "?period=7")["Chats"] == "2"
    assert tiles(browser, "?period=90")["Chats"] == "4"
    assert tiles(browser, f"?site={other.pk}")["Chats"] == "1"
    assert tiles(browser, f"?agent={face.pk}&hours=open") == {
        "Chats": "1", "First answer": "10 s", "Closed after": "–", "Missed": "0",
    }  # fmt: skip
    day = (timezone.now() - timedelta(days=20)).date().isoformat()
    assert tiles(browser, f"?period=custom&from={day}&to={day}")["Chats"] == "1"
    part = browser.get(f"{PAGE}?period=custom&from={day}&to={day}&site=", headers={"HX-Request": "true"})
    assert part["HX-Push-Url"] == f"{PAGE}?period=custom&from={day}&to={day}"
    assertNotContains(part, "<form")


ODD_DAYS = (
    ("period=custom&from=&to=", NOT_DAYS),
    ("period=custom&from=2026-02-30&to=2026-03-01", NOT_DAYS),
    ("period=custom&from=2026-03-02&to=2026-03-01", NOT_DAYS),
    ("period=custom&from=0001-01-01&to=0001-01-02", NOT_DAYS),
    ("period=custom&from=2020-01-01&to=2026-01-01", TOO_LONG),
    ("period=yesterday", ""),
)


def test_days_that_make_no_sense_are_told_and_the_usual_is_shown(browser: Client, shop: Site) -> None:
    for query, sentence in ODD_DAYS:
        page = browser.get(f"{PAGE}?{query}")
        assertContains(page, sentence)
        assert page.context["choice"].days == 30, query


def test_mallory_sees_nothing_of_acme(
    counted: Counted, client_of: ClientOf, mallory: Member, shop: Site, bob: Member
) -> None:
    counted(1, 60, agent_of(bob))
    hers = client_of(mallory)
    assertContains(hers.get(PAGE), "No chats in these days")
    assert len(table(hers, "chats")) == 1
    for query in (f"site={shop.pk}", f"agent={agent_of(bob).pk}", "site=1", "agent=%00"):
        assert hers.get(f"{PAGE}?{query}").status_code == 404
        assert hers.get(f"{PAGE}/days.csv?{query}").status_code == 404
    assert Client().get(PAGE).status_code == 302


def test_a_viewer_reads_them_and_other_files_there_are_not(
    counted: Counted, client_of: ClientOf, victor: Member
) -> None:
    counted(1, 60)
    browser = client_of(victor)
    assert tiles(browser)["Chats"] == "1"
    assert browser.get(f"{PAGE}/passwords.csv").status_code == 404


def test_every_table_is_a_file_in_which_nothing_runs(
    counted: Counted, browser: Client, bob: Member, shop: Site
) -> None:
    face = agent_of(bob)
    Agent.unscoped.filter(pk=face.pk).update(name='=HYPERLINK("http://evil")')
    Site.unscoped.filter(pk=shop.pk).update(name="@shop")
    counted(1, 60, face, resolved_in=600, rating=5)
    counted(1)
    assert table(browser, "agents")[1] == [
        '\'=HYPERLINK("http://evil")', "1", "1", "0", "60", "60", "600", "600", "1", "5.0",
    ]  # fmt: skip
    assert table(browser, "agents")[2][:2] == ["Nobody", "1"]
    assert table(browser, "sites")[1][:2] == ["'@shop", "2"]
    day = (timezone.now() - timedelta(days=1)).date()
    assert table(browser, "days")[-2] == [day.isoformat(), "2", "1", "0", "1"]
    assert table(browser, "hours")[1 + day.weekday()][11] == "2"
    assert len(table(browser, "chats")) == 1, "these figures have no chats any more"


def test_the_page_asks_the_same_however_many_chats_there_are(counted: Counted, browser: Client) -> None:
    counted(1, 60)
    browser.get(PAGE)
    asked = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            browser.get(PAGE)
        asked.append(len(captured))
        for ago in range(60):
            counted(ago, ago * 7)
    assert asked[0] == asked[1] <= 13


def test_a_year_is_drawn_in_weeks(counted: Counted, browser: Client) -> None:
    counted(1, 60)
    last = timezone.now().date()
    page = browser.get(f"{PAGE}?period=custom&from={last - timedelta(days=364)}&to={last}")
    assertContains(page, "Chats a week")
    assert len(page.context["volume"].bars) in (52, 53)
    assert isinstance(page.context["spans"][0][0], date)
    assert len(page.content) < 200_000
    assertNotContains(page, "style=")


def test_the_list_of_chats_is_taken_along_by_whoever_may_and_noted(
    client_of: ClientOf, alice: Member, bob: Member
) -> None:
    assert client_of(bob).get(f"{PAGE}/chats.csv").status_code == 403
    assert f"{PAGE}/chats.csv" not in client_of(bob).get(PAGE).content.decode()
    assert client_of(alice).get(f"{PAGE}/chats.csv").status_code == 200
    noted = AuditEntry.objects.in_workspace(alice.workspace).filter(verb="chat.list_exported")
    assert [entry.actor for entry in noted] == [alice.user]
