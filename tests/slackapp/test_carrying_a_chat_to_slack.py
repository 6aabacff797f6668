"""A chat appears in Slack (S4, S5, S6): card first, then every line, once, in order."""

import uuid

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.access import agent_of
from accounts.models import Member
from livechat.actions import chats, messages
from livechat.models import ChatSession, Message, Site
from livechat.tokens import VisitorClaim
from slackapp import lanes
from slackapp.models import ChatLink, Connection, Delivery, Lane, MessageLink
from tests.cast import chat_of, lines_of, newcomer, say
from tests.slackapp.peer import Slack, link_of, settle, text_of, work

pytestmark = pytest.mark.django_db(transaction=True)


def metadata_of(slack: Slack, connection: Connection) -> list[tuple[str, dict[str, object]]]:
    found = [message.get("metadata") for message in slack.channel(connection)]
    return [(one["event_type"], one["event_payload"]) for one in found if one]


def test_a_chat_begins_with_its_card_and_the_line_follows_in_its_thread(
    slack: Slack, connection: Connection, claim: VisitorClaim
) -> None:
    message = say(claim, "Do you ship to Norway?")
    settle(slack)
    chat = chat_of(claim)
    card, line = slack.channel(connection)[-2:]
    assert card["metadata"] == {"event_type": "chat_card", "event_payload": {"chat": str(chat.pk)}}
    assert (line["thread_ts"], text_of(line)) == (card["ts"], "Do you ship to Norway?")
    assert line["metadata"] == {"event_type": "chat_message", "event_payload": {"mids": [str(message.pk)]}}
    assert line["username"] == f"{chat.visitor.display_name} (visitor)"
    assert link_of(chat).root_ts == card["ts"]


def test_the_card_is_the_apps_own_and_opens_the_console(
    slack: Slack, connection: Connection, claim: VisitorClaim
) -> None:
    say(claim)
    settle(slack)
    card = slack.cards(connection)[0]
    assert connection.installation is not None
    shown = next(block for block in card["blocks"] if block["type"] == "actions")["elements"]
    button = next(one for one in shown if one["action_id"] == "chat.open")
    assert card["user"] == connection.installation.bot_user_id
    assert button["url"].endswith(f"/console/chats/{chat_of(claim).pk}")


def test_what_arrived_is_marked_and_told(slack: Slack, connection: Connection, claim: VisitorClaim) -> None:
    say(claim, "one")
    message = say(claim, "two")
    assert message.mirror_state == "queued"
    settle(slack)
    chat = chat_of(claim)
    assert set(Message.unscoped.values_list("mirror_state", flat=True)) == {"sent"}
    assert chat.delivered_seq == 2
    assert MessageLink.objects.filter(from_slack=False).count() == 2


def test_lines_go_out_in_order_and_once(slack: Slack, connection: Connection, claim: VisitorClaim) -> None:
    for number in range(5):
        say(claim, f"line {number}")
        work()
    settle(slack)
    assert slack.lines(connection) == [f"line {number}" for number in range(5)]


def test_lines_that_wait_together_travel_together(
    slack: Slack, connection: Connection, claim: VisitorClaim
) -> None:
    sent = [say(claim, f"line {number}") for number in range(5)]
    settle(slack)
    assert slack.lines(connection) == ["\n".join(f"line {number}" for number in range(5))]
    assert ("chat_message", {"mids": [str(one.pk) for one in sent]}) in metadata_of(slack, connection)


def test_at_most_ten_lines_travel_together(slack: Slack, connection: Connection, claim: VisitorClaim) -> None:
    for number in range(12):
        say(claim, str(number))
    settle(slack)
    words = "\n".join(slack.lines(connection)).split("\n")
    assert words == [str(number) for number in range(12)]
    assert max(line.count("\n") for line in slack.lines(connection)) < 10


def test_words_of_different_people_never_share_a_post(
    slack: Slack, connection: Connection, claim: VisitorClaim, alice: Member, bob: Member
) -> None:
    say(claim, "visitor")
    chat = chat_of(claim)
    messages.post_agent_message(chat.pk, agent_of(bob), "bob")
    messages.post_agent_message(chat.pk, agent_of(alice), "alice")
    say(claim, "visitor again")
    settle(slack)
    shown = [(m["username"], text_of(m)) for m in slack.channel(connection) if m.get("username")]
    name = chat.visitor.display_name
    assert shown == [
        (f"{name} (visitor)", "visitor"),
        ("Bob (via Threadbell)", "bob"),
        ("Alice (via Threadbell)", "alice"),
        (f"{name} (visitor)", "visitor again"),
    ]


def test_a_long_message_comes_in_parts_whose_last_carries_its_id(
    slack: Slack, connection: Connection, claim: VisitorClaim
) -> None:
    text = "".join(f"word{number} " for number in range(900))[:7500]
    message = say(claim, text)
    settle(slack)
    assert "".join(slack.lines(connection)) == text
    mid = str(message.pk)
    assert metadata_of(slack, connection)[-3:] == [
        ("chat_part", {"mid": mid, "part": 1, "of": 3}),
        ("chat_part", {"mid": mid, "part": 2, "of": 3}),
        ("chat_message", {"mids": [mid]}),
    ]
    assert chat_of(claim).delivered_seq == 1


def test_a_short_line_waits_for_the_long_one_before_it(
    slack: Slack, connection: Connection, claim: VisitorClaim
) -> None:
    say(claim, "x" * 7000)
    say(claim, "after")
    settle(slack)
    assert [len(line) for line in slack.lines(connection)] == [3000, 3000, 1000, 5]


def test_two_chats_of_one_channel_have_a_thread_each(
    slack: Slack, connection: Connection, site: Site, claim: VisitorClaim
) -> None:
    other = newcomer(site)
    say(claim, "mine")
    say(other, "theirs")
    settle(slack)
    for whose, text in ((claim, "mine"), (other, "theirs")):
        root = link_of(chat_of(whose)).root_ts
        thread = slack.look("messages", channel=connection.channel_id, thread_ts=root)["messages"]
        assert [text_of(message) for message in thread[1:]] == [text]


def test_a_chat_after_the_close_gets_a_card_of_its_own(
    slack: Slack, connection: Connection, claim: VisitorClaim
) -> None:
    chats.close_chat(say(claim, "old").chat_id)
    say(claim, "new")
    settle(slack)
    assert len(slack.cards(connection)) == 2


def test_ringing_twice_or_at_the_wrong_time_is_harmless(
    slack: Slack, connection: Connection, claim: VisitorClaim
) -> None:
    from slackapp.mirror import deliver

    say(claim, "once")
    lane = link_of(chat_of(claim)).lane_id
    for _ in range(3):
        deliver(lane)
    assert slack.lines(connection) == ["once"]


def test_nothing_of_a_note_reaches_slack(
    slack: Slack, connection: Connection, claim: VisitorClaim, bob: Member
) -> None:
    say(claim, "hello")
    messages.post_note(chat_of(claim).pk, agent_of(bob), "grumpy", [{"type": "text", "text": "grumpy"}])
    settle(slack)
    assert "grumpy" not in str(slack.channel(connection))


def test_without_a_connection_nothing_is_promised(site: Site, claim: VisitorClaim) -> None:
    message = say(claim)
    message.refresh_from_db()
    assert message.mirror_state == "none"
    assert not Delivery.objects.exists()
    assert not Lane.objects.exists()


def test_a_chat_of_another_site_does_not_go_to_acmes_slack(
    slack: Slack, connection: Connection, mallory: Member
) -> None:
    from tests.cast import shop_of

    say(newcomer(shop_of(mallory, "Globex Shop")), "our secret sauce")
    settle(slack)
    assert "secret sauce" not in str(slack.look("state"))


def test_the_promise_is_part_of_the_message(
    connection: Connection, claim: VisitorClaim, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the promise cannot be written there is no message: nothing is accepted that Slack would never hear of."""

    def fail(lane_id: int) -> None:
        raise RuntimeError("no room for a promise")

    monkeypatch.setattr(lanes, "mark_due", fail)
    with pytest.raises(RuntimeError):
        say(claim)
    assert not Message.unscoped.exists()
    assert not ChatSession.unscoped.exists()
    assert not ChatLink.objects.exists()


def test_a_repeat_promises_nothing_more(connection: Connection, claim: VisitorClaim) -> None:
    key = uuid.uuid4()
    say(claim, "Hello", key)
    say(claim, "Hello", key)
    assert list(Delivery.objects.values_list("kind", flat=True)) == ["card", "line"]


def test_a_busy_channel_keeps_slacks_pace(
    slack: Slack, connection: Connection, site: Site, settings: Settings
) -> None:
    """Bursts of three, then about one a second: with the pace slowed to nothing three posts leave and no more."""
    settings.LIMITS_SCALE = 0.01
    visitors = [newcomer(site) for _ in range(3)]
    before = len(slack.calls("chat.postMessage"))
    for visitor in visitors:
        say(visitor)
    work()
    assert len(slack.calls("chat.postMessage")) - before == 3
    assert Lane.objects.filter(due_at__isnull=False).count() >= 2


def test_the_transcript_is_the_same_on_both_sides(
    slack: Slack, connection: Connection, claim: VisitorClaim, bob: Member
) -> None:
    for number in range(4):
        say(claim, f"visitor {number}")
        messages.post_agent_message(chat_of(claim).pk, agent_of(bob), f"bob {number}")
    settle(slack)
    assert "\n".join(slack.lines(connection)).split("\n") == lines_of(chat_of(claim))


def test_a_message_with_slack_costs_little(connection: Connection, claim: VisitorClaim) -> None:
    say(claim)
    with CaptureQueriesContext(database) as captured:
        say(claim)
    marks = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT")
    assert len([one for one in captured.captured_queries if not one["sql"].startswith(marks)]) <= 6
