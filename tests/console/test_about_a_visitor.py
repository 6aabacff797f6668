"""C2: what stands beside a chat of its visitor: language, local time, and their chats before and after."""

from datetime import UTC, datetime

import pytest

from accounts.models import Member
from livechat import visitor_facts
from livechat.actions.chats import close_chat
from livechat.models import ChatSession, Site
from livechat.tokens import new_claim
from tests.conftest import ClientOf
from tests.console.conftest import Write

pytestmark = pytest.mark.django_db


def test_a_language_is_named_and_an_unknown_one_shown_as_it_came() -> None:
    for locale, name in (
        ("de-AT", "German"),
        ("pt-BR", "Brazilian Portuguese"),
        ("xx-YY", "xx-YY"),
        ("", ""),
    ):
        assert visitor_facts.language(locale) == name


def test_the_local_time_is_theirs_and_nothing_for_a_zone_that_is_none(chat: ChatSession) -> None:
    now = datetime(2026, 1, 5, 23, 30, tzinfo=UTC)
    for zone, said in (("Europe/Vilnius", "Tuesday, 01:30"), ("../../etc/passwd", ""), ("", "")):
        chat.timezone = zone
        assert visitor_facts.local_time(chat, now) == said


def test_their_other_chats_are_one_press_away(
    client_of: ClientOf, bob: Member, shop: Site, write: Write
) -> None:
    claim = new_claim(shop.pk)
    first = write(shop, "first", claim).chat
    close_chat(first.pk)
    second = write(shop, "second", claim).chat
    stranger = write(shop, "somebody else").chat
    page = client_of(bob).get(f"/console/chats/{second.pk}").content.decode()
    aside = page[page.index('id="about-facts"') :]
    assert f'href="/console/chats/{first.pk}"' in aside
    assert str(stranger.pk) not in aside
    assert f'<a class="small" href="/console/chats/{first.pk}">' in page
    assert "This is their first" in client_of(bob).get(f"/console/chats/{stranger.pk}").content.decode()
