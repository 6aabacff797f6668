"""S27: what was written in Slack while nobody here listened is found and delivered, once."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Member
from livechat.actions.chats import close_chat
from livechat.models import Attachment, ChatSession, Message, Site
from slackapp import actions, catch_up, lanes
from slackapp.actions import catching_up
from slackapp.inbound import work_inbound
from slackapp.models import ChatLink, Connection, Heartbeat, InboundEvent, Installation, Lane
from tests.cast import chat_of, newcomer, say
from tests.serving import eventually
from tests.slackapp.peer import Slack, link_of, settle, work


@contextmanager
def deaf(slack: Slack) -> Iterator[None]:
    """Slack speaks to nobody, and gives up."""
    slack.act("delayed_events", on=False)
    slack.act("socket_mode", on=True)
    yield
    eventually(slack.is_quiet, seconds=10)
    slack.act("socket_mode", on=False)


def write(slack: Slack, chat: ChatSession, text: str, user: str = "bob") -> str:
    link = link_of(chat)
    said = slack.act(
        "say", user=user, channel=link.channel_id, thread_ts=link.root_ts, text=text, team="Acme"
    )
    return str(said["ts"])


def told(chat: ChatSession) -> list[str]:
    shown = Message.unscoped.filter(chat=chat, author_kind="agent", is_note=False, deleted_at=None)
    return list(shown.order_by("seq").values_list("body", flat=True))


def shut_for(minutes: float, door: str = "web") -> bool:
    """The door has been shut for so long, and opens."""
    Heartbeat.objects.update_or_create(
        door=door, defaults={"at": timezone.now() - timedelta(minutes=minutes)}
    )
    return catching_up.beat(door)


def caught_up(slack: Slack) -> None:
    """Turn for turn, as if the waits between them were over."""
    for _ in range(300):
        settle(slack)
        if not Installation.objects.exclude(catch_up_at=None).exists():
            return
        Installation.objects.exclude(catch_up_at=None).update(catch_up_at=timezone.now())
        Lane.objects.filter(key__startswith="own:").update(due_at=timezone.now() - timedelta(seconds=1))
    raise AssertionError("it never ended")


def reads(slack: Slack) -> int:
    return len(slack.calls("conversations.replies"))


def test_replies_written_meanwhile_arrive_once_and_in_order(slack: Slack, chat: ChatSession) -> None:
    with deaf(slack):
        for text in ("one", "two", "three"):
            write(slack, chat, text)
    assert shut_for(minutes=10)
    caught_up(slack)
    assert told(chat) == ["one", "two", "three"]
    assert shut_for(minutes=10)
    caught_up(slack)
    assert told(chat) == ["one", "two", "three"]


def test_more_than_a_page_is_read_page_by_page(slack: Slack, chat: ChatSession) -> None:
    texts = [f"line {number}" for number in range(40)]
    with deaf(slack):
        for text in texts:
            write(slack, chat, text)
    shut_for(minutes=10)
    caught_up(slack)
    assert told(chat) == texts
    assert reads(slack) == 3


def test_what_slack_repeats_later_is_the_same_line(slack: Slack, chat: ChatSession) -> None:
    """Delayed retries come hours later, when the line has long been found."""
    ts = write(slack, chat, "said once")
    settle(slack)
    event = InboundEvent.objects.get(payload__event__ts=ts)
    shut_for(minutes=10)
    caught_up(slack)
    actions.record_event({**event.payload, "event_id": "Ev0AGAIN"})
    work()
    assert told(chat) == ["said once"]


def test_edits_and_deletions_are_noticed_too(slack: Slack, chat: ChatSession) -> None:
    link = link_of(chat)
    first, second = write(slack, chat, "frist"), write(slack, chat, "wrong chat")
    settle(slack)
    with deaf(slack):
        slack.act("edit", user="bob", channel=link.channel_id, ts=first, text="first", team="Acme")
        slack.act("delete", user="bob", channel=link.channel_id, ts=second, team="Acme")
    assert told(chat) == ["frist", "wrong chat"]
    shut_for(minutes=10)
    caught_up(slack)
    assert told(chat) == ["first"]


def test_a_note_stays_a_note(slack: Slack, chat: ChatSession) -> None:
    with deaf(slack):
        write(slack, chat, ";; between us")
    shut_for(minutes=10)
    caught_up(slack)
    assert told(chat) == []
    assert Message.unscoped.get(chat=chat, is_note=True).body.endswith("between us")


def test_a_short_pause_asks_slack_nothing(slack: Slack, chat: ChatSession) -> None:
    before = reads(slack)
    assert not shut_for(minutes=0.5)
    caught_up(slack)
    assert reads(slack) == before


def test_the_first_start_of_all_asks_nothing(slack: Slack, chat: ChatSession) -> None:
    assert not catching_up.beat("web")
    assert Installation.objects.get().gaps_since is None


def test_closed_chats_are_not_read(slack: Slack, chat: ChatSession) -> None:
    close_chat(chat.pk)
    settle(slack)
    before = reads(slack)
    shut_for(minutes=10)
    caught_up(slack)
    assert reads(slack) == before


def test_the_chat_that_spoke_last_is_read_first_and_a_long_list_is_cut(
    slack: Slack, connection: Connection, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    chats = []
    for number in range(3):
        claim = newcomer(site)
        say(claim, f"visitor {number}")
        settle(slack)
        chats.append(chat_of(claim))
    monkeypatch.setattr(catching_up, "MOST_CHATS", 2)
    before = reads(slack)
    shut_for(minutes=10)
    caught_up(slack)
    read = [call["args"]["ts"] for call in slack.calls("conversations.replies")[before:]]
    assert read == [link_of(chat).root_ts for chat in reversed(chats[1:])]


def test_slacks_pace_is_kept(slack: Slack, chat: ChatSession) -> None:
    """One page a minute for apps outside the Marketplace: the lane is given back until then, nobody sleeps."""
    slack.fault("ratelimit", method="conversations.replies", retry_after=60)
    with deaf(slack):
        write(slack, chat, "patience")
    shut_for(minutes=10)
    settle(slack)
    at = Installation.objects.get().catch_up_at
    assert at is not None
    assert timedelta(seconds=50) < at - timezone.now() <= timedelta(seconds=60)
    assert told(chat) == []
    caught_up(slack)
    assert told(chat) == ["patience"]


@pytest.mark.parametrize("error", ["thread_not_found", "channel_not_found"])
def test_a_chat_that_cannot_be_read_stops_nothing(
    slack: Slack, connection: Connection, site: Site, chat: ChatSession, error: str
) -> None:
    claim = newcomer(site)
    say(claim, "another")
    settle(slack)
    slack.fault("error", method="conversations.replies", error=error)
    with deaf(slack):
        write(slack, chat, "still found")
    shut_for(minutes=10)
    caught_up(slack)
    assert told(chat) == ["still found"]
    assert not ChatLink.objects.exclude(missing_since="").exists()


def test_a_slack_that_is_away_is_asked_later(slack: Slack, chat: ChatSession) -> None:
    slack.fault("status", method="conversations.replies", status=503)
    with deaf(slack):
        write(slack, chat, "later")
    shut_for(minutes=10)
    caught_up(slack)
    assert told(chat) == ["later"]


def test_events_that_slack_held_back_are_looked_for(slack: Slack, chat: ChatSession) -> None:
    installation = Installation.objects.get()
    with deaf(slack):
        write(slack, chat, "held back")
    minute = int((timezone.now() - timedelta(minutes=2)).timestamp())
    actions.record_event(
        {
            "type": "app_rate_limited",
            "team_id": installation.slack_team_id,
            "minute_rate_limited": minute,
            "api_app_id": installation.app_id,
        }
    )
    settle(slack)
    at = Installation.objects.get().catch_up_at
    assert at is not None
    assert at > timezone.now() + timedelta(seconds=30)
    caught_up(slack)
    assert told(chat) == ["held back"]


def test_another_teams_chats_are_not_read(
    slack: Slack, chat: ChatSession, mallory: Member, connection: Connection
) -> None:
    """What Slack held back from Globex says nothing of Acme."""
    before = reads(slack)
    actions.record_event(
        {
            "type": "app_rate_limited",
            "team_id": slack.team("Globex")["id"],
            "minute_rate_limited": 1,
            "api_app_id": Installation.objects.get().app_id,
        }
    )
    caught_up(slack)
    assert (reads(slack), Installation.objects.get().gaps_since) == (before, None)


def test_with_socket_mode_the_web_process_vouches_for_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its door stays open while the connection to Slack may be gone."""
    beaten: list[str] = []

    async def keep_beating(door: str) -> None:
        beaten.append(door)

    monkeypatch.setattr(catch_up, "keep_beating", keep_beating)
    settings.SLACK_APP_TOKEN = "xapp-1"
    asyncio.run(catch_up.watch())
    settings.SLACK_APP_TOKEN = ""
    asyncio.run(catch_up.watch())
    assert beaten == ["web"]


def test_a_line_heard_while_the_thread_is_read_is_not_taken_for_deleted(
    slack: Slack, chat: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = catch_up.page_of

    def page(installation: Installation, link: ChatLink, **which: str | None) -> catch_up.Json:
        answer = real(installation, link, **which)
        write(slack, chat, "just now")
        for _ in range(200):
            work_lanes_of_slack()
            if "just now" in told(chat):
                break
        return answer

    monkeypatch.setattr(catch_up, "page_of", page)
    shut_for(minutes=10)
    caught_up(slack)
    assert told(chat) == ["just now"]


def work_lanes_of_slack() -> None:
    for _, key in lanes.due():
        if key.startswith("in:"):
            work_inbound(key)


def test_lines_of_a_thread_whose_card_was_deleted_are_not_taken_for_deleted(
    slack: Slack, chat: ChatSession
) -> None:
    write(slack, chat, "in the old thread")
    settle(slack)
    link = link_of(chat)
    slack.act("delete", user="alice", channel=link.channel_id, ts=link.root_ts, team="Acme")
    settle(slack)
    assert link_of(chat).root_ts != link.root_ts
    shut_for(minutes=10)
    caught_up(slack)
    assert told(chat) == ["in the old thread"]


def test_a_gap_that_opens_while_the_last_one_ends_is_not_forgotten(slack: Slack, chat: ChatSession) -> None:
    shut_for(minutes=10)
    caught_up(slack)
    seen = link_of(chat).installation
    catching_up.note_gap(seen, timezone.now(), timedelta())
    catching_up.ask_again(seen, None)
    assert Installation.objects.get().catch_up_at is not None


# --- what else happens while nobody listens ----------------------------------------------------------------------


def test_a_lock_that_was_set_meanwhile_takes_the_answer_back(slack: Slack, chat: ChatSession) -> None:
    ts = write(slack, chat, "not for them")
    settle(slack)
    assert told(chat) == ["not for them"]
    with deaf(slack):
        slack.act("react", user="bob", channel=link_of(chat).channel_id, ts=ts, name="lock", team="Acme")
    shut_for(minutes=10)
    caught_up(slack)
    assert told(chat) == []
    assert Message.unscoped.get(chat=chat, is_note=True).body == "not for them"


def test_what_was_written_shortly_before_is_looked_at_too(slack: Slack, chat: ChatSession) -> None:
    """Whoever answered just before the outage may have mended a word during it."""
    ts = write(slack, chat, "frist")
    settle(slack)
    with deaf(slack):
        slack.act("edit", user="bob", channel=link_of(chat).channel_id, ts=ts, text="first", team="Acme")
    Heartbeat.objects.update_or_create(door="web", defaults={"at": timezone.now() + timedelta(minutes=10)})
    catching_up.note_gap(Installation.objects.get(), timezone.now() + timedelta(minutes=10), timedelta())
    caught_up(slack)
    assert told(chat) == ["first"]


def test_files_shared_meanwhile_arrive(slack: Slack, chat: ChatSession) -> None:
    link = link_of(chat)
    where = {"user": "bob", "channel": link.channel_id, "thread_ts": link.root_ts, "team": "Acme"}
    with deaf(slack):
        slack.act("say", text="the form", files=[{"name": "form.txt", "content": "Please fill in."}], **where)
    shut_for(minutes=10)
    caught_up(slack)
    assert told(chat) == ["the form"]
    files = Attachment.unscoped.filter(message__chat=chat, message__body="the form")
    assert list(files.values_list("name", flat=True)) == ["form.txt"]


def test_a_deletion_is_noticed_on_whichever_page_it_was(slack: Slack, chat: ChatSession) -> None:
    """Also where two pages meet."""
    lines = [write(slack, chat, f"line {number}") for number in range(34)]
    settle(slack)
    gone = [0, 13, 14, 15, 20, 29, 33]
    with deaf(slack):
        for number in gone:
            slack.act("delete", user="bob", channel=link_of(chat).channel_id, ts=lines[number], team="Acme")
    shut_for(minutes=10)
    before = reads(slack)
    caught_up(slack)
    assert told(chat) == [f"line {number}" for number in range(34) if number not in gone]
    assert reads(slack) - before == 2


def test_an_outage_in_the_middle_of_catching_up_begins_anew(slack: Slack, chat: ChatSession) -> None:
    """The first gap is not forgotten for the second, and nothing comes twice."""
    texts = [f"line {number}" for number in range(20)]
    with deaf(slack):
        for text in texts:
            write(slack, chat, text)
    shut_for(minutes=10)
    settle(slack)
    assert ChatLink.objects.get().missing_cursor
    with deaf(slack):
        write(slack, chat, "and one more")
    shut_for(minutes=2)
    caught_up(slack)
    assert told(chat) == [*texts, "and one more"]


def test_two_who_catch_up_at_once_move_each_other_nowhere(slack: Slack, chat: ChatSession) -> None:
    """Whoever was overtaken, after losing the lane for a while, writes no place that lies behind."""
    texts = [f"line {number}" for number in range(40)]
    with deaf(slack):
        for text in texts:
            write(slack, chat, text)
    shut_for(minutes=10)
    settle(slack)
    slow = ChatLink.objects.select_related("chat").get()
    installation = Installation.objects.get()
    catch_up.step(installation)
    ahead = ChatLink.objects.get()
    assert ahead.missing_cursor != slow.missing_cursor
    catch_up._read(installation, slow)
    assert ChatLink.objects.get().missing_cursor == ahead.missing_cursor
    caught_up(slack)
    assert told(chat) == texts
