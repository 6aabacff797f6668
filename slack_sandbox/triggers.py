"""trigger_ids: each opens one view, within three seconds of what the person did."""

import time
from dataclasses import dataclass, field

from slack_sandbox.model import Person, Team, World


class Unusable(Exception):
    """Slack's error for a trigger_id that opens nothing."""


@dataclass
class Trigger:
    team: str
    user: str
    view: str
    """The view that it was pressed in, or ''."""
    made: float = field(default_factory=time.monotonic)
    used: bool = False


@dataclass
class Triggers:
    seconds: float = 3.0
    known: dict[str, Trigger] = field(default_factory=dict)

    def issue(self, world: World, team: Team, person: Person, view: str = "") -> str:
        trigger_id = f"{world.random.randrange(10**12)}.{world.random.randrange(10**9)}.{world.secret(32)}"
        self.known[trigger_id] = Trigger(team.id, person.id, view)
        return trigger_id

    def exchange(self, trigger_id: str, teams: set[str]) -> Trigger:
        """Spends it, for an installation in one of `teams`."""
        trigger = self.known.get(trigger_id)
        if trigger is None or trigger.team not in teams:
            raise Unusable("invalid_trigger_id")
        if trigger.used:
            raise Unusable("exchanged_trigger_id")
        if time.monotonic() - trigger.made > self.seconds:
            raise Unusable("expired_trigger_id")
        trigger.used = True
        return trigger
