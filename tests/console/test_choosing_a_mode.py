"""S8, S9 in the console: how chats appear, who is invited to each, why chats became threads; and whose choice it is."""

import pytest

from accounts.models import Member
from slackapp.models import Connection
from slackapp.oauth import SCOPES
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db


@pytest.fixture
def granted(connection: Connection) -> Connection:
    """Slack has granted whatever any mode asks for."""
    assert connection.installation is not None
    connection.installation.scopes = [*SCOPES, "pins:write", "groups:write"]
    connection.installation.save()
    return connection


def choose(client_of: ClientOf, member: Member, connection: Connection, **data: object) -> str:
    browser = client_of(member)
    answer = browser.post(f"/console/slack/{connection.pk}/mode", data)
    connection.refresh_from_db()
    return str(answer.headers.get("Location", answer.status_code))


def test_an_owner_chooses_noisy_with_everything_it_needs(
    client_of: ClientOf, alice: Member, granted: Connection
) -> None:
    page = choose(
        client_of, alice, granted,
        mode="noisy", private="on", grace="1440", people_shown="on", responders=["U0BOB", "U0CAROL"],
    )  # fmt: skip
    assert page == f"/console/slack/{granted.pk}"
    assert (granted.mode, granted.private_rooms, granted.grace_minutes) == ("noisy", True, 1440)
    assert granted.responders == ["U0BOB", "U0CAROL"]
    shown = client_of(alice).get(page).content.decode()
    assert "2 chosen" in shown
    assert 'value="noisy" checked' in shown


def test_a_mode_that_needs_a_permission_leads_to_slack(
    client_of: ClientOf, alice: Member, granted: Connection
) -> None:
    assert granted.installation is not None
    granted.installation.scopes = list(SCOPES)
    granted.installation.save()
    assert choose(client_of, alice, granted, mode="still", grace="60").startswith("/console/slack/")
    assert (
        choose(client_of, alice, granted, mode="noisy", grace="60")
        == f"/slack/install?connection={granted.pk}"
    )


def test_people_chosen_before_stay_while_slack_does_not_show_them(
    client_of: ClientOf, alice: Member, granted: Connection
) -> None:
    choose(client_of, alice, granted, mode="noisy", people_shown="on", responders=["U0BOB"], grace="60")
    choose(client_of, alice, granted, mode="noisy", grace="60")
    assert granted.responders == ["U0BOB"]
    choose(client_of, alice, granted, mode="noisy", people_shown="on", grace="60")
    assert granted.responders == []


@pytest.mark.parametrize("junk", [{"mode": "loud"}, {}, {"mode": "noisy", "grace": "7"}])
def test_what_is_not_offered_changes_nothing(
    client_of: ClientOf, alice: Member, granted: Connection, junk: dict[str, str]
) -> None:
    choose(client_of, alice, granted, **junk)
    assert granted.mode == "still"


def test_ids_that_are_not_slacks_are_nobody(client_of: ClientOf, alice: Member, granted: Connection) -> None:
    chosen = ["U0BOB", "<!here>", "", "U" * 50]
    choose(client_of, alice, granted, mode="noisy", people_shown="on", responders=chosen, grace="60")
    assert granted.responders == ["U0BOB"]


def test_the_page_says_why_chats_are_threads_until_it_is_put_away(
    client_of: ClientOf, alice: Member, granted: Connection
) -> None:
    Connection.unscoped.update(rooms_problem="Slack does not let the app make channels.")
    address = f"/console/slack/{granted.pk}"
    assert "does not let the app make channels" in client_of(alice).get(address).content.decode()
    client_of(alice).post(f"{address}/rooms/read")
    assert "does not let the app make channels" not in client_of(alice).get(address).content.decode()


@pytest.mark.parametrize("deed", ["mode", "rooms/read"])
def test_only_owners_and_admins_choose(
    client_of: ClientOf, bob: Member, mallory: Member, granted: Connection, deed: str
) -> None:
    address = f"/console/slack/{granted.pk}/{deed}"
    assert client_of(bob).post(address, {"mode": "noisy"}).status_code == 403
    assert client_of(mallory).post(address, {"mode": "noisy"}).status_code == 404
    assert client_of(mallory).get(f"/console/slack/{granted.pk}/people").status_code == 404


def test_agents_read_how_chats_appear(client_of: ClientOf, bob: Member, granted: Connection) -> None:
    page = client_of(bob).get(f"/console/slack/{granted.pk}").content.decode()
    assert "Each chat is one thread in #website-chat" in page
    assert 'name="mode"' not in page


@pytest.mark.django_db(transaction=True)
def test_a_silent_slack_leaves_the_choice_standing(
    client_of: ClientOf, alice: Member, granted: Connection, settings
) -> None:
    settings.SLACK_API_URL = "http://127.0.0.1:9/api/"
    answer = client_of(alice).get(f"/console/slack/{granted.pk}/people")
    assert answer.status_code == 200
    assert "Ask again" in answer.content.decode()
