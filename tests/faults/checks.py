"""What must be true once nothing is under way any more: one transcript in the database, in Slack and in every tab."""

import json
import uuid
from collections import Counter
from typing import Any

from django.utils import timezone

from livechat.models import ChatSession, Message, Site
from slackapp.models import Connection, Delivery, InboundEvent, Installation, MessageLink
from tests.faults.slack_ledger import Line, lines_of
from tests.faults.tabs import Person, Tab
from tests.faults.wire import SlackInProcess

NOTE = "seen-by-colleagues-only"


def connect(site: Site, slack: SlackInProcess) -> None:
    """The rows that OAuth and the choice of a channel leave behind."""
    installation = Installation.objects.create(
        slack_team_id=slack.team.id,
        app_id=slack.app.app_id,
        bot_token=slack.app.token,
        bot_user_id=slack.app.bot_user,
        bot_id=slack.app.bot_id,
        scopes=slack.app.scopes,
        installed_by_slack_user_id=slack.app.installed_by,
        installed_at=timezone.now(),
    )
    Connection.unscoped.create(
        workspace=site.workspace,
        site=site,
        installation=installation,
        channel_id=slack.channel.id,
        channel_name=slack.channel.name,
        state=Connection.State.READY,
    )


def unfinished() -> list[Any]:
    waiting = Delivery.objects.filter(state__in=["pending", "sending"])
    events = InboundEvent.objects.filter(state="pending")
    return [*waiting.values_list("pk", "state", "problem"), *events.values_list("pk", "kind", "problem")]


def check_database(people: list[Person]) -> None:
    """Each line once, in its place; what was acknowledged is there as it was acknowledged."""
    check_places()
    stored = Message.unscoped.filter(author_kind="visitor")
    assert Counter(stored.values_list("body", flat=True)) == Counter(
        body for person in people for body in person.bodies.values()
    )
    for ack in (ack for person in people for ack in person.acks.values()):
        assert stored.get(pk=ack["id"]).seq == ack["seq"]
    assert not Delivery.objects.filter(state="dead").exists()
    assert not InboundEvent.objects.filter(state="dead").exists()


def check_places() -> None:
    """In every chat `seq` without gaps and no `rev` twice."""
    for chat in ChatSession.unscoped.all():
        rows = list(Message.unscoped.filter(chat=chat, is_note=False).order_by("seq"))
        assert [row.seq for row in rows] == list(range(1, chat.last_seq + 1))
        # a changed message leaves its old rev behind; the newest is always there
        revs = sorted(row.rev for row in rows)
        assert len(set(revs)) == len(revs)
        assert revs[-1:] == [chat.last_rev][: len(revs)]


def check_slack(slack: SlackInProcess) -> None:
    """One thread per chat; every line meant for it exactly once, whole, in the order of `seq`."""
    posts = slack.channel.messages.values()
    roots = {m.metadata["event_payload"]["chat"]: m.ts for m in slack.roots() if m.metadata}
    assert len(roots) == len(slack.roots()), "a chat has two cards"
    chats = ChatSession.unscoped.all()
    assert set(roots) == {str(chat.pk) for chat in chats}
    for chat in chats:
        found = lines_of(
            [{**m.wire, "metadata": m.metadata} for m in posts if m.thread_ts == roots[str(chat.pk)]]
        )
        meant = Message.unscoped.filter(chat=chat).exclude(mirror_state="none").order_by("seq")
        assert [mid for line in found for mid in line.mids] == [str(message.pk) for message in meant]
        assert_texts(
            found, {str(message.pk): None if message.deleted_at else message.body for message in meant}
        )
        assert all(message.mirror_state == "sent" for message in meant), [m.mirror_state for m in meant]
        assert chat.delivered_seq == max((message.seq or 0 for message in meant), default=0)


def assert_texts(found: list[Line], bodies: dict[str, str | None]) -> None:
    """Withdrawn lines are named as such among others in their post, and leave no word where they stood alone."""
    for line in found:
        words = [bodies[mid] for mid in line.mids]
        left = any(word is not None for word in words)
        assert line.text == ("\n".join(word or "withdrawn" for word in words) if left else "")


def check_replies(slack: SlackInProcess, said: dict[str, tuple[str, str]], replied: set[uuid.UUID]) -> None:
    """What an agent wrote in a thread is stored once, or they were told why not."""
    told = {m.thread_ts for m in slack.whispers()}
    for ts, (root, text) in said.items():
        links = list(MessageLink.objects.filter(ts=ts).select_related("message"))
        assert len(links) == 1 or (not links and root in told), text
        for link in links:
            assert link.message is not None
            assert link.message.is_note == (NOTE in text)
            assert link.message.body.removeprefix(";;").strip() == text.removeprefix(";;").strip()
    stored = Message.unscoped.filter(author_kind="agent").exclude(client_message_id=None)
    assert Counter(stored.values_list("client_message_id", flat=True)) == Counter(replied)


def check_tab(tab: Tab) -> None:
    """Applying frames equals fetching fresh, and no frame ever held a colleague's note."""
    assert not any(NOTE in json.dumps(frame) for frame in tab.heard)
    if tab.socket is None:
        tab.connect()
    tab.catch_up()
    fresh = Tab(tab.person)
    fresh.connect()
    assert tab.store.chat == fresh.store.chat
    assert fresh.store.chat == open_chat_of(tab) or open_chat_of(tab) is None
    assert tab.store.lines() == fresh.store.lines()
    assert (tab.store.rev, tab.store.status) == (fresh.store.rev, fresh.store.status)
    assert tab.store.delivered == fresh.store.delivered


def open_chat_of(tab: Tab) -> str | None:
    """Where colleagues can still answer is what the visitor has to see."""
    assert tab.socket is not None
    found = ChatSession.unscoped.filter(visitor_id=tab.socket.claim.visitor_id, status="open").first()
    return str(found.pk) if found else None
