"""S15, C2: snoozing a chat and blocking a visitor in the console, its lists, and who may."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from accounts.access import agent_of
from accounts.models import Member, Role
from livechat import chat_lists, snooze
from livechat.actions import blocking, snoozing
from livechat.actions.chats import close_chat
from livechat.models import ChatSession, Site
from tests.conftest import ClientOf
from tests.console.conftest import Write

pytestmark = pytest.mark.django_db


def listed(site: Site, tab: str = "open") -> list[str]:
    member = Member.unscoped.filter(workspace=site.workspace).earliest("created_at")
    return [row.excerpt for row in chat_lists.chat_page(member, chat_lists.choice_of({"tab": tab})).rows]


def now_of(chat: ChatSession) -> ChatSession:
    return ChatSession.unscoped.select_related("visitor").get(pk=chat.pk)


def post(browser: Client, chat: ChatSession, what: str, **data: str) -> str:
    """The page that follows."""
    answer = browser.post(f"/console/chats/{chat.pk}/{what}", data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("key", ["30m", "3h", "tomorrow"])
def test_a_usual_moment_takes_the_chat_out_of_sight(
    client_of: ClientOf, bob: Member, chat: ChatSession, key: str
) -> None:
    page = post(client_of(bob), chat, "snooze", **{"for": key})
    found, expected = now_of(chat), snooze.usual(chat.site, key)
    assert found.snoozed_until is not None
    assert abs(found.snoozed_until - expected) < timedelta(minutes=1)
    assert found.snoozed_by == agent_of(bob)
    assert "Snoozed until" in page
    assert listed(chat.site) == []
    assert listed(chat.site, "snoozed") == ["Is the blue one in stock?"]
    assert listed(chat.site, "waiting") == []


def test_a_chosen_moment_is_on_the_readers_clock(client_of: ClientOf, bob: Member, chat: ChatSession) -> None:
    browser = client_of(bob)
    browser.cookies["tz"] = "Europe/Vilnius"
    wanted = (timezone.now() + timedelta(days=2)).astimezone(ZoneInfo("Europe/Vilnius"))
    post(browser, chat, "snooze", until=f"{wanted:%Y-%m-%dT%H:%M}")
    assert now_of(chat).snoozed_until == wanted.replace(second=0, microsecond=0)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Choose the day and the time"),
        ({"until": ""}, "Choose the day and the time"),
        ({"until": "soon"}, "Choose the day and the time"),
        ({"until": "2020-01-01T09:00"}, "That moment is over already"),
        ({"until": f"{timezone.now().year + 2}-01-01T09:00"}, "Choose a moment within the next 90 days"),
        ({"for": "ever"}, "Choose until when"),
    ],
)
def test_a_moment_that_cannot_be_is_refused_with_a_sentence(
    client_of: ClientOf, bob: Member, chat: ChatSession, data: dict[str, str], sentence: str
) -> None:
    assert sentence in post(client_of(bob), chat, "snooze", **data)
    assert not now_of(chat).is_snoozed


def test_a_colleague_sees_by_whom_and_may_wake_it(
    client_of: ClientOf, alice: Member, bob: Member, chat: ChatSession
) -> None:
    snoozing.snooze(chat.pk, agent_of(bob), timezone.now() + timedelta(hours=3))
    page = client_of(alice).get(f"/console/chats/{chat.pk}").content.decode()
    assert "</strong> by Bob." in page
    assert "Bob has snoozed this chat" in post(client_of(alice), chat, "snooze", **{"for": "30m"})
    post(client_of(alice), chat, "wake")
    assert listed(chat.site) == ["Is the blue one in stock?"]


def test_a_closed_chat_cannot_be_snoozed(client_of: ClientOf, bob: Member, chat: ChatSession) -> None:
    close_chat(chat.pk)
    assert "This chat is closed" in post(client_of(bob), chat, "snooze", **{"for": "30m"})


def test_snoozed_chats_stand_in_the_order_in_which_they_come_back(
    bob: Member, shop: Site, write: Write
) -> None:
    for hours, words in ((5, "late"), (1, "soon"), (3, "between")):
        snoozing.snooze(write(shop, words).chat_id, agent_of(bob), timezone.now() + timedelta(hours=hours))
    assert listed(shop, "snoozed") == ["soon", "between", "late"]


def test_a_blocked_visitor_is_said_with_who_and_when(
    client_of: ClientOf, alice: Member, bob: Member, chat: ChatSession
) -> None:
    assert "<strong>Blocked</strong> by Bob on" in post(client_of(bob), chat, "block")
    assert "<strong>Blocked</strong> by Bob on" in post(client_of(alice), chat, "block")
    page = client_of(alice).get(f"/console/chats/{chat.pk}").content.decode()
    assert "Bob blocked this visitor." in page
    assert (listed(chat.site), listed(chat.site, "blocked")) == ([], ["Is the blue one in stock?"])
    assert listed(chat.site, "waiting") == []


def test_unblocking_brings_the_chat_back(client_of: ClientOf, bob: Member, chat: ChatSession) -> None:
    blocking.block(chat.pk, agent_of(bob))
    assert "The visitor can write again." in post(client_of(bob), chat, "unblock")
    assert listed(chat.site) == ["Is the blue one in stock?"]


def test_a_closed_chat_of_a_blocked_visitor_is_found_among_the_blocked(
    bob: Member, chat: ChatSession
) -> None:
    close_chat(chat.pk)
    blocking.block(chat.pk, agent_of(bob))
    assert (listed(chat.site, "closed"), listed(chat.site, "blocked")) == ([], ["Is the blue one in stock?"])


@pytest.mark.parametrize("what", ["snooze", "wake", "block", "unblock"])
def test_a_viewer_and_mallory_may_not(
    client_of: ClientOf, mallory: Member, bob: Member, chat: ChatSession, what: str
) -> None:
    Member.unscoped.filter(pk=bob.pk).update(role=Role.VIEWER)
    address = f"/console/chats/{chat.pk}/{what}"
    assert client_of(bob).post(address, {"for": "30m"}).status_code == 403
    assert client_of(mallory).post(address, {"for": "30m"}).status_code == 404
    found = now_of(chat)
    assert (found.is_snoozed, found.visitor.is_blocked) == (False, False)
    assert client_of(mallory).get(address).status_code == 405
