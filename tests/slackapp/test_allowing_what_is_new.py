"""S25, S1: what the app has learnt since it was added is asked for on the connection's page, and in Slack once more."""

import pytest

from accounts.models import Member
from slackapp import oauth
from slackapp.actions import leaving
from slackapp.models import Connection, Installation
from tests.conftest import ClientOf
from tests.slackapp.peer import Slack, fresh
from tests.slackapp.ways import decide

pytestmark = pytest.mark.django_db(transaction=True)

NEW = ("commands", "links:read", "links:write")
ASKING = "The app can do more than Acme has allowed."


@pytest.fixture
def older(slack: Slack, connection: Connection) -> Connection:
    """Connected before the app had a command and previews."""
    Installation.objects.update(scopes=sorted(set(oauth.SCOPES) - {*NEW}))
    return fresh(connection)


def page(client_of: ClientOf, member: Member, connection: Connection) -> str:
    return client_of(member).get(f"/console/slack/{connection.pk}").content.decode()


def test_what_is_missing_stands_there_with_its_reason_until_it_is_allowed(
    slack: Slack, older: Connection, alice: Member, client_of: ClientOf
) -> None:
    text = page(client_of, alice, older)
    assert ASKING in text
    assert "It asks for 3 more permissions" in text
    assert list(oauth.lacking_reasons(older)) == [*NEW]
    browser = client_of(alice)
    to_us = browser.post(f"/console/slack/{older.pk}/reconnect").headers["Location"]
    to_slack = browser.get(to_us).headers["Location"]
    browser.get("/slack/oauth/callback", decide(slack, to_slack))
    assert {*NEW} <= set(Installation.objects.get().scopes)
    assert ASKING not in page(client_of, alice, older)


def test_whoever_may_not_change_slack_is_told_who_may(
    older: Connection, victor: Member, client_of: ClientOf
) -> None:
    text = page(client_of, victor, older)
    assert ASKING in text
    assert "An owner or admin can allow it here." in text
    assert "Allow in Slack" not in text


def test_where_everything_is_allowed_nothing_is_asked(
    connection: Connection, alice: Member, client_of: ClientOf
) -> None:
    assert ASKING not in page(client_of, alice, connection)


def test_a_slack_that_has_left_is_asked_to_connect_and_for_nothing_more(
    older: Connection, alice: Member, client_of: ClientOf
) -> None:
    assert older.installation is not None
    leaving.revoke(older.installation, "The app was removed from Slack.")
    assert ASKING not in page(client_of, alice, older)
