"""C10, L4: closed chats go when they are as old as the rule of their workspace says, and never unannounced."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts.access import agent_of
from accounts.actions.keeping import keep_chats
from accounts.errors import Refused
from accounts.models import AuditEntry, Member
from livechat import removal, retention
from livechat.actions.blocking import block
from livechat.actions.chats import close_chat
from livechat.actions.retention import forget_chat
from livechat.files import store
from livechat.models import Attachment, ChatSession, Erasure, Message, Site, Visitor
from livechat.tokens import VisitorClaim
from tests import cast
from tests.conftest import ClientOf

PAGE = "/console/settings/data"
Travel = Callable[[float], None]


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Travel:
    """So many days on from where one is."""
    true_now, gone = timezone.now, timedelta()

    def go(days: float) -> None:
        nonlocal gone
        gone += timedelta(days=days)
        monkeypatch.setattr(timezone, "now", lambda: true_now() + gone)

    return go


@pytest.fixture
def shop(alice: Member) -> Site:
    return cast.shop_of(alice)


def a_closed_chat(shop: Site, text: str = "Zebrafish") -> VisitorClaim:
    claim = cast.newcomer(shop)
    cast.say_with(claim, cast.uploaded(claim), text=text)
    close_chat(cast.chat_of(claim).pk)
    return claim


def left() -> tuple[int, ...]:
    rows = (ChatSession, Message, Attachment, Visitor)
    return tuple(model.unscoped.count() for model in rows)


def test_a_rule_that_is_taken_back_while_the_sweep_is_at_it_lets_nothing_more_go(
    alice: Member, shop: Site, travel: Travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_chats(alice, 30)
    for _ in range(2):
        a_closed_chat(shop)
    travel(40)

    def forget_one_and_change_ones_mind(*about: Any) -> bool:
        went = forget_chat(*about)
        keep_chats(alice, None)
        return went

    monkeypatch.setattr(retention, "forget_chat", forget_one_and_change_ones_mind)
    assert retention.forget_what_is_old() == 1
    assert ChatSession.unscoped.count() == 1


def test_an_old_chat_goes_with_words_files_and_visitor_and_a_newer_one_stays(
    alice: Member, shop: Site, travel: Travel
) -> None:
    keep_chats(alice, 30)
    a_closed_chat(shop)
    key = Attachment.unscoped.get().storage_key
    travel(29.9)
    assert retention.forget_what_is_old() == 0
    newer = a_closed_chat(shop, "Newer")
    open_still = cast.newcomer(shop)
    cast.say(open_still, "Open since then")
    travel(0.2)
    assert retention.forget_what_is_old() == 1
    assert left() == (2, 2, 1, 2)
    assert cast.chat_of(newer).last_seq == 1
    removal.remove_leftovers()
    with pytest.raises(FileNotFoundError):
        store.open_stored(key)
    told = Erasure.objects.in_workspace(shop.workspace).get()
    assert (told.why, told.chats, told.messages, told.visitor_hash) == ("rule", 1, 1, "")
    travel(400)
    assert retention.forget_what_is_old() == 1
    assert cast.chat_of(open_still).is_open


def test_a_visitor_who_came_back_keeps_the_newer_chat(alice: Member, shop: Site, travel: Travel) -> None:
    keep_chats(alice, 30)
    claim = a_closed_chat(shop)
    travel(20)
    cast.say(claim, "Me again")
    travel(11)
    assert retention.forget_what_is_old() == 1
    assert cast.lines_of(cast.chat_of(claim)) == ["Me again"]
    assert ChatSession.unscoped.get().previous is None


def test_who_is_blocked_stays_out_when_their_chat_has_gone(alice: Member, shop: Site, travel: Travel) -> None:
    keep_chats(alice, 30)
    claim = a_closed_chat(shop)
    block(cast.chat_of(claim).pk, agent_of(alice))
    travel(31)
    assert retention.forget_what_is_old() == 1
    with pytest.raises(Refused) as refusal:
        cast.say(claim, "Let me in")
    assert refusal.value.code == "blocked"


def test_the_rule_that_nobody_chose_is_told_two_weeks_before_it_holds(
    alice: Member, shop: Site, travel: Travel
) -> None:
    a_closed_chat(shop)
    travel(366)
    assert retention.forget_what_is_old() == 0
    assert [sent.to for sent in mail.outbox] == [["alice@acme.example"]]
    assert "will be deleted from" in mail.outbox[0].subject
    travel(13.9)
    assert retention.forget_what_is_old() == 0
    travel(0.2)
    assert retention.forget_what_is_old() == 1
    assert len(mail.outbox) == 1


def test_nothing_goes_while_owners_could_not_be_told(
    alice: Member, shop: Site, travel: Travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*about: object) -> None:
        raise OSError("no mail server")

    a_closed_chat(shop)
    monkeypatch.setattr("accounts.mails.send_mail", away)
    for _ in range(3):
        travel(366)
        assert retention.forget_what_is_old() == 0


def test_workspaces_of_before_there_was_a_rule_keep_everything(
    alice: Member, shop: Site, travel: Travel
) -> None:
    alice.workspace.keep_days = None
    alice.workspace.save()
    a_closed_chat(shop)
    travel(4000)
    assert retention.forget_what_is_old() == 0
    assert mail.outbox == []


def test_one_workspaces_rule_leaves_anothers_chats(
    alice: Member, mallory: Member, shop: Site, travel: Travel
) -> None:
    keep_chats(mallory, 30)
    a_closed_chat(shop)
    travel(31)
    assert retention.forget_what_is_old() == 0


def test_many_go_some_at_a_time(alice: Member, shop: Site, travel: Travel) -> None:
    keep_chats(alice, 30)
    for _ in range(3):
        a_closed_chat(shop)
    travel(31)
    assert [retention.forget_what_is_old(most=2) for _ in range(3)] == [2, 1, 0]
    assert left() == (0, 0, 0, 0)
    assert Erasure.objects.in_workspace(shop.workspace).get().chats == 3


def test_an_owner_sees_what_would_go_before_saving_and_every_owner_hears_of_it(
    alice: Member, shop: Site, client_of: ClientOf
) -> None:
    a_closed_chat(shop)
    ChatSession.unscoped.update(closed_at=timezone.now() - timedelta(days=100))
    browser = client_of(alice)
    assert "kept for 365 days" in browser.get(PAGE).content.decode()
    shown = browser.get(f"{PAGE}/rule/preview", {"how": "days", "days": "90"}).content.decode()
    assert "What would go today: 1 chat<" in shown
    assert "nothing would go" in browser.get(f"{PAGE}/rule/preview?how=days&days=101").content.decode()
    assert "from 30 to 730" in browser.get(f"{PAGE}/rule/preview?how=days&days=29").content.decode()
    saved = browser.post(f"{PAGE}/rule", {"how": "days", "days": "90"}, follow=True).content.decode()
    assert "From tomorrow on, chats go 90 days after they were closed" in saved
    assert "What would go today: 1 chat<" in saved
    assert retention.forget_what_is_old() == 0
    assert [sent.subject for sent in mail.outbox] == ["How long Acme keeps chats has changed"]
    entry = AuditEntry.objects.in_workspace(shop.workspace).get(verb="retention.changed")
    assert (entry.actor, entry.changes) == (alice.user, {"keep_days": [365, 90]})


@pytest.mark.parametrize(
    "said",
    [{"how": "days", "days": "29"}, {"how": "days", "days": "731"}, {"how": "days"}, {"days": "90"}, {}],
)
def test_a_rule_that_cannot_be_is_refused_with_the_mend(
    said: dict[str, str], alice: Member, client_of: ClientOf
) -> None:
    answer = client_of(alice).post(f"{PAGE}/rule", said)
    assert answer.status_code == 422
    alice.workspace.refresh_from_db()
    assert (alice.workspace.keep_days, alice.workspace.keep_from) == (365, None)


def test_only_owners_change_the_rule_and_agents_do_not_see_it(bob: Member, client_of: ClientOf) -> None:
    assert client_of(bob).get(PAGE).status_code == 403
    assert client_of(bob).post(f"{PAGE}/rule", {"how": "for_ever"}).status_code == 403
