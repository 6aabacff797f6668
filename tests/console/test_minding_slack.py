"""The Slack pages (C4): connect, see how it goes and what to do, send again, part. Slack itself is asked elsewhere."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Member
from livechat.actions.sites import create_site
from livechat.models import Message, Site
from slackapp import queries
from slackapp.models import Connection, Delivery, Installation
from tests.conftest import ClientOf
from tests.console.conftest import Write

pytestmark = pytest.mark.django_db


def test_a_site_without_slack_offers_still_and_noisy(client_of: ClientOf, alice: Member, shop: Site) -> None:
    page = client_of(alice).get("/console/slack").content.decode()
    assert "Still" in page
    assert "Noisy" in page


def test_connecting_begins_at_slack_with_a_connection_of_this_site(
    client_of: ClientOf, alice: Member, shop: Site
) -> None:
    answer = client_of(alice).post("/console/slack/connect", {"site": shop.id, "mode": "still"})
    connection = Connection.objects.in_workspace(alice.workspace).get()
    assert answer.headers["Location"] == f"/slack/install?connection={connection.pk}"
    assert (connection.site_id, connection.state) == (shop.id, Connection.State.PENDING)


@pytest.mark.parametrize("data", [{}, {"site": "x", "mode": "still"}, {"site": "{shop}", "mode": "loud"}])
def test_a_choice_that_is_not_offered_connects_nothing(
    client_of: ClientOf, alice: Member, shop: Site, data: dict[str, str]
) -> None:
    data = {key: value.format(shop=shop.id) for key, value in data.items()}
    answer = client_of(alice).post("/console/slack/connect", data, follow=True)
    assert "Choose a site" in answer.content.decode()
    assert not Connection.objects.in_workspace(alice.workspace).exists()


def test_nobody_connects_a_foreign_site(client_of: ClientOf, mallory: Member, shop: Site) -> None:
    answer = client_of(mallory).post("/console/slack/connect", {"site": shop.id, "mode": "still"})
    assert answer.status_code == 404
    assert not Connection.objects.in_workspace(shop.workspace).exists()


def state(connection: Connection) -> str:
    return queries.health_of(
        Connection.objects.in_workspace(connection.workspace).get(pk=connection.pk)
    ).state


def test_health_says_in_a_word_what_matters_most(connection: Connection, shop: Site, write: Write) -> None:
    assert state(connection) == "good"
    write(shop, "Hello")
    assert state(connection) == "good"
    Delivery.objects.update(created_at=timezone.now() - timedelta(seconds=31))
    assert state(connection) == "delayed"
    Connection.unscoped.update(state=Connection.State.BROKEN, problem="The channel is archived.")
    assert state(connection) == "broken"
    Installation.objects.update(state=Installation.State.NEEDS_REAUTH)
    assert state(connection) == "reconnect"


@pytest.mark.parametrize(
    "changes, words, button",
    [
        ({"state": "broken", "problem": "The channel is archived."}, "The channel is archived.", "Try again"),
        ({"state": "pending", "channel_id": "", "channel_name": ""}, "Choose the channel", "Make it"),
    ],
)
def test_a_problem_stands_beside_its_mend(
    client_of: ClientOf,
    alice: Member,
    connection: Connection,
    changes: dict[str, str],
    words: str,
    button: str,
) -> None:
    Connection.unscoped.filter(pk=connection.pk).update(**changes)
    page = client_of(alice).get(f"/console/slack/{connection.pk}").content.decode()
    assert words in page
    assert button in page


def test_a_withdrawn_token_asks_to_connect_again(
    client_of: ClientOf, alice: Member, connection: Connection
) -> None:
    Installation.objects.update(state=Installation.State.REVOKED, problem="The app was removed.")
    browser = client_of(alice)
    page = browser.get(f"/console/slack/{connection.pk}").content.decode()
    assert "The app was removed." in page
    assert "Connect again" in page
    again = browser.post(f"/console/slack/{connection.pk}/reconnect")
    assert again.headers["Location"] == f"/slack/install?connection={connection.pk}"


def test_a_stopped_connection_is_told_on_the_chats_page(
    client_of: ClientOf, alice: Member, mallory: Member, connection: Connection
) -> None:
    Connection.unscoped.update(state=Connection.State.BROKEN, problem="The channel is archived.")
    page = client_of(alice).get("/console/chats").content.decode()
    assert "Not reaching Slack" in page
    assert "The channel is archived." in page
    assert "Not reaching Slack" not in client_of(mallory).get("/console/chats").content.decode()


def test_no_page_ever_shows_the_bot_token(client_of: ClientOf, alice: Member, connection: Connection) -> None:
    browser = client_of(alice)
    for address in (
        "/console/slack",
        f"/console/slack/{connection.pk}",
        f"/console/slack/{connection.pk}/health",
    ):
        assert "xoxb" not in browser.get(address).content.decode()


@pytest.fixture
def dead(connection: Connection, shop: Site, write: Write) -> Delivery:
    message = write(shop, "Did you get this?")
    Message.unscoped.filter(pk=message.pk).update(
        mirror_state="failed", mirror_problem="The channel is archived."
    )
    delivery = Delivery.objects.get(message=message)
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.DEAD, problem="The channel is archived."
    )
    return delivery


def test_what_did_not_arrive_is_listed_and_sent_again_with_one_click(
    client_of: ClientOf, alice: Member, connection: Connection, dead: Delivery
) -> None:
    browser = client_of(alice)
    assert "Did you get this?" in browser.get(f"/console/slack/{connection.pk}").content.decode()
    answer = browser.post(f"/console/slack/deliveries/{dead.pk}/replay", {"connection": connection.pk})
    assert answer.headers["Location"] == f"/console/slack/{connection.pk}"
    dead.refresh_from_db()
    assert dead.state == Delivery.State.PENDING


def test_a_line_is_sent_again_from_its_transcript_once(
    client_of: ClientOf, bob: Member, dead: Delivery
) -> None:
    browser = client_of(bob)
    address = f"/console/slack/messages/{dead.message_id}/resend"
    assert (
        "Queued for Slack"
        in browser.post(address, headers={"HX-Request": "true"}, follow=True).content.decode()
    )
    again = browser.post(address, headers={"HX-Request": "true"})
    assert again.status_code == 422
    assert "not waiting to be sent again" in again.content.decode()


def test_viewers_and_strangers_send_nothing_again(
    client_of: ClientOf, victor: Member, mallory: Member, dead: Delivery
) -> None:
    for member, status in ((victor, 403), (mallory, 404)):
        browser = client_of(member)
        assert browser.post(f"/console/slack/deliveries/{dead.pk}/replay").status_code == status
        assert browser.post(f"/console/slack/messages/{dead.message_id}/resend").status_code == status
    dead.refresh_from_db()
    assert dead.state == Delivery.State.DEAD


def test_parting_needs_the_word_and_then_it_is_done(
    client_of: ClientOf, alice: Member, connection: Connection
) -> None:
    browser, address = client_of(alice), f"/console/slack/{connection.pk}/disconnect"
    assert "Type disconnect" in browser.post(address, {"word": "yes"}, follow=True).content.decode()
    connection.refresh_from_db()
    assert connection.state == Connection.State.READY
    browser.post(address, {"word": "Disconnect "})
    connection.refresh_from_db()
    assert connection.state == Connection.State.DISCONNECTED
    assert "Not connected" in browser.get("/console/slack").content.decode()


DEEDS = ["reconnect", "channel", "channel/new", "test", "again", "disconnect"]


@pytest.mark.parametrize("deed", DEEDS)
def test_only_owners_and_admins_change_slack(
    client_of: ClientOf, bob: Member, mallory: Member, connection: Connection, deed: str
) -> None:
    address = f"/console/slack/{connection.pk}/{deed}"
    assert client_of(bob).post(address, {"word": "disconnect"}).status_code == 403
    assert client_of(mallory).post(address, {"word": "disconnect"}).status_code == 404
    assert client_of(mallory).get(address).status_code == 405


@pytest.mark.parametrize("part", ["", "/health", "/channels"])
def test_mallory_sees_no_connection_of_acme(
    client_of: ClientOf, mallory: Member, connection: Connection, part: str
) -> None:
    assert client_of(mallory).get(f"/console/slack/{connection.pk}{part}").status_code == 404


@pytest.mark.parametrize("name", ["", "Über uns", "a" * 81, "a.b", "\0"])
def test_a_channel_name_slack_would_refuse_is_refused_before(
    client_of: ClientOf, alice: Member, connection: Connection, name: str
) -> None:
    answer = client_of(alice).post(f"/console/slack/{connection.pk}/channel/new", {"name": name}, follow=True)
    assert "notice-bad" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_silent_slack_leaves_the_page_standing(
    client_of: ClientOf, alice: Member, connection: Connection, settings
) -> None:
    settings.SLACK_API_URL = "http://127.0.0.1:9/api/"
    answer = client_of(alice).get(f"/console/slack/{connection.pk}/channels")
    assert answer.status_code == 200
    assert "Slack did not answer" in answer.content.decode()
    assert "Ask again" in answer.content.decode()


def test_many_connections_cost_as_many_statements_as_one(
    client_of: ClientOf, alice: Member, connection: Connection, django_assert_num_queries
) -> None:
    browser = client_of(alice)
    # session, user, member, connections, numbers, copies, sites,
    # those that ended, waiting, problem, notices, linked accounts
    with django_assert_num_queries(13):
        browser.get("/console/slack")
    for number in range(5):
        site = create_site(alice, f"Shop {number}")
        Connection.unscoped.create(workspace=alice.workspace, site=site, installation=connection.installation)
    with django_assert_num_queries(13):
        browser.get("/console/slack")
