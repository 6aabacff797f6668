"""C10: thirty days nothing goes; in the end what the app posted goes from Slack first, and then the key."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.actions import ending as acts
from accounts.models import Member, Workspace
from livechat import ending
from livechat.models import ChatSession
from livechat.tokens import VisitorClaim
from slackapp.models import Connection, ErasedCopy, Installation
from tests.cast import chat_of, say
from tests.slackapp.gone import everything_is_done
from tests.slackapp.peer import Slack, settle

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "I am quokkaway"


@pytest.fixture
def talk(slack: Slack, connection: Connection, claim: VisitorClaim) -> ChatSession:
    say(claim, WORDS)
    settle(slack)
    return chat_of(claim)


def in_posts_of_the_app(slack: Slack, connection: Connection) -> list[str]:
    return [str(post) for post in slack.channel(connection) if post.get("bot_id") and WORDS in str(post)]


def key(connection: Connection) -> str:
    """The row of the connection itself goes with the workspace."""
    assert connection.installation_id is not None
    token = Installation.objects.get(pk=connection.installation_id).bot_token
    return token.reveal() if token else ""


def time_is_over(workspace: Workspace, ago: timedelta = timedelta()) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(ends_at=timezone.now() - ago)


def test_while_it_can_be_undone_nothing_goes_from_slack_and_nothing_is_posted(
    slack: Slack, connection: Connection, talk: ChatSession, alice: Member, claim: VisitorClaim
) -> None:
    acts.begin_ending(alice)
    ending.work()
    settle(slack)
    before = slack.channel(connection)
    connection.refresh_from_db()
    assert (connection.state, bool(key(connection))) == (Connection.State.DISCONNECTED, True)
    slack.act("say", user="bob", channel=connection.channel_id, text="Anybody?")
    settle(slack)
    assert [post for post in slack.channel(connection) if post.get("bot_id")] == [
        post for post in before if post.get("bot_id")
    ]
    assert in_posts_of_the_app(slack, connection)
    acts.undo_ending(alice)
    settle(slack)
    assert key(connection) == ""  # Slack is connected again by hand
    assert in_posts_of_the_app(slack, connection)


def test_in_the_end_the_apps_posts_go_and_then_the_key(
    slack: Slack, connection: Connection, talk: ChatSession, alice: Member
) -> None:
    acts.begin_ending(alice)
    ending.work()
    settle(slack)
    time_is_over(alice.workspace)
    ending.work()
    assert key(connection)
    assert Workspace.objects.filter(pk=alice.workspace_id).exists()
    everything_is_done(slack)
    ending.work()
    settle(slack)
    assert not Workspace.objects.filter(pk=alice.workspace_id).exists()
    assert (in_posts_of_the_app(slack, connection), key(connection)) == ([], "")
    assert not any("could not be deleted" in sent.body for sent in mail.outbox)


def test_what_slack_refuses_stays_the_key_goes_all_the_same_and_owners_read_it(
    slack: Slack, connection: Connection, talk: ChatSession, alice: Member
) -> None:
    for method in ("chat.delete", "chat.update"):
        slack.fault("error", method=method, count=None, error="cant_delete_message")
    acts.begin_ending(alice)
    time_is_over(alice.workspace)
    ending.work()
    everything_is_done(slack)
    assert ErasedCopy.objects.filter(state="left").exists()
    ending.work()
    settle(slack)
    assert not Workspace.objects.filter(pk=alice.workspace_id).exists()
    assert key(connection) == ""
    assert "could not be deleted" in mail.outbox[-1].body


def test_slack_that_says_nothing_for_a_week_is_waited_for_no_longer(
    slack: Slack, connection: Connection, talk: ChatSession, alice: Member
) -> None:
    acts.begin_ending(alice)
    time_is_over(alice.workspace, timedelta(days=6))
    ending.work()
    assert Workspace.objects.filter(pk=alice.workspace_id).exists()
    time_is_over(alice.workspace, timedelta(days=8))
    ending.work()
    assert not Workspace.objects.filter(pk=alice.workspace_id).exists()
    assert "could not be deleted" in mail.outbox[-1].body
    settle(slack)
    assert key(connection) == ""
