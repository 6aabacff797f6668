"""S9: the first route whose conditions all hold takes a chat, else the default; what can never be taken is refused."""

import uuid
from datetime import UTC, datetime
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import NotFound, Refused
from accounts.models import Member
from livechat.actions.messages import VisitorDraft, post_visitor_message
from livechat.hours import Hours
from livechat.models import ChatSession, Site
from livechat.protocol import Page
from slackapp import setup
from slackapp.access import connection_for
from slackapp.actions import routes as acts
from slackapp.actions.routes import add_route, change_route, move_route, remove_route, routes_of
from slackapp.models import Connection
from slackapp.routes import Conditions, Place, covers, fits, words
from tests.cast import chat_of, lines_of, newcomer
from tests.slackapp.peer import Slack, fresh, link_of, settle

MONDAY_NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
WEEK = (0, 1, 2, 3, 4)
OFFICE = Conditions(hours=(Hours(WEEK, "09:00", "17:00"),), zone="Europe/Vilnius")


def place(
    url: str = "https://shop.example/", language: str = "en", at: datetime = MONDAY_NOON, **more: str
) -> Place:
    return Place(url, language, at, **more)


@pytest.mark.parametrize(
    ("pattern", "url", "taken"),
    [
        ("/pricing", "https://shop.example/pricing", True),
        ("/pricing", "https://shop.example/pricing/?a=1#b", True),
        ("/pricing", "https://shop.example/pricing/team", False),
        ("/pricing*", "https://shop.example/pricing/team", True),
        ("/pricing/*", "https://shop.example/pricing", False),
        ("/", "https://shop.example", True),
        ("/de/*", "https://shop.example/en/de/x", False),
        ("/*/cart", "https://shop.example/a/b/cart", True),
        ("https://Shop.example/de/*", "https://shop.example/de/hosen", True),
        ("https://shop.example", "https://shop.example/", True),
        ("https://*.example/*", "https://a.shop.example/x", True),
        ("https://shop.example/*", "https://evil.example/https://shop.example/", False),
        ("/über uns", "https://shop.example/%C3%BCber%20uns", True),
        ("/a.b", "https://shop.example/aXb", False),
        ("/pricing", "", False),
        ("/pricing", "https://[", False),
    ],
)
def test_pages_are_compared_by_host_and_path(pattern: str, url: str, taken: bool) -> None:
    assert fits(Conditions(pages=pattern), place(url)) is taken


def test_many_stars_and_a_long_address_keep_nobody_waiting() -> None:
    """Both come from outside and are compared while a chat begins: trying every way would take for ever."""
    pattern, url = "/" + "*a" * 60 + "*b", "https://shop.example/" + "a" * 1900
    began = perf_counter()
    assert not fits(Conditions(pages=pattern), place(url))
    assert fits(Conditions(pages=pattern), place(url + "b/"))
    assert perf_counter() - began < 1


@pytest.mark.parametrize(
    ("wanted", "spoken", "taken"),
    [
        ("de", "de", True),
        ("de", "de-AT", True),
        ("de-AT", "de", False),
        ("DE", "de_at", True),
        ("de", "den", False),
        ("de", "", False),
    ],
)
def test_a_language_takes_its_dialects(wanted: str, spoken: str, taken: bool) -> None:
    assert fits(Conditions(language=wanted), place(language=spoken)) is taken


@pytest.mark.parametrize(
    ("at", "taken"),
    [
        (datetime(2026, 3, 2, 7, 0, tzinfo=UTC), True),  # 09:00 in Vilnius
        (datetime(2026, 3, 2, 6, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 2, 15, 0, tzinfo=UTC), False),  # 17:00 is closing time
        (datetime(2026, 3, 1, 12, 0, tzinfo=UTC), False),  # Sunday
        (datetime(2026, 7, 6, 6, 0, tzinfo=UTC), True),  # 09:00 in summer
    ],
)
def test_hours_are_those_of_the_routes_own_zone(at: datetime, taken: bool) -> None:
    assert fits(OFFICE, place(at=at)) is taken


def test_until_midnight_takes_the_last_minute() -> None:
    night = Conditions(hours=(Hours((0,), "20:00", "24:00"),), zone="UTC")
    assert fits(night, place(at=datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC)))
    assert not fits(night, place(at=datetime(2026, 3, 3, 0, 0, tzinfo=UTC)))


SHOP_HOURS = Conditions(
    hours=(Hours(WEEK, "09:00", "12:00"), Hours(WEEK, "13:00", "17:00"), Hours((5,), "10:00", "14:00")),
    zone="Europe/Vilnius",
)


@pytest.mark.parametrize(
    ("day", "clock", "taken"),
    [
        (2, "08:59", False),
        (2, "09:00", True),
        (2, "11:59", True),
        (2, "12:00", False),
        (2, "12:59", False),
        (2, "13:00", True),
        (6, "16:59", True),
        (6, "17:00", False),
        (7, "09:30", False),
        (7, "10:00", True),
        (8, "10:30", False),
    ],
)
def test_several_hours_leave_the_lunch_break_out(day: int, clock: str, taken: bool) -> None:
    """The second of March 2026 is a Monday."""
    hour, minute = map(int, clock.split(":"))
    at = datetime(2026, 3, day, hour, minute, tzinfo=ZoneInfo("Europe/Vilnius"))
    assert fits(SHOP_HOURS, place(at=at.astimezone(UTC))) is taken


@pytest.mark.parametrize(
    ("at", "taken"),
    [
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), True),  # 02:59, the last minute before 04:00
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), False),  # 04:00
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), True),  # 03:30 for the first time
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), True),  # 03:30 again
        (datetime(2026, 10, 25, 2, 0, tzinfo=UTC), False),  # 04:00
    ],
)
def test_hours_go_by_the_clock_when_it_is_changed(at: datetime, taken: bool) -> None:
    early = Conditions(hours=(Hours((6,), "02:00", "04:00"),), zone="Europe/Vilnius")
    assert fits(early, place(at=at)) is taken


def test_hours_that_touch_are_covered_as_one() -> None:
    whole = Conditions(hours=(Hours((0,), "09:00", "17:00"),), zone="UTC")
    halves = Conditions(hours=(Hours((0,), "09:00", "13:00"), Hours((0,), "13:00", "17:00")), zone="UTC")
    broken = Conditions(hours=(Hours((0,), "09:00", "12:00"), Hours((0,), "13:00", "17:00")), zone="UTC")
    assert covers(halves, whole)
    assert covers(whole, broken)
    assert not covers(broken, whole)


def test_hours_are_said_by_their_days() -> None:
    said = "Mon–Fri 09:00–12:00, 13:00–17:00; Sat 10:00–14:00 (Europe/Vilnius)"
    assert words(SHOP_HOURS) == [said]


def test_everything_that_is_set_must_hold() -> None:
    both = Conditions(pages="/pricing", language="de", department="Sales")
    assert fits(both, place("https://x.example/pricing", "de", department="sales"))
    assert not fits(both, place("https://x.example/pricing", "en", department="sales"))
    assert not fits(both, place("https://x.example/pricing", "de"))


ADDRESSES = ["https://x.example/", "https://x.example/a", "https://x.example/a/b", "https://y.example/a", ""]
PAGES = st.sampled_from(
    ["", "/", "/*", "/a", "/a*", "/a/*", "/*/b", "/a/b", "https://x.example/*", *ADDRESSES[:3]]
)
SPANS = [
    ("00:00", "24:00"), ("09:00", "12:00"), ("12:00", "17:00"), ("10:00", "12:30"), ("09:00", "17:00"),
]  # fmt: skip
HOURS = st.lists(
    st.builds(
        lambda days, span: Hours(days, *span),
        st.sampled_from([(0,), (1, 2), (0, 1, 2)]),
        st.sampled_from(SPANS),
    ),
    max_size=3,
)
FIRST, LAST = datetime(2026, 3, 2), datetime(2026, 3, 5)  # noqa: DTZ001  Hypothesis adds the zone
CONDITIONS = st.builds(
    lambda pages, language, department, hours: Conditions(
        pages, language, department, tuple(hours), "UTC" if hours else ""
    ),
    PAGES, st.sampled_from(["", "de", "de-AT"]), st.sampled_from(["", "Sales"]), HOURS,
)  # fmt: skip
PLACES = st.builds(
    Place,
    st.sampled_from(ADDRESSES),
    st.sampled_from(["", "de", "de-AT", "en"]),
    st.datetimes(FIRST, LAST, timezones=st.just(UTC)),
    st.sampled_from(["", "sales", "Billing"]),
)


@given(CONDITIONS, CONDITIONS, PLACES)
def test_a_route_that_covers_another_takes_whatever_that_takes(
    wide: Conditions, narrow: Conditions, at: Place
) -> None:
    if covers(wide, narrow) and fits(narrow, at):
        assert fits(wide, at)


# --- with a site and its Slack ----------------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db(transaction=True)


def route(
    slack: Slack, member: Member, site: Site, name: str, conditions: Conditions, mode: str = "still"
) -> Connection:
    made = add_route(member, site, name, mode, conditions)
    setup.create_channel(member, fresh(made), name.lower())
    return fresh(made)


def start(slack: Slack, site: Site, url: str, language: str = "en", department: str = "") -> ChatSession:
    """A chat that begins on this page."""
    claim = newcomer(site)
    page = Page(url=url, department=department)
    post_visitor_message(claim, VisitorDraft(uuid.uuid4(), "Hello", page, language))
    settle(slack)
    return chat_of(claim)


def test_chats_go_where_their_routes_lead(
    slack: Slack, connection: Connection, alice: Member, site: Site
) -> None:
    sales = route(slack, alice, site, "Sales", Conditions(pages="/pricing*"))
    german = route(slack, alice, site, "German", Conditions(language="de"), "noisy")
    shop = "https://shop.example"
    assert link_of(start(slack, site, f"{shop}/pricing", "de")).connection == sales
    assert link_of(start(slack, site, f"{shop}/about")).connection == connection
    chat = start(slack, site, f"{shop}/about", "de-AT")
    link = link_of(chat)
    assert (link.connection, link.mode, link.lobby_channel_id) == (german, "noisy", german.channel_id)
    slack.act("say", user="bob", channel=link.channel_id, text="Grüezi", team="Acme")
    settle(slack)
    assert lines_of(chat) == ["Hello", "Grüezi"]


@pytest.mark.parametrize("mode", ["still", "noisy"])
def test_a_department_leads_to_its_route_and_colleagues_see_it(
    slack: Slack, connection: Connection, alice: Member, site: Site, mode: str
) -> None:
    billing = route(slack, alice, site, "Billing", Conditions(department="billing"), mode)
    link = link_of(start(slack, site, "https://shop.example/", department="Billing"))
    assert link.connection == billing
    assert any("Department: Billing" in str(post.get("blocks")) for post in slack.channel(billing))
    assert link_of(start(slack, site, "https://shop.example/", department="Sales")).connection == connection
    assert acts.departments_of(site, alice) == ["billing", "Sales"]


def test_a_route_without_a_channel_takes_nothing_yet(
    slack: Slack, connection: Connection, alice: Member, site: Site
) -> None:
    add_route(alice, site, "Sales", "still", Conditions(pages="/pricing"))
    assert link_of(start(slack, site, "https://shop.example/pricing")).connection == connection


def test_open_chats_stay_when_their_route_is_removed(
    slack: Slack, connection: Connection, alice: Member, site: Site
) -> None:
    sales = route(slack, alice, site, "Sales", Conditions(pages="/pricing"))
    chat = start(slack, site, "https://shop.example/pricing")
    remove_route(alice, sales)
    link = link_of(chat)
    assert (link.channel_id, link.connection) == (sales.channel_id, connection)
    where = {"channel": link.channel_id, "thread_ts": link.root_ts, "team": "Acme"}
    slack.act("say", user="bob", text="Still here", **where)
    settle(slack)
    assert lines_of(chat) == ["Hello", "Still here"]
    assert link_of(start(slack, site, "https://shop.example/pricing")).connection == connection


def test_open_chats_stay_when_the_order_changes(
    slack: Slack, connection: Connection, alice: Member, site: Site
) -> None:
    german = route(slack, alice, site, "German", Conditions(language="de"))
    sales = route(slack, alice, site, "Sales", Conditions(pages="/pricing"))
    early = start(slack, site, "https://shop.example/pricing", "de")
    move_route(alice, fresh(sales), -1)
    late = start(slack, site, "https://shop.example/pricing", "de")
    assert (link_of(early).connection, link_of(late).connection) == (german, sales)


def refused(act: object, *given: object) -> str:
    with pytest.raises(Refused) as refusal:
        act(*given)  # type: ignore[operator]
    return refusal.value.sentence


def test_what_could_never_be_taken_is_refused(
    slack: Slack, connection: Connection, alice: Member, site: Site
) -> None:
    def add(name: str, conditions: Conditions) -> Connection:
        return add_route(alice, site, name, "still", conditions)

    assert "without a condition" in refused(add, "All", Conditions()).lower()
    assert "name" in refused(add, "", Conditions(language="de"))
    german = add("German", Conditions(language="de"))
    assert "“German” comes before “Austria”" in refused(add, "Austria", Conditions(language="de-AT"))
    assert "“German” comes before “Again”" in refused(add, "Again", Conditions(language="DE"))
    site.allowed_origins = ["https://shop.example"]
    site.save()
    assert "Allow it under Sites" in refused(add, "Else", Conditions(pages="https://else.example/*"))
    add("Ours", Conditions(pages="https://shop.example/x"))
    assert [one.name for one in routes_of(site, alice)] == ["German", "Ours", ""]
    assert "Put the narrower one first" in refused(
        change_route, alice, fresh(german), "German", Conditions(pages="/x")
    )


def test_an_order_that_hides_a_route_is_refused(
    slack: Slack, connection: Connection, alice: Member, site: Site
) -> None:
    add_route(alice, site, "Austria", "still", Conditions(language="de-AT"))
    german = add_route(alice, site, "German", "still", Conditions(language="de"))
    assert "narrower one first" in refused(move_route, alice, fresh(german), -1)
    assert [one.name for one in routes_of(site, alice)] == ["Austria", "German", ""]


def test_the_default_goes_last(slack: Slack, connection: Connection, alice: Member, site: Site) -> None:
    sales = add_route(alice, site, "Sales", "still", Conditions(pages="/x"))
    assert "Remove them first" in refused(acts.check_parting, alice, connection)
    assert "default" in refused(remove_route, alice, connection)
    assert "default" in refused(move_route, alice, connection, -1)
    remove_route(alice, fresh(sales))
    acts.check_parting(alice, connection)


def test_nobody_routes_anothers_chats(
    slack: Slack, connection: Connection, alice: Member, mallory: Member, site: Site
) -> None:
    sales = add_route(alice, site, "Sales", "still", Conditions(pages="/x"))
    refused(add_route, mallory, site, "Mine", "still", Conditions(pages="/y"))
    refused(change_route, mallory, fresh(sales), "Mine", Conditions(pages="/y"))
    with pytest.raises(NotFound):
        connection_for(mallory, sales.pk)
    assert routes_of(site, mallory) == []
    assert fresh(sales).name == "Sales"


def test_a_site_without_slack_has_no_routes_yet(slack: Slack, alice: Member, site: Site) -> None:
    assert "Connect the site" in refused(add_route, alice, site, "Sales", "still", Conditions(pages="/x"))
