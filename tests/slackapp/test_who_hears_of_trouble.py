"""S18: whatever stops chats from reaching Slack is told in the console, by mail, and in Slack while it can be."""

from smtplib import SMTPException
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client

from accounts import actions as accounts
from accounts.models import Member, Role, User
from livechat.tokens import VisitorClaim
from slackapp import actions, tasks
from slackapp.models import Connection, Installation
from tests.cast import say
from tests.conftest import ClientOf, person
from tests.serving import eventually
from tests.slackapp.peer import Slack, fresh, settle, work

pytestmark = pytest.mark.django_db(transaction=True)

OWNERS = ["alice@acme.example", "ann@acme.example"]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker's part is done as soon as the change is committed."""
    told = tasks._tell_owners.call_local
    monkeypatch.setattr(
        tasks, "tell_owners", lambda connection_id, problem: told(str(connection_id), problem)
    )


@pytest.fixture
def admins(alice: Member) -> None:
    """Beside Alice: an admin with an address, and one who came by Slack and has none."""
    accounts.add_member(alice.workspace, person("Ann", "ann@acme.example"), Role.ADMIN)
    accounts.add_member(alice.workspace, User.objects.create_user(None, name="Abe"), Role.ADMIN)


def archived(slack: Slack, connection: Connection) -> None:
    slack.act("archive", channel=connection.channel_id)


def deleted(slack: Slack, connection: Connection) -> None:
    slack.act("delete_channel", channel=connection.channel_id)


def removed(slack: Slack, connection: Connection) -> None:
    slack.act("kick", channel=connection.channel_id)


def uninstalled(slack: Slack, connection: Connection) -> None:
    slack.act("uninstall", team="Acme")


def revoked(slack: Slack, connection: Connection) -> None:
    slack.act("revoke", team="Acme")


def dead(slack: Slack, connection: Connection) -> None:
    """Slack tells nobody; the next line finds it out."""
    slack.act("delayed_events", on=False)
    slack.act("socket_mode", on=True)
    slack.act("revoke", team="Acme")
    eventually(slack.is_quiet, seconds=10)
    slack.act("socket_mode", on=False)


TROUBLES = pytest.mark.parametrize(
    ("happens", "words", "in_slack"),
    [
        (archived, "archived", True),
        (deleted, "deleted", True),
        (removed, "no longer in the channel", True),
        (dead, "Connect Slack again", False),
        (uninstalled, "Connect Slack again", False),
        (revoked, "Connect Slack again", False),
    ],
    ids=lambda given: getattr(given, "__name__", None),
)


def direct_messages(slack: Slack) -> list[str]:
    alice = slack.person("alice")
    calls = [call["args"] for call in slack.calls("chat.postMessage")]
    return [call["text"] for call in calls if call["channel"] == alice]


def shown(browser: Client, *addresses: str) -> list[str]:
    return [browser.get(address, follow=True).content.decode() for address in addresses]


@TROUBLES
def test_the_console_a_mail_to_every_owner_and_a_direct_message_say_it(
    slack: Slack, connection: Connection, claim: VisitorClaim, card: None, admins: None, mallory: Member,
    alice: Member, bob: Member, client_of: ClientOf, happens: Any, words: str, in_slack: bool,
) -> None:  # fmt: skip
    happens(slack, connection)
    settle(slack)
    say(claim, "second")
    work()

    health = f"/console/slack/{connection.pk}"
    for page in shown(client_of(alice), "/console", health):
        assert words in page
    assert "needs you" in shown(client_of(bob), "/console")[0]
    assert "needs you" not in shown(client_of(mallory), "/console")[0]

    assert sorted(letter.to[0] for letter in mail.outbox) == OWNERS
    for letter in mail.outbox:
        assert words in str(letter.body)
        assert health in str(letter.body)
    told = direct_messages(slack)
    assert len(told) == (1 if in_slack else 0)
    assert all(words in text for text in told)


def test_an_address_that_takes_no_mail_costs_the_others_nothing(
    slack: Slack, connection: Connection, admins: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = EmailMessage.send

    def refuse_alice(letter: EmailMessage, fail_silently: bool = False) -> int:
        if "alice" in letter.to[0]:
            raise SMTPException("550 no such user")
        return send(letter, fail_silently)

    monkeypatch.setattr(EmailMessage, "send", refuse_alice)
    uninstalled(slack, connection)
    settle(slack)
    assert [letter.to for letter in mail.outbox] == [["ann@acme.example"]]


def test_of_a_dead_key_and_a_lost_channel_the_key_is_named(
    slack: Slack, connection: Connection, alice: Member, client_of: ClientOf
) -> None:
    """With the key mended the channel is looked at; the other way round nothing helps."""
    archived(slack, connection)
    settle(slack)
    assert fresh(connection).state == "broken"
    actions.note_installation_problem(Installation.objects.get(), "The app was removed. Connect Slack again.")
    for page in shown(client_of(alice), "/console", f"/console/slack/{connection.pk}"):
        assert "The app was removed. Connect Slack again." in page
        assert "Unarchive" not in page
