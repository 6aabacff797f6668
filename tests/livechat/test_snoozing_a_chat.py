"""S15: a snoozed chat is out of sight until its moment or the visitor's next line, and comes back once."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.access import agent_of
from accounts.errors import Refused
from accounts.models import Agent, Member
from config import engine
from livechat import events, snooze, tasks
from livechat.actions import blocking, chats, messages, snoozing
from livechat.events import ChatWoken
from livechat.models import ChatSession, Site
from livechat.tokens import VisitorClaim
from tests.cast import chat_of, lines_of, newcomer, say


@pytest.fixture
def agent(bob: Member) -> Agent:
    return agent_of(bob)


@pytest.fixture
def chat(claim: VisitorClaim) -> ChatSession:
    say(claim)
    return chat_of(claim)


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Why chats came back, as whoever listens hears it."""
    heard: list[str] = []
    listeners = [*events._promises[ChatWoken], lambda fact: heard.append(fact.why)]
    monkeypatch.setitem(events._promises, ChatWoken, listeners)
    return heard


def soon() -> datetime:
    return timezone.now() + timedelta(minutes=30)


def test_a_snoozed_chat_says_until_when_and_by_whom(chat: ChatSession, agent: Agent) -> None:
    until = soon()
    found = ChatSession.unscoped.get(pk=snoozing.snooze(chat.pk, agent, until).pk)
    assert (found.snoozed_until, found.snoozed_by) == (until, agent)
    assert found.snoozed_at is not None
    assert found.remind_at is None


def test_it_comes_back_at_its_moment_and_once(chat: ChatSession, agent: Agent, woken: list[str]) -> None:
    until = soon()
    snoozing.snooze(chat.pk, agent, until)
    assert snoozing.wake_due(until - timedelta(seconds=1)) == 0
    assert snoozing.wake_due(until) == 1
    assert snoozing.wake_due(until) == 0
    found = ChatSession.unscoped.get(pk=chat.pk)
    assert (found.snoozed_until, found.snoozed_at, found.snoozed_by) == (None, None, None)
    assert found.remind_at is not None
    assert woken == ["moment"]


def test_the_sweep_wakes_what_is_due(
    chat: ChatSession, agent: Agent, woken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also what came due while no process was running: the row is the promise."""
    monkeypatch.setattr(tasks, "_wake_due", snoozing.wake_due)
    monkeypatch.setattr(engine, "carries", lambda: True)
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)
    snoozing.snooze(chat.pk, agent, timezone.now() - timedelta(hours=3))
    tasks.sweep()
    tasks.sweep()
    assert woken == ["moment"]


@pytest.mark.django_db(transaction=True)
def test_of_workers_that_wake_at_once_one_does(chat: ChatSession, agent: Agent, woken: list[str]) -> None:
    snoozing.snooze(chat.pk, agent, timezone.now() - timedelta(minutes=1))

    def wake(number: int) -> int:
        try:
            return snoozing.wake_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        assert sum(workers.map(wake, range(4))) == 1
    assert woken == ["moment"]


def test_one_that_cannot_be_woken_holds_no_other_up(
    site: Site, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = newcomer(site), newcomer(site)
    for number, claim in enumerate((first, second)):
        say(claim)
        moment = timezone.now() - timedelta(minutes=9 - number)
        snoozing.snooze(chat_of(claim).pk, agent, moment)

    def stumble(fact: ChatWoken) -> None:
        if fact.chat.visitor_id == first.visitor_id:
            raise RuntimeError("a promise could not be written")

    with monkeypatch.context() as broken:
        broken.setitem(events._promises, ChatWoken, [stumble])
        assert snoozing.wake_due() == 1
    assert chat_of(first).is_snoozed
    assert not chat_of(second).is_snoozed
    assert snoozing.wake_due() == 1


def test_the_visitors_next_line_wakes_it(
    chat: ChatSession, claim: VisitorClaim, agent: Agent, woken: list[str]
) -> None:
    snoozing.snooze(chat.pk, agent, soon())
    said = say(claim, "Still there?")
    found = chat_of(claim)
    assert found.snoozed_until is None
    assert (found.unheeded_since, found.pk) == (said.created_at, chat.pk)
    assert woken == ["visitor"]


def test_an_answer_and_a_note_let_it_rest(chat: ChatSession, agent: Agent) -> None:
    snoozing.snooze(chat.pk, agent, soon())
    messages.post_agent_message(chat.pk, agent, "We ask the maker and come back to you.")
    messages.post_note(chat.pk, agent, "Asked the maker")
    assert ChatSession.unscoped.get(pk=chat.pk).is_snoozed


def test_somebody_may_wake_it_and_twice_is_harmless(
    chat: ChatSession, agent: Agent, woken: list[str]
) -> None:
    snoozing.snooze(chat.pk, agent, soon())
    assert snoozing.wake(chat.pk)
    assert not snoozing.wake(chat.pk)
    assert woken == ["person"]


def test_whoever_snoozed_it_may_move_the_moment_and_nobody_else(
    chat: ChatSession, agent: Agent, alice: Member
) -> None:
    until = soon() + timedelta(hours=2)
    snoozing.snooze(chat.pk, agent, soon())
    snoozing.snooze(chat.pk, agent, until)
    with pytest.raises(Refused, match=r"Bob has snoozed this chat until .+ already"):
        snoozing.snooze(chat.pk, agent_of(alice), soon())
    assert ChatSession.unscoped.get(pk=chat.pk).snoozed_until == until


def test_a_closed_chat_is_not_snoozed_and_closing_ends_a_snooze(
    chat: ChatSession, agent: Agent, woken: list[str]
) -> None:
    snoozing.snooze(chat.pk, agent, soon())
    closed = chats.close_chat(chat.pk)
    assert closed.snoozed_until is None
    assert snoozing.wake_due(soon() + timedelta(hours=1)) == 0
    with pytest.raises(Refused, match="closed"):
        snoozing.snooze(chat.pk, agent, soon())
    assert woken == []


def test_a_blocked_visitors_chat_is_not_snoozed(chat: ChatSession, agent: Agent) -> None:
    blocking.block(chat.pk, agent)
    with pytest.raises(Refused, match="blocked"):
        snoozing.snooze(chat.pk, agent, soon())


# --- in any order -------------------------------------------------------------------------------------------------

ACTS = st.sampled_from(["snooze", "snooze", "say", "answer", "wake", "wait", "sweep", "close"])


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(st.tuples(ACTS, st.integers(1, 90)), max_size=10))
def test_in_any_order_every_snooze_ends_once_and_no_line_is_lost(
    site: Site, agent: Agent, woken: list[str], plan: list[tuple[str, int]]
) -> None:
    claim, now, expected = newcomer(site), timezone.now(), ["Hello"]
    say(claim)
    until: datetime | None = None
    ends: list[str] = []
    woken.clear()
    for act, minutes in plan:
        chat = chat_of(claim)
        if act == "snooze" and chat.is_open:
            until = now + timedelta(minutes=minutes)
            snoozing.snooze(chat.pk, agent, until)
        elif act == "say":
            ends += ["visitor"] if until and chat.is_open else []
            until, expected = None, [*expected, str(uuid.uuid4())] if chat.is_open else ["again"]
            say(claim, expected[-1])
        elif act == "answer" and chat.is_open:
            expected = [*expected, str(uuid.uuid4())]
            messages.post_agent_message(chat.pk, agent, expected[-1])
        elif act == "wake":
            ends += ["person"] if until else []
            until = None
            snoozing.wake(chat.pk)
        elif act == "wait":
            now += timedelta(minutes=minutes)
        elif act == "sweep":
            over = until is not None and until <= now
            ends += ["moment"] if over else []
            until = None if over else until
            snoozing.wake_due(now)
        elif act == "close":
            until = None
            chats.close_chat(chat.pk)
        assert chat_of(claim).snoozed_until == until
    assert woken == ends
    assert lines_of(chat_of(claim)) == expected
    snoozing.wake(chat_of(claim).pk)


# --- moments ------------------------------------------------------------------------------------------------------


def test_the_usual_moments_are_half_an_hour_three_hours_and_the_next_morning(site: Site) -> None:
    now = datetime(2026, 11, 23, 16, 40, tzinfo=UTC)
    moments = [(choice.key, choice.label, choice.until) for choice in snooze.choices(site, UTC, now)]
    assert moments == [
        ("30m", "30 minutes", datetime(2026, 11, 23, 17, 10, tzinfo=UTC)),
        ("3h", "3 hours", datetime(2026, 11, 23, 19, 40, tzinfo=UTC)),
        ("tomorrow", "Tomorrow, 09:00 UTC", datetime(2026, 11, 24, 9, tzinfo=UTC)),
    ]


def utc(moment: str) -> datetime:
    return datetime.fromisoformat(f"{moment}+00:00")


SHOP = {
    "hours": [{"days": [0, 1, 2, 3, 4], "begin": "10:00", "end": "18:00"}],
    "zone": "Europe/Vilnius",
    "days": [{"date": "2026-11-24", "spans": []}],
}


@pytest.mark.parametrize(
    ("now", "opens", "label"),
    [
        ("2026-11-25 12:00", "2026-11-26 08:00", "Tomorrow, 10:00 EET"),
        # a holiday on Tuesday, a weekend
        ("2026-11-23 12:00", "2026-11-25 08:00", "Wed 25 Nov, 10:00 EET"),
        ("2026-11-27 12:00", "2026-11-30 08:00", "Mon 30 Nov, 10:00 EET"),
        # it is Thursday there already
        ("2026-11-25 22:30", "2026-11-27 08:00", "Tomorrow, 10:00 EET"),
    ],
)
def test_the_next_morning_is_when_the_site_opens(site: Site, now: str, opens: str, label: str) -> None:
    site.schedule = SHOP
    last = snooze.choices(site, UTC, utc(now))[-1]
    assert (last.until, last.label) == (utc(opens), label)


def test_a_site_without_hours_goes_by_the_readers_clock(site: Site) -> None:
    now = datetime(2026, 11, 23, 16, 40, tzinfo=UTC)
    last = snooze.choices(site, ZoneInfo("Asia/Tokyo"), now)[-1]
    assert (last.until, last.label) == (datetime(2026, 11, 25, 0, tzinfo=UTC), "Tomorrow, 09:00 JST")


def test_a_choice_that_is_none_of_ours_is_refused(site: Site) -> None:
    with pytest.raises(Refused):
        snooze.usual(site, "for ever")


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(hours=-1), timedelta(days=91)])
def test_a_chosen_moment_lies_ahead_and_not_too_far(ahead: timedelta) -> None:
    now = timezone.now()
    with pytest.raises(Refused):
        snooze.checked(now + ahead, now)
    assert snooze.checked(now + timedelta(days=90), now) > now


def test_a_moment_is_said_by_its_day_and_zone() -> None:
    now = datetime(2026, 11, 23, 16, 40, tzinfo=UTC)
    said = [snooze.said(now + timedelta(hours=hours), UTC, now) for hours in (1, 16, 40, 24 * 9)]
    assert said == ["17:40 UTC", "tomorrow, 08:40 UTC", "Wed 25 Nov, 08:40 UTC", "Wed 2 Dec, 16:40 UTC"]
