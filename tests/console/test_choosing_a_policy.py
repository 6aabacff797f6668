"""S14: the owner chooses what of the threads goes to visitors, on the page of the Slack connection."""

import pytest
from django.test import Client

from accounts.models import AuditEntry, Member
from slackapp import policies
from slackapp.models import Connection
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db


def choose(browser: Client, connection: Connection, policy: str):
    return browser.post(f"/console/slack/{connection.pk}/policy", {"policy": policy}, follow=True)


def chosen(connection: Connection) -> str:
    return Connection.unscoped.values_list("policy", flat=True).get(pk=connection.pk)


def test_replies_go_out_until_somebody_chooses_otherwise(
    client_of: ClientOf, alice: Member, connection: Connection
) -> None:
    page = client_of(alice).get(f"/console/slack/{connection.pk}").content.decode()
    assert 'value="replies" checked' in page
    for name in ("Replies go out", "Silent thread", "Alerts only"):
        assert name in page


@pytest.mark.parametrize("policy", policies.Policy.values)
def test_each_policy_can_be_chosen_and_is_written_down(
    client_of: ClientOf, alice: Member, connection: Connection, policy: str
) -> None:
    choose(client_of(alice), connection, "silent" if policy == "replies" else "replies")
    page = choose(client_of(alice), connection, policy).content.decode()
    assert chosen(connection) == policy
    assert f'value="{policy}" checked' in page
    assert AuditEntry.objects.in_workspace(alice.workspace).latest("pk").subject.endswith(policy)


def test_a_policy_that_is_none_is_refused_with_a_sentence(
    client_of: ClientOf, alice: Member, connection: Connection
) -> None:
    assert "one of the three" in choose(client_of(alice), connection, "shout").content.decode()
    assert chosen(connection) == "replies"


def test_who_may_not_change_slack_reads_the_policy_and_no_more(
    client_of: ClientOf, bob: Member, connection: Connection
) -> None:
    page = client_of(bob).get(f"/console/slack/{connection.pk}").content.decode()
    assert "Replies go out." in page
    assert "/policy" not in page
    assert choose(client_of(bob), connection, "silent").status_code == 403
    assert chosen(connection) == "replies"


def test_mallory_and_the_wrong_verb_choose_nothing(
    client_of: ClientOf, alice: Member, mallory: Member, connection: Connection
) -> None:
    assert choose(client_of(mallory), connection, "silent").status_code == 404
    assert client_of(alice).get(f"/console/slack/{connection.pk}/policy").status_code == 405
    assert chosen(connection) == "replies"
