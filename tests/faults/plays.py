"""What may happen to chats, as a machine of rules; after any play of them there is one transcript everywhere."""

import contextlib
import json
import uuid

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
)

from accounts.access import agent_of
from accounts.actions import create_workspace
from accounts.errors import Refused
from accounts.models import User
from livechat.actions.changes import MAY_CHANGE
from livechat.actions.chats import close_chat
from livechat.actions.messages import post_agent_message
from livechat.models import ChatSession, Message, Site
from slackapp import actions, lanes
from tests.faults.checks import (
    NOTE,
    check_database,
    check_replies,
    check_slack,
    check_tab,
    connect,
    unfinished,
)
from tests.faults.stage import Stage
from tests.faults.tabs import Person, Tab
from tests.faults.wire import Killed
from tests.slackapp.peer import work_lane

AFTER = ["lost_after", "500_after", "killed_after"]
OUTCOMES = ["", "not_sent", "limited", "refused", "lost_before", "500_before", "killed_before", *AFTER]
OUTCOMES += ["echo_first", *(f"echo_first_{end}" for end in AFTER), "overtaken", "overtaken_lost_after"]


class Chats(RuleBasedStateMachine):
    stage: Stage

    @initialize()
    def open_the_shop(self) -> None:
        self.stage.empty()
        self.slack = self.stage.slack
        self.slack.meanwhile = self._echo_arrives
        self.slack.overtake = self._somebody_else_takes_over
        owner = create_workspace("Acme", User.objects.create_user("alice@acme.example", None, name="Alice"))
        self.agent = agent_of(owner)
        self.site = Site.unscoped.create(workspace=owner.workspace, name="Shop")
        connect(self.site, self.slack)
        visitors = [Person(self.site), Person(self.site)]
        self.stage.tabs = self.tabs = [Tab(visitors[0]), Tab(visitors[0]), Tab(visitors[1])]
        self.people = visitors
        self.said: dict[str, tuple[str, str]] = {}
        self.replied: set[uuid.UUID] = set()
        self.number = 0

    # --- small things ---------------------------------------------------------------------------------------------

    def _words(self, kind: str, size: int = 0) -> str:
        self.number += 1
        return f"{kind} {self.number} <&> " + "äöü " * (size // 4)

    def _online(self, number: int) -> Tab:
        tab = self.tabs[number % len(self.tabs)]
        if tab.socket is None:
            tab.connect()
        return tab

    def _work(self, lane: int, key: str) -> None:
        work_lane(lane, key)

    def _work_all(self) -> None:
        for lane, key in lanes.due():
            self._work(lane, key)

    def _carry(self, place: int, *, again: bool = False) -> None:
        mail = self.slack.mail
        event = (
            mail.waiting[place % len(mail.waiting)] if again else mail.waiting.pop(place % len(mail.waiting))
        )
        mail.carried.append(event)
        actions.record_event(json.loads(json.dumps(event.body)))

    def _echo_arrives(self) -> None:
        while self.slack.mail.waiting:
            self._carry(0)
        for lane, key in lanes.due():
            if key.startswith("in:"):
                self._work(lane, key)

    def _somebody_else_takes_over(self) -> None:
        """The caller hangs for longer than its lease; another worker finds the lane and works it."""
        self.stage.clock.pass_by(lanes.LEASE.total_seconds() + 1)
        self._work_all()

    # --- visitors -------------------------------------------------------------------------------------------------

    @rule(number=st.integers(0, 2), size=st.sampled_from([0, 0, 0, 0, 3500, 6500]), lost=st.booleans())
    def a_visitor_writes(self, number: int, size: int, lost: bool) -> None:
        self._online(number).send(str(uuid.uuid4()), self._words("visitor", size), answer_lost=lost)

    @precondition(lambda self: any(person.bodies for person in self.people))
    @rule(number=st.integers(0, 2), which=st.integers(0, 9))
    def a_visitor_sends_again(self, number: int, which: int) -> None:
        tab = self._online(number)
        if tab.person.sent:
            cid, body = list(tab.person.sent.items())[which % len(tab.person.sent)]
            tab.send(cid, body)

    @precondition(lambda self: any(person.acks for person in self.people))
    @rule(number=st.integers(0, 2), which=st.integers(0, 9), withdraws=st.booleans())
    def a_visitor_changes_a_line(self, number: int, which: int, withdraws: bool) -> None:
        tab = self._online(number)
        own = [cid for cid, ack in tab.person.acks.items() if self._may_be_changed(ack["id"])]
        if own:
            tab.change(own[which % len(own)], None if withdraws else self._words("edited"))

    def _may_be_changed(self, message_id: str) -> bool:
        """In time, not gone, and short: a long line's parts are another test's matter."""
        message = Message.unscoped.get(pk=message_id)
        late = self.stage.clock.now() - message.created_at > MAY_CHANGE
        return not late and message.deleted_at is None and len(message.body) < 1000

    @rule(number=st.integers(0, 2), forget=st.integers(0, 4))
    def a_visitor_reconnects(self, number: int, forget: int) -> None:
        self.tabs[number].connect(forget)

    @rule(number=st.integers(0, 2))
    def a_visitor_goes_away(self, number: int) -> None:
        self.tabs[number].disconnect()

    @rule(number=st.integers(0, 2), ends=st.booleans())
    def a_visitor_ends_or_looks(self, number: int, ends: bool) -> None:
        tab = self._online(number)
        tab.end() if ends else tab.seen()

    @precondition(lambda self: any(tab.rings for tab in self.tabs))
    @rule(place=st.integers(0, 9), heard=st.booleans())
    def a_ring_is_heard_or_lost(self, place: int, heard: bool) -> None:
        tab = next(tab for tab in self.tabs if tab.rings)
        if heard:
            tab.hear_ring(place)
        else:
            tab.rings.pop(place % len(tab.rings))
            tab.missed = True

    # --- agents ---------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.slack.roots())
    @rule(which=st.integers(0, 5), note=st.integers(0, 3))
    def an_agent_writes_in_the_thread(self, which: int, note: int) -> None:
        roots = self.slack.roots()
        root = roots[which % len(roots)].ts
        text = self._words(f";; {NOTE}" if note == 0 else "agent")
        self.said[self.slack.say(root, text)] = (root, text)

    @precondition(lambda self: self.said)
    @rule(which=st.integers(0, 9))
    def an_agent_edits_in_the_thread(self, which: int) -> None:
        ts = list(self.said)[which % len(self.said)]
        root, text = self.said[ts]
        words = self._words(f";; {NOTE}" if NOTE in text else "agent")
        self.slack.edit(ts, words)
        self.said[ts] = (root, words)

    @precondition(lambda self: ChatSession.unscoped.exists())
    @rule(which=st.integers(0, 5), closes=st.integers(0, 3))
    def an_agent_works_in_the_console(self, which: int, closes: int) -> None:
        chats = list(ChatSession.unscoped.order_by("started_at"))
        chat = chats[which % len(chats)]
        if closes == 0:
            close_chat(chat.pk)
            return
        cid, body = uuid.uuid4(), self._words("console")
        newer = ChatSession.unscoped.filter(visitor=chat.visitor, status="open").exclude(pk=chat.pk)
        if chat.status == "closed" and newer.exists():
            with pytest.raises(Refused, match="newer chat"):
                post_agent_message(chat.pk, self.agent, body, client_message_id=cid)
            return
        first, second = (
            post_agent_message(chat.pk, self.agent, body, client_message_id=cid) for _ in range(2)
        )
        assert first.pk == second.pk
        self.replied.add(cid)

    # --- Slack and the workers ------------------------------------------------------------------------------------

    @precondition(lambda self: self.slack.mail.waiting)
    @rule(place=st.integers(0, 9), again=st.booleans())
    def an_event_arrives(self, place: int, again: bool) -> None:
        self._carry(place, again=again)

    @precondition(lambda self: self.slack.mail.carried)
    @rule(place=st.integers(0, 9), fresh=st.booleans())
    def an_event_arrives_again(self, place: int, fresh: bool) -> None:
        carried = self.slack.mail.carried
        body = json.loads(json.dumps(carried[place % len(carried)].body))
        body["event_id"] += self._words("").replace(" ", "")[:20] if fresh else ""
        actions.record_event(body)

    @precondition(lambda self: any(event.own for event in self.slack.mail.waiting))
    @rule()
    def an_echo_is_lost(self) -> None:
        self.slack.mail.waiting.remove(next(event for event in self.slack.mail.waiting if event.own))

    @precondition(lambda self: bool(lanes.due()))
    @rule(
        which=st.integers(0, 9),
        outcomes=st.lists(st.sampled_from(OUTCOMES), max_size=4),
        killed=st.none() | st.integers(0, 15),
    )
    def a_worker_takes_a_lane(self, which: int, outcomes: list[str], killed: int | None) -> None:
        due = lanes.due()
        self.slack.faults.extend(outcomes)
        self.stage.gaps_until_killed = killed
        with contextlib.suppress(Killed):
            self._work(*due[which % len(due)])
        self.stage.gaps_until_killed = None
        self.slack.faults.clear()

    @rule(seconds=st.sampled_from([0.5, 2, 12, 35, 120]))
    def time_passes(self, seconds: float) -> None:
        self.stage.clock.pass_by(seconds)

    # --- the end --------------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        if not hasattr(self, "people"):
            return
        self._drain()
        check_database(self.people)
        check_slack(self.slack)
        check_replies(self.slack, self.said, self.replied)
        for tab in self.tabs:
            check_tab(tab)

    def _drain(self) -> None:
        for _ in range(300):
            while self.slack.mail.waiting:
                self._carry(0)
            self._work_all()
            if not self.slack.mail.waiting and not unfinished():
                return
            self.stage.clock.pass_by(5)
        raise AssertionError(f"the queues do not drain: {unfinished()}")
