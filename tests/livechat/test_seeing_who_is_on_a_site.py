"""C7: who is on a site now is known from sockets alone, to the site's own team alone, and leaves nothing behind."""

import time
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings as django_settings
from django.utils import timezone
from redis import RedisError

from accounts.models import Member
from livechat.access import arrive
from livechat.actions import blocking, sites
from livechat.away import Away
from livechat.models import ChatSession, Site, Visitor
from livechat.onlookers import board as boards
from livechat.onlookers import reading, shared, watch
from livechat.onlookers.board import KEPT_SECONDS, SHOWN_SECONDS, Board, Onlooker, board
from livechat.person import Person
from livechat.protocol import Page
from livechat.questions import Form
from livechat.tokens import VisitorClaim
from tests.cast import chat_of, newcomer, say
from tests.livechat.test_the_consoles_socket import console as console
from tests.livechat.test_the_consoles_socket import settled
from tests.serving import Served, Socket, eventually

pytestmark = pytest.mark.django_db
SHOP = Page("https://shop.example/boots", "Boots", "https://search.example/")


@pytest.fixture(autouse=True)
def nobody_is_here_yet() -> Iterator[None]:
    board.clear()
    yield
    board.clear()


@pytest.fixture
def shown(alice: Member, site: Site) -> Site:
    sites.show_onlookers(alice, site, True)
    return site


def come(site: Site, claim: VisitorClaim, page: Page = SHOP, on: Board = board) -> boards.Place:
    arrival = arrive(site.public_token, claim.visitor_token, None)
    place = on.enter(arrival, page, locale="de-AT", timezone="Europe/Vienna", browser="Firefox on Linux")
    assert place is not None
    return place


def tell_everybody() -> None:
    async_to_sync(watch.Watch().turn)()


def seen(site: Site) -> list[reading.Line]:
    tell_everybody()
    return reading.on_sites(site.workspace, reading.sites_that_show(site.workspace)).lines


def visitors_page(tab: Socket, site: Site, claim: VisitorClaim, url: str = SHOP.url) -> None:
    tab.hello(site.public_token, visitor_token=claim.visitor_token, page={"url": url, "title": "Boots"})


def test_two_tabs_are_one_line_with_the_newest_page_and_no_row(
    server: Served, shown: Site, claim: VisitorClaim
) -> None:
    with server.socket() as first, server.socket() as second:
        visitors_page(first, shown, claim)
        visitors_page(second, shown, claim, "https://shop.example/shoes")
        (line,) = seen(shown)
        assert (line.onlooker.url, line.onlooker.pages) == ("https://shop.example/shoes", 2)
        first.send(type="page", url="https://shop.example/laces", title="Laces")
        eventually(lambda: seen(shown)[0].onlooker.title == "Laces")
    eventually(lambda: seen(shown)[0].onlooker.left_at is not None)
    assert not Visitor.unscoped.exists()
    assert not ChatSession.unscoped.exists()


def test_what_is_told_of_somebody(shown: Site, claim: VisitorClaim) -> None:
    come(shown, claim)
    (line,) = seen(shown)
    assert line.visitor.display_name == f"Visitor {claim.visitor_id.hex[:4]}"
    assert (line.language, line.onlooker.browser) == ("German", "Firefox on Linux")
    assert line.local_time
    assert line.chat is None


def test_between_two_pages_nobody_has_left_and_the_visit_goes_on(
    shown: Site, claim: VisitorClaim, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.time()
    come(shown, claim).leave()
    assert len(seen(shown)) == 1
    monkeypatch.setattr(time, "time", lambda: began + SHOWN_SECONDS + 1)
    assert seen(shown) == []
    come(shown, claim, Page("https://shop.example/laces"))
    (line,) = seen(shown)
    assert line.onlooker.since == pytest.approx(began, abs=1)
    assert line.onlooker.pages == 2


def test_after_half_a_minute_nothing_of_them_is_held(
    shown: Site, claim: VisitorClaim, monkeypatch: pytest.MonkeyPatch
) -> None:
    come(shown, claim).leave()
    later = time.time() + KEPT_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    tell_everybody()
    tell_everybody()
    assert board.crowds() == []
    assert seen(shown) == []


def test_without_the_switch_nobody_is_noted(site: Site, claim: VisitorClaim) -> None:
    arrival = arrive(site.public_token, claim.visitor_token, None)
    assert board.enter(arrival, SHOP, locale="", timezone="", browser="") is None


def test_who_was_there_when_it_was_switched_off_is_not_shown(
    alice: Member, shown: Site, claim: VisitorClaim
) -> None:
    come(shown, claim)
    sites.show_onlookers(alice, shown, False)
    assert seen(shown) == []


def test_before_a_consent_nobody_is_shown(alice: Member, shown: Site, claim: VisitorClaim) -> None:
    come(shown, claim)
    asked = replace(Form(), consent="I agree.")
    sites.set_asks(alice, shown, asked, Away(), asks_rating=True)
    assert seen(shown) == []
    arrival = arrive(shown.public_token, newcomer(shown).visitor_token, None)
    assert board.enter(arrival, SHOP, locale="", timezone="", browser="") is None


def test_a_blocked_visitor_is_not_shown(bob: Member, shown: Site, claim: VisitorClaim) -> None:
    say(claim)
    come(shown, claim)
    assert seen(shown)[0].chat == chat_of(claim)
    blocking.block(chat_of(claim).pk, bob.agent)
    assert seen(shown) == []


def test_mallory_sees_nobody_of_acme(
    alice: Member, mallory: Member, shown: Site, globex_site: Site, claim: VisitorClaim
) -> None:
    sites.show_onlookers(mallory, globex_site, True)
    come(shown, claim)
    assert seen(globex_site) == []
    assert reading.find(mallory.workspace, claim.visitor_id) is None
    assert reading.find(alice.workspace, claim.visitor_id) is not None


def test_of_a_crowd_so_many_are_kept_and_the_others_counted(
    shown: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boards, "MOST_KEPT", 3)
    monkeypatch.setattr(reading, "MOST_SHOWN", 2)
    places = [come(shown, newcomer(shown)) for _ in range(5)]
    tell_everybody()
    found = reading.on_sites(shown.workspace, [shown])
    assert (len(found.lines), found.more, found.count) == (2, 3, 5)
    for place in places:
        place.leave()
    (crowd,) = board.crowds()
    assert (crowd.beyond, len(crowd.kept)) == (0, 3)
    assert len(crowd.fresh) <= 3
    for one in crowd.kept.values():
        crowd.put(replace(one, left_at=0))
    tell_everybody()
    assert not crowd.kept.keys() | crowd.fresh | crowd.faded | crowd.tabs.keys()


def test_consoles_of_the_workspace_are_told_and_no_others(
    console, alice: Member, mallory: Member, shown: Site, claim: VisitorClaim
) -> None:
    hers, foreign = settled(console(alice)), settled(console(mallory))
    come(shown, claim)
    tell_everybody()
    assert hers.hear() == {"type": "visitors"}
    tell_everybody()
    assert hers.is_silent()
    assert foreign.is_silent()


# --- where several processes share the board -------------------------------------------------------------------------

needs_redis = pytest.mark.skipif(django_settings.EMBEDDED, reason="without Redis there is one process")


@needs_redis
def test_whom_the_website_vouches_for_is_the_same_at_another_process(
    shown: Site, claim: VisitorClaim
) -> None:
    person = Person("u-1", timezone.now(), name="Ana", attributes=(("Plan", "Gold"),))
    elsewhere(shown, claim, uuid.uuid4().hex, person=person)
    (line,) = seen(shown)
    assert (line.onlooker.person, line.visitor.display_name) == (person, "Ana")
    assert line.visitor.is_verified


def elsewhere(site: Site, claim: VisitorClaim, process: str, **known: object) -> boards.Crowd:
    """As another process would have written it."""
    crowd = boards.Crowd(site.pk, site.workspace_id)
    now = time.time()
    one = Onlooker(claim.visitor_id.hex, claim.token_hash, now, now, url=SHOP.url)
    crowd.put(replace(one, **known))  # type: ignore[arg-type]
    shared.keep(crowd, crowd.changed, process)
    return crowd


@needs_redis
def test_a_visitor_with_pages_at_two_processes_is_one_line(shown: Site, claim: VisitorClaim) -> None:
    began = time.time() - 60
    elsewhere(shown, claim, uuid.uuid4().hex, since=began, pages=4, left_at=time.time())
    come(shown, claim, Page("https://shop.example/laces"))
    tell_everybody()
    (line,) = seen(shown)
    assert (line.onlooker.url, line.onlooker.pages) == ("https://shop.example/laces", 5)
    assert line.onlooker.since == pytest.approx(began, abs=1)


@needs_redis
def test_the_visitors_of_a_killed_process_fade(
    shown: Site, claim: VisitorClaim, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere(shown, claim, uuid.uuid4().hex)
    assert len(seen(shown)) == 1
    later = time.time() + shared.FADES_SECONDS + 1
    assert shared.FADES_SECONDS <= 60
    monkeypatch.setattr(time, "time", lambda: later)
    assert seen(shown) == []


@needs_redis
def test_after_redis_was_emptied_everybody_is_written_again(shown: Site, claim: VisitorClaim) -> None:
    come(shown, claim)
    assert len(seen(shown)) == 1
    shared._server(django_settings.REDIS_URL).delete(shared._part(shown.pk, shared.PROCESS))
    assert len(seen(shown)) == 1


@needs_redis
def test_while_redis_is_away_nothing_is_lost(
    shown: Site, claim: VisitorClaim, monkeypatch: pytest.MonkeyPatch
) -> None:
    come(shown, claim)
    address = django_settings.REDIS_URL
    with monkeypatch.context() as away:
        away.setattr(django_settings, "REDIS_URL", "redis://127.0.0.1:1/0")
        with pytest.raises(RedisError):
            tell_everybody()
    assert address == django_settings.REDIS_URL
    assert len(seen(shown)) == 1
