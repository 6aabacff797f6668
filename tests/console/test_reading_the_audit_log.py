"""A7, C10: owners and admins read in sentences who did what, choose from it, and take it along as a table."""

import csv
import io
from collections.abc import Iterable
from typing import Any, cast

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import actions, audit_log
from accounts.access import agent_of
from accounts.audit_log import Asked, page_of
from accounts.models import AuditEntry, Member
from livechat.actions.sites import rename_site
from livechat.models import Site
from tests.conftest import ClientOf, prove

pytestmark = pytest.mark.django_db
PAGE = "/console/settings/audit"
SHEET = "/console/settings/audit.csv"


def said(member: Member, **query: str) -> list[str]:
    lines, _ = page_of(member.workspace, Asked.of(query))
    return [f"{line.who} {line.what}" for line in lines]


def test_deeds_are_sentences_with_names(alice: Member, bob: Member, shop: Site) -> None:
    actions.update_agent(agent_of(bob), name="Bobby", actor=alice.user)
    actions.audit(alice.workspace, None, "site.said_away", f"site:{shop.pk} agent:{agent_of(bob).pk}")
    assert said(alice)[:4] == [
        "Bobby said that nobody is there for Acme shop",
        "Alice changed what visitors see of Bobby",
        "Alice added the site Acme shop",
        "Bob joined the team",
    ]


def test_what_is_gone_has_words_and_an_old_verb_stays_readable(alice: Member) -> None:
    for verb, subject in (("site.renamed", "site:1c3b"), ("saved_reply.changed", ""), ("old.verb", "x")):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("accounts.sentences.naming", {})
            actions.audit(alice.workspace, alice.user, verb, subject)
            assert said(alice)[0].startswith("Alice ")


def test_names_come_from_ones_own_workspace_alone(alice: Member, mallory: Member, foreign_shop: Site) -> None:
    actions.audit(alice.workspace, None, "site.renamed", f"site:{foreign_shop.pk}")
    assert said(alice)[0] == "Threadbell renamed the site a site that is gone"


def test_the_page_shows_what_changed_and_from_where(client_of: ClientOf, alice: Member) -> None:
    changed: dict[str, list[Any]] = {
        "name": ["<b>Shop</b>", "Boots"],
        "is_open": [True, False],
        "tags": [[], ["a", "b"]],
    }
    actions.audit(alice.workspace, alice.user, "site.renamed", "site:1", changed)
    page = client_of(alice).get(PAGE).content.decode()
    assert "&lt;b&gt;Shop&lt;/b&gt;" in page
    assert "<b>Shop" not in page
    assert 'Is open: <span dir="auto">yes</span> → <span dir="auto">no</span>' in page
    assert "a, b" in page


def test_it_is_chosen_by_person_area_and_day(
    client_of: ClientOf, alice: Member, bob: Member, shop: Site
) -> None:
    today = timezone.localdate().isoformat()
    assert said(alice, person=str(bob.user_id)) == ["Bob joined the team"]
    assert said(alice, person=str(alice.user_id), area="site") == ["Alice added the site Acme shop"]
    assert said(alice, since=today, until=today) == said(alice)
    assert said(alice, until="2001-01-01") == []
    assert "Nothing matches" in client_of(alice).get(PAGE, {"until": "2001-01-01"}).content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"person": "junk"}, {"area": "' OR 1"}, {"since": "2001-99-01"}, {"until": "x\x00"}, {"before": "-1"},
        {"before": "9" * 40}, {"since": "9999-12-31"}, {"until": "9999-12-31"}, {"since": "0001-01-01"},
    ],
)  # fmt: skip
def test_a_junk_choice_is_no_error(client_of: ClientOf, alice: Member, query: dict[str, str]) -> None:
    assert client_of(alice).get(PAGE, query).status_code == 200


def test_older_entries_are_a_page_further(
    client_of: ClientOf, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "PAGE", 2)
    for number in range(3):
        actions.audit(alice.workspace, alice.user, "site.renamed", f"site:{number}")
    seen, asked = [], Asked()
    while True:
        lines, older = page_of(alice.workspace, asked)
        seen += [line.entry.pk for line in lines]
        if older is None:
            break
        asked = Asked(before=older)
    everything = AuditEntry.objects.in_workspace(alice.workspace).order_by("-pk")
    assert seen == list(everything.values_list("pk", flat=True))
    assert "?before=" in client_of(alice).get(PAGE).content.decode()


def taken(client_of: ClientOf, who: Member, **query: str) -> list[list[str]]:
    answer = client_of(who).post(SHEET, query)
    assert answer.status_code == 200
    pieces = cast("Iterable[bytes]", answer.streaming_content)  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(b"".join(pieces).decode("utf-8-sig"))))


def test_the_table_holds_all_of_it_and_no_formula(
    client_of: ClientOf, alice: Member, shop: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "AT_ONCE", 2)
    rename_site(alice, shop, "=HYPERLINK(1)")
    actions.audit(alice.workspace, alice.user, "site.renamed", "=1+1", {"=name": ["@a", "b"]})
    head, *rows = taken(client_of, alice)
    assert head[:3] == ["Time (UTC)", "Who", "What"]
    assert len(rows) == AuditEntry.objects.in_workspace(alice.workspace).count()
    assert rows[0][1:3] == ["Alice", "took the audit log as a table"]
    assert rows[1][3] == "'=name: @a → b"
    assert not [value for row in rows for value in row if value.startswith(("=", "+", "-", "@"))]
    assert len(taken(client_of, alice, area="site")) == 4


def test_the_table_wants_a_fresh_proof(client_of: ClientOf, alice: Member) -> None:
    browser = client_of(alice)
    prove(browser, alice.user, ago=16 * 60)
    assert browser.post(SHEET)["Location"].startswith("/accounts/reauthenticate/")


def test_agents_viewers_and_strangers_read_nothing(
    client_of: ClientOf, bob: Member, victor: Member, mallory: Member
) -> None:
    for who in (bob, victor):
        answer = client_of(who).get(PAGE)
        assert answer.status_code == 403
        assert "Only owners and admins read the audit log." in answer.content.decode()
        assert client_of(who).post(SHEET).status_code == 403
    assert "Alice" not in client_of(mallory).get(PAGE).content.decode()


def test_a_page_costs_few_statements(
    alice: Member, shop: Site, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(60):
        actions.audit(alice.workspace, alice.user, "site.renamed", f"site:{shop.pk}")
    with django_assert_max_num_queries(6):
        assert len(page_of(alice.workspace, Asked())[0]) == 50
