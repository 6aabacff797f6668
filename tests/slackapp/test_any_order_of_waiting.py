"""S20: whatever happens to a chat, in whatever order: each step of a wait is told at most once, none after its end."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.access import agent_of
from accounts.models import Member
from livechat.actions import snoozing
from livechat.actions.chats import close_chat
from livechat.actions.messages import lock_chat, post_agent_message, post_note, take
from livechat.models import ChatSession, Site
from livechat.snooze import LATEST, checked
from livechat.tokens import VisitorClaim
from slackapp import reminding
from slackapp.models import ChannelBudget, Connection, Delivery, Lane
from tests.cast import chat_of, newcomer, say
from tests.slackapp.peer import work
from tests.slackapp.reminding import go_by, plan
from tests.slackapp.threads_of_people import connected_by_rows

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
ACTS = "wait wait wait wait sweep sweep deliver deliver say say answer note take snooze wake close".split()
MINUTES = {"thread": 5, "channel": 15, "mention": 40}


@pytest.fixture
def posts(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What Slack was told; it takes everything."""
    told: list[dict[str, Any]] = []

    def call(installation: object, method: str, **arguments: Any) -> dict[str, Any]:
        told.append({"method": method, **arguments})
        return {"ok": True, "ts": f"1700000000.{len(told):06}"}

    monkeypatch.setattr("slackapp.keys.call", call)
    return told


class Wait:
    """What ought to be: since how many minutes nobody looks after the visitor, and what was told of that."""

    def __init__(self) -> None:
        self.is_waiting, self.minutes = False, None
        self.told: list[str] = []

    minutes: float | None

    def begin(self) -> None:
        if self.minutes is None and self.is_waiting:
            self.minutes, self.told = 0, []

    def end(self, *, answered: bool) -> None:
        self.minutes, self.is_waiting = None, self.is_waiting and not answered


class Play:
    def __init__(self, claim: VisitorClaim, bob: Member, posts: list[dict[str, Any]]) -> None:
        self.claim, self.agent, self.wait = claim, agent_of(bob), Wait()
        self.posts, self.read = posts, len(posts)

    @property
    def chat(self) -> ChatSession:
        return chat_of(self.claim)

    def act(self, act: str, chance: Random) -> None:
        getattr(self, f"_{act}")(chance)
        self._hear()

    def _wait(self, chance: Random) -> None:
        minutes = chance.choice([1, 3, 6, 12, 30])
        go_by(minutes)
        if self.wait.minutes is not None:
            self.wait.minutes += minutes

    def _sweep(self, chance: Random) -> None:
        reminding.remind_due()

    def _deliver(self, chance: Random) -> None:
        """Slack's pace is not what this is about."""
        for _ in range(10):
            ChannelBudget.objects.all().delete()
            Delivery.objects.filter(state="pending").update(slot_at=None)
            Lane.objects.exclude(due_at=None).update(due_at=timezone.now() - timedelta(seconds=1))
            if not work():
                return

    def _say(self, chance: Random) -> None:
        say(self.claim, "Anybody?")
        self.wait.is_waiting = True
        self.wait.begin()

    def _answer(self, chance: Random) -> None:
        post_agent_message(self.chat.pk, self.agent, "Here I am")
        self.wait.end(answered=True)

    def _note(self, chance: Random) -> None:
        post_note(self.chat.pk, self.agent, "Who knows?")

    def _take(self, chance: Random) -> None:
        if self.chat.is_open:
            take(lock_chat(self.chat.pk), self.agent)
            self.wait.end(answered=False)

    def _snooze(self, chance: Random) -> None:
        if self.chat.is_open:
            until = checked(timezone.now() + LATEST / 2)
            snoozing.snooze(self.chat.pk, self.agent, until)
            self.wait.end(answered=False)

    def _wake(self, chance: Random) -> None:
        if snoozing.wake(self.chat.pk):
            self.wait.begin()

    def _close(self, chance: Random) -> None:
        close_chat(self.chat.pk)
        self.wait.end(answered=True)

    def _hear(self) -> None:
        """Every reminder that was posted since the last act belongs to a wait that goes on, and is new to it."""
        for post in self.posts[self.read :]:
            if (post.get("metadata") or {}).get("event_type") == "chat_reminder":
                self._check(post)
        self.read = len(self.posts)

    def _check(self, post: dict[str, Any]) -> None:
        assert self.wait.minutes is not None, "told though nobody waits unseen"
        broadcast, names = post.get("reply_broadcast"), "'user'" in str(post["blocks"])
        step = "mention" if names else "channel" if broadcast else "thread"
        assert self.wait.minutes >= MINUTES[step], f"{step} came too early"
        louder = list(MINUTES)[list(MINUTES).index(step) :]
        assert not set(louder) & set(self.wait.told), f"{step} after {self.wait.told}"
        self.wait.told.append(step)

    def expect_the_loudest(self) -> None:
        """Nothing that is due is forgotten either."""
        self.act("sweep", Random(0))
        self.act("deliver", Random(0))
        due = [step for step, minutes in MINUTES.items() if (self.wait.minutes or -1) >= minutes]
        assert self.wait.minutes is None or self.wait.told[-1:] == due[-1:]


@pytest.fixture
def connection(site: Site) -> Connection:
    return connected_by_rows(site)


@given(seed=st.integers(0, 2**32))
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_each_step_is_told_at_most_once_and_never_after_an_answer(
    connection: Connection, bob: Member, posts: list[dict[str, Any]], seed: int
) -> None:
    chance = Random(seed)
    play = Play(newcomer(connection.site), bob, posts)
    play.act("say", chance)
    steps = {f"{step}_minutes": minutes for step, minutes in MINUTES.items()}
    plan(play.chat, **steps, people=[f"{connection.team_id}:U0BOB"])
    for _ in range(chance.randint(3, 25)):
        play.act(chance.choice(ACTS), chance)
    play.expect_the_loudest()
    play.act("close", chance)
    play.act("deliver", chance)
