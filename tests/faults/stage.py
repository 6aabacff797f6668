"""The parts of the process that a play turns by hand: the clock, Slack, the doorbell, and where a worker is killed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from livechat import arriving, consumers, doorbell
from slackapp import actions, client, inbound, lanes, mirror, promises
from tests.emptying import empty
from tests.faults.tabs import Tab
from tests.faults.wire import Clock, Killed, SlackInProcess

# where a worker may be killed: before and after each of these, inside or outside of its transaction
GAPS = [
    (lanes, "claim"),
    (lanes, "release"),
    (lanes, "lease"),
    (mirror, "_advance"),
    (mirror, "_perform"),
    (promises, "take"),
    (inbound, "read_event"),
    (actions, "record_agent_reply"),
    (actions, "note_event_done"),
]


class Stage:
    """The parts of the process that the machine turns by hand; set up once, emptied for each play."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.clock = Clock()
        self.slack = SlackInProcess(self.clock)
        self.tabs: list[Tab] = []
        self.gaps_until_killed: int | None = None
        patch.setattr(timezone, "now", self.clock.now)
        patch.setattr(client, "_session", lambda: self.slack)
        patch.setattr(doorbell, "ring", self._ring)
        for wait in ("db", "write"):
            patch.setattr(consumers, wait, self._at_once)
            patch.setattr(arriving, wait, self._at_once)
        for module, name in GAPS:
            patch.setattr(module, name, self._with_gaps(getattr(module, name)))
        # a new connection: statements prepared before would go on asking the machine's clock
        connection.close()
        connection.ensure_connection()
        connection.connection.create_function("STRFTIME", 2, self._database_now)

    def empty(self) -> None:
        empty("default")
        self.clock.moment = Clock().moment
        self.slack = SlackInProcess(self.clock)
        self.tabs, self.gaps_until_killed = [], None

    def _database_now(self, layout: str, what: str) -> str:
        assert what == "NOW", what
        return self.clock.now().strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]

    @staticmethod
    async def _at_once(function: Callable[..., Any], *args: Any) -> Any:
        return function(*args)

    def _ring(self, *rings: tuple[str, dict[str, Any]]) -> None:
        for group, content in rings:
            for tab in self.tabs:
                if tab.socket is not None and group in tab.socket.groups:
                    tab.rings.append(content)

    def _with_gaps(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            self._gap()
            result = function(*args, **kwargs)
            self._gap()
            return result

        return run

    def _gap(self) -> None:
        if self.gaps_until_killed is None:
            return
        self.gaps_until_killed -= 1
        if self.gaps_until_killed < 0:
            self.gaps_until_killed = None
            raise Killed
