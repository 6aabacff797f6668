"""B7, L4: a plan keeps closed chats for so many days at most, and what it keeps no longer goes only as announced."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.actions.entitlements import set_entitlements
from accounts.actions.keeping import keep_chats
from accounts.entitled import SELF_HOSTED, Entitlements
from accounts.errors import Refused
from accounts.models import Member, Workspace
from livechat import retention
from livechat.actions.chats import close_chat
from livechat.models import ChatSession, Site
from tests import cast
from tests.conftest import ClientOf, prove

pytestmark = pytest.mark.django_db
LARGE = Entitlements("Large", None, None, None, most_keep_days=365, white_label=False)
SMALL = Entitlements("Small", None, None, None, most_keep_days=30, white_label=False)
Travel = Callable[[float], None]


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Travel:
    true_now, gone = timezone.now, timedelta()

    def go(days: float) -> None:
        nonlocal gone
        gone += timedelta(days=days)
        monkeypatch.setattr(timezone, "now", lambda: true_now() + gone)

    return go


@pytest.fixture
def shop(alice: Member) -> Site:
    """Acme has the large plan, keeps for ever what it may, and has one closed chat."""
    site = cast.shop_of(alice)
    keep_chats(alice, None)
    set_entitlements(alice.workspace_id, LARGE)
    a_closed_chat(site)
    return site


def a_closed_chat(shop: Site) -> None:
    claim = cast.newcomer(shop)
    cast.say(claim)
    close_chat(cast.chat_of(claim).pk)


def gone() -> int:
    before = ChatSession.unscoped.count()
    assert retention.forget_what_is_old() == before - ChatSession.unscoped.count()
    return before - ChatSession.unscoped.count()


@pytest.mark.usefixtures("shop")
def test_what_a_plan_keeps_no_longer_goes_thirty_days_after_owners_were_told(
    alice: Member, travel: Travel
) -> None:
    travel(200)
    assert (gone(), mail.outbox) == (0, [])
    set_entitlements(alice.workspace_id, SMALL)
    assert [gone(), gone()] == [0, 0]
    (told,) = mail.outbox
    begins = timezone.now() + timedelta(days=30)
    assert told.to == ["alice@acme.example"]
    assert f"They go from {begins:%-d %B %Y} on" in told.body
    assert "on the plan Small, which keeps closed chats for 30 days" in told.body
    assert "/console/settings/billing" in told.body
    travel(29.9)
    assert gone() == 0
    travel(0.2)
    assert gone() == 1
    assert len(mail.outbox) == 1


@pytest.mark.usefixtures("shop")
def test_a_larger_plan_in_between_keeps_everything(alice: Member, travel: Travel) -> None:
    travel(100)
    set_entitlements(alice.workspace_id, SMALL)
    assert gone() == 0
    travel(20)
    set_entitlements(alice.workspace_id, LARGE)
    travel(20)
    assert gone() == 0


@pytest.mark.usefixtures("shop")
def test_a_plan_that_shrinks_again_is_announced_again(alice: Member, travel: Travel) -> None:
    travel(100)
    for plan in (SMALL, LARGE, SMALL):
        set_entitlements(alice.workspace_id, plan)
        assert gone() == 0
    travel(29.9)
    assert gone() == 0
    assert len(mail.outbox) == 2


@pytest.mark.usefixtures("shop")
def test_a_plan_that_shrinks_while_the_old_one_deletes_gives_thirty_days_anew(
    alice: Member, travel: Travel
) -> None:
    travel(366)
    assert gone() == 0
    travel(31)
    set_entitlements(alice.workspace_id, SMALL)
    assert gone() == 0


def test_where_it_held_long_ago_it_needs_no_other_mail(alice: Member, shop: Site, travel: Travel) -> None:
    set_entitlements(alice.workspace_id, SMALL)
    travel(31)
    assert gone() == 0
    travel(31)
    assert gone() == 1
    a_closed_chat(shop)
    travel(29.9)
    assert gone() == 0
    travel(0.2)
    assert gone() == 1
    assert len(mail.outbox) == 1


@pytest.mark.usefixtures("shop")
def test_nothing_goes_while_no_mail_can_be_sent(
    alice: Member, travel: Travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_server(*about: object) -> None:
        raise OSError("no mail server")

    monkeypatch.setattr("accounts.mails.send_mail", no_server)
    set_entitlements(alice.workspace_id, SMALL)
    for _ in range(3):
        travel(40)
        assert gone() == 0


@pytest.mark.usefixtures("shop")
def test_the_owners_own_rule_goes_on_beside_it_where_it_is_shorter(alice: Member, travel: Travel) -> None:
    keep_chats(alice, 60)
    travel(61)
    assert gone() == 1
    assert not any("plan" in told.subject for told in mail.outbox)


@pytest.mark.usefixtures("shop")
def test_a_plan_that_changes_while_the_sweep_is_at_it_lets_nothing_more_go(
    alice: Member, travel: Travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_entitlements(alice.workspace_id, SMALL)
    travel(31)
    gone()
    travel(31)

    def grow(workspace: Workspace) -> bool:
        set_entitlements(workspace.pk, LARGE)
        return False

    monkeypatch.setattr(retention, "busy", [grow])
    assert gone() == 0


@pytest.mark.usefixtures("shop")
def test_more_than_the_plan_keeps_cannot_be_chosen(alice: Member, client_of: ClientOf) -> None:
    for days in (None, 366):
        with pytest.raises(Refused, match="Large keeps closed chats for 365 days at most"):
            keep_chats(alice, days) if days else _keep_for_ever_after_a_rule(alice)
    keep_chats(alice, 365)
    browser = client_of(alice)
    prove(browser, alice.user)
    page = browser.post("/console/settings/data/rule", {"how": "days", "days": "400"})
    assert page.status_code == 422
    assert "Large keeps closed chats for 365 days at most" in page.content.decode()
    assert '<a href="/console/settings/billing">See plans</a>' in page.content.decode()


def _keep_for_ever_after_a_rule(alice: Member) -> None:
    keep_chats(alice, 90)
    keep_chats(alice, None)


def test_the_page_says_what_the_plan_keeps_and_from_when(
    alice: Member, mallory: Member, shop: Site, travel: Travel, client_of: ClientOf
) -> None:
    def page(member: Member) -> str:
        return client_of(member).get("/console/settings/data").content.decode()

    set_entitlements(alice.workspace_id, SMALL)
    assert "Small keeps closed chats for 30 days, whatever is chosen below. Before the first chat" in page(
        alice
    )
    travel(31)
    gone()
    assert "nothing goes before." in page(alice)
    travel(31)
    assert "Older ones go, some every few minutes." in page(alice)
    assert "whatever is chosen below" not in page(mallory)


@pytest.mark.usefixtures("shop")
def test_nobody_elses_chats_go(alice: Member, mallory: Member, travel: Travel) -> None:
    theirs = cast.shop_of(mallory)
    a_closed_chat(theirs)
    keep_chats(mallory, None)
    set_entitlements(alice.workspace_id, SMALL)
    for _ in range(2):
        travel(31)
        gone()
    assert [chat.workspace for chat in ChatSession.unscoped.all()] == [mallory.workspace]
    assert [told.to for told in mail.outbox] == [["alice@acme.example"]]


@pytest.mark.usefixtures("shop")
def test_without_a_plan_nothing_is_capped(alice: Member, travel: Travel) -> None:
    set_entitlements(alice.workspace_id, SELF_HOSTED)
    for _ in range(3):
        travel(400)
        assert gone() == 0
    keep_chats(alice, 90)
    keep_chats(alice, None)
