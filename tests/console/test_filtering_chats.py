"""C2: the list of chats under filters, by cursor, and as its reader left it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.access import agent_of
from accounts.models import Member
from livechat import chat_lists
from livechat.actions import assigning, rating
from livechat.actions.chats import close_chat
from livechat.actions.sites import create_site
from livechat.models import ChatSession, Site
from tests.conftest import ClientOf
from tests.console.conftest import Write

pytestmark = pytest.mark.django_db


def listed(member: Member, **chosen: str) -> set[str]:
    return {row.excerpt for row in chat_lists.chat_page(member, chat_lists.choice_of(chosen)).rows}


def test_each_filter_narrows_the_list_and_its_counts(
    alice: Member, bob: Member, shop: Site, write: Write
) -> None:
    other = create_site(alice, "Acme outlet")
    mine, old = write(shop, "mine").chat, write(other, "old").chat
    write(other, "new")
    assigning.assign(mine.pk, agent_of(bob), agent_of(alice), alice.user, None)
    ChatSession.unscoped.filter(pk=old.pk).update(last_message_at=timezone.now() - timedelta(days=9))
    day = (timezone.now() - timedelta(days=5)).date().isoformat()
    table = [
        ({"site": str(other.pk)}, {"old", "new"}),
        ({"agent": str(agent_of(bob).pk)}, {"mine"}),
        ({"agent": "nobody"}, {"old", "new"}),
        ({"since": day}, {"mine", "new"}),
        ({"until": day}, {"old"}),
        ({"site": str(other.pk), "since": day}, {"new"}),
        ({"site": str(mine.pk)}, set()),
    ]
    for chosen, expected in table:
        assert listed(bob, **chosen) == expected, chosen
        assert chat_lists.counts_of(bob, chat_lists.choice_of(chosen)).open == len(expected), chosen


def test_stars_are_chosen_in_the_form_and_looked_for_among_closed_chats(
    client_of: ClientOf, bob: Member, shop: Site, write: Write
) -> None:
    for text, stars in (("five", 5), ("four", 4), ("three", 3), ("one", 1), ("none", 0)):
        found = write(shop, text).chat
        close_chat(found.pk)
        if stars:
            rating.rate(found.pk, stars, "")
    table = {
        "": {"five", "four", "three", "one", "none"},
        "good": {"five", "four"},
        "bad": {"three", "one"},
        "any": {"five", "four", "three", "one"},
        "none": {"none"},
        "' OR 1": {"five", "four", "three", "one", "none"},
    }
    for chosen, expected in table.items():
        assert listed(bob, tab="closed", rating=chosen) == expected, chosen
    browser = client_of(bob)
    page = browser.get("/console/chats?tab=closed&rating=good").content.decode()
    assert '<option value="good" selected>4 or 5 stars</option>' in page
    empty = browser.get("/console/chats?rating=bad").content.decode()
    assert 'href="/console/chats?tab=closed&amp;rating=bad">Look among closed chats' in empty
    assert "rating" not in browser.get("/console/").headers["Location"], "it was a look-up, no day's work"


def test_a_filter_of_mallorys_finds_nothing_at_acme(
    bob: Member, foreign_shop: Site, mallory: Member, chat: ChatSession, write: Write
) -> None:
    write(foreign_shop, "secret")
    assert listed(bob, site=str(foreign_shop.pk)) == set()
    assert listed(bob, agent=str(agent_of(mallory).pk)) == set()


def test_the_choice_is_in_the_address_and_where_the_member_begins_next_time(
    client_of: ClientOf, alice: Member, bob: Member, chat: ChatSession
) -> None:
    browser = client_of(bob)
    text = browser.get(f"/console/chats?tab=waiting&site={chat.site_id}&agent=").content.decode()
    assert f"/console/chats/{chat.pk}?tab=waiting&amp;site={chat.site_id}" in text
    assert f"/console/chats/list?tab=waiting&amp;site={chat.site_id}" in text
    assert browser.get("/console/chats?tab=closed").status_code == 200
    later = client_of(bob).get("/console/chats")
    assert later.headers["Location"] == f"/console/chats?tab=waiting&site={chat.site_id}"
    assert client_of(alice).get("/console/chats").status_code == 200


@pytest.mark.parametrize("tab", ["open", "waiting"])
def test_the_list_goes_on_behind_its_cursor_without_a_gap_or_a_repeat(
    bob: Member, shop: Site, write: Write, tab: str
) -> None:
    number_of_chats = chat_lists.CHATS_AT_ONCE * 2 - 3
    chats = [write(shop, f"chat {number}").chat for number in range(number_of_chats)]
    # many at the very same moment: the id decides between them
    same = timezone.now()
    ChatSession.unscoped.filter(pk__in=[one.pk for one in chats[1:]]).update(
        last_message_at=same, waiting_since=same
    )
    choice = chat_lists.choice_of({"tab": tab})
    first = chat_lists.chat_page(bob, choice)
    rest = chat_lists.chat_page(bob, choice, first.after)
    seen = [row.chat.pk for row in (*first.rows, *rest.rows)]
    assert (len(first.rows), rest.after) == (chat_lists.CHATS_AT_ONCE, "")
    assert len(seen) == len(set(seen)) == number_of_chats


def test_more_chats_come_as_rows_and_a_live_reading_reaches_as_far_as_was_shown(
    client_of: ClientOf, bob: Member, shop: Site, write: Write
) -> None:
    for number in range(chat_lists.CHATS_AT_ONCE + 2):
        write(shop, f"chat {number}")
    browser = client_of(bob)
    first = browser.get("/console/chats/list?tab=open")
    after = chat_lists.chat_page(bob, chat_lists.choice_of({})).after
    more = browser.get("/console/chats/list", {"tab": "open", "after": after}).content.decode()
    assert first.content.count(b"data-chat=") == chat_lists.CHATS_AT_ONCE
    assert more.count("data-chat=") == 2
    assert "<ul" not in more
    again = browser.get(f"/console/chats/list?tab=open&rows={chat_lists.CHATS_AT_ONCE + 2}").content
    assert again.count(b"data-chat=") == chat_lists.CHATS_AT_ONCE + 2
    assert len(first.content) < 200_000
