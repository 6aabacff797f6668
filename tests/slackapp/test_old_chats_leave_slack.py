"""C10, S28, L4: a chat that goes by its workspace's rule goes from Slack too; nothing else there is touched."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Member, Workspace
from livechat import retention
from livechat.actions.chats import close_chat
from livechat.models import ChatSession, Erasure, Site
from livechat.tokens import VisitorClaim
from slackapp.actions import ending
from slackapp.models import Connection, ErasedCopy
from tests.cast import chat_of, newcomer, say
from tests.slackapp.gone import WORDS, everything_is_done, left_by_the_app, rows_with
from tests.slackapp.peer import Slack, link_of, settle

pytestmark = pytest.mark.django_db(transaction=True)
Posts = dict[str, dict[str, Any]]


@pytest.fixture
def rule(alice: Member) -> None:
    """Thirty days; owners were told long ago."""
    longago = timezone.now() - timedelta(days=100)
    Workspace.objects.filter(pk=alice.workspace_id).update(keep_days=30, keep_from=longago)


def a_talk(slack: Slack, claim: VisitorClaim, text: str, answer: str) -> ChatSession:
    say(claim, text)
    settle(slack)
    link = link_of(chat_of(claim))
    slack.act("say", user="bob", channel=link.channel_id, thread_ts=link.root_ts, text=answer)
    settle(slack)
    return chat_of(claim)


def close(slack: Slack, chat: ChatSession, days_ago: int) -> None:
    close_chat(chat.pk)
    settle(slack)
    ChatSession.unscoped.filter(pk=chat.pk).update(closed_at=timezone.now() - timedelta(days=days_ago))


@pytest.fixture
def old(slack: Slack, connection: Connection, rule: None, claim: VisitorClaim) -> ChatSession:
    chat = a_talk(slack, claim, "A zebrafish, please", "Of which size?")
    say(claim, "As a narwhalst")
    settle(slack)
    close(slack, chat, 31)
    return chat


@pytest.fixture
def others(slack: Slack, connection: Connection, old: ChatSession, site: Site) -> Posts:
    """What stands around it: a chat that was closed 29 days ago, an open one, and what people say to each other."""
    close(slack, a_talk(slack, newcomer(site), "Not that old", "No"), 29)
    a_talk(slack, newcomer(site), "Open", "Yes")
    slack.act("say", user="bob", channel=connection.channel_id, text="Lunch?")
    settle(slack)
    return around(slack, connection, link_of(old).root_ts or "")


def around(slack: Slack, connection: Connection, thread_ts: str) -> Posts:
    posts = {post["ts"]: post for post in slack.channel(connection)}
    return {ts: post for ts, post in posts.items() if thread_ts not in (ts, post.get("thread_ts"))}


def test_the_apps_posts_of_an_old_chat_go_and_all_else_stays_as_it_was(
    slack: Slack, connection: Connection, old: ChatSession, others: Posts
) -> None:
    link = link_of(old)
    asked = slack.look("requests")["requests"][-1]["n"]
    assert retention.forget_what_is_old() == 1
    everything_is_done(slack)
    assert left_by_the_app(slack) == []
    assert rows_with(WORDS) == []
    assert around(slack, connection, link.root_ts or "") == others
    theirs = [post for post in slack.channel(connection) if "Of which size?" in str(post)]
    assert [post["user"] for post in theirs] == [slack.person("bob")]
    told = Erasure.unscoped.get()
    assert (told.why, told.chats, told.messages) == ("rule", 1, 3)
    # a rule asks no colleague to delete by hand, and nothing waits for ever
    assert set(ErasedCopy.objects.values_list("state", flat=True)) == {"done"}
    done = slack.look("requests", since=asked)["requests"]
    changed = {row["args"].get("ts") for row in done if row["method"] in ("chat.delete", "chat.update")}
    assert not changed & set(others)
    assert retention.forget_what_is_old() == 0


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 503},
        {"kind": "ratelimit", "retry_after": 2},
        {"kind": "drop_before_commit"},
    ],
    ids=["trouble", "too many", "cut off"],
)
def test_a_slack_that_fails_delays_it_and_is_asked_again(
    slack: Slack,
    connection: Connection,
    old: ChatSession,
    others: Posts,
    fault: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for method in ("chat.delete", "chat.update"):
        slack.act("faults", method=method, count=None, **fault)
    assert retention.forget_what_is_old() == 1
    settle(slack)
    # here it is gone at once; there it waits, for later and not for ever
    assert rows_with(("zebrafish", "narwhalst")) == []
    assert left_by_the_app(slack)
    waiting = ErasedCopy.objects.filter(state="pending")
    assert waiting.exists()
    assert all(copy.due_at and copy.due_at > timezone.now() - timedelta(seconds=1) for copy in waiting)
    # and meanwhile no more is noted than Slack keeps up with
    monkeypatch.setattr(ending, "ENOUGH", 0)
    close(slack, ChatSession.unscoped.filter(status="open").get(), 40)
    assert retention.forget_what_is_old() == 0
    slack.clear_faults()
    everything_is_done(slack)
    assert left_by_the_app(slack) == []
    still = str(slack.channel(connection))
    assert [word for word in ("Lunch?", "Not that old", "Open", "Yes") if word not in still] == []
    assert retention.forget_what_is_old() == 1
