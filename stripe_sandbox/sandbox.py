"""The sandbox as one object: what there is, its time, and how it tells of a change."""

import copy
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from stripe_sandbox import seeding
from stripe_sandbox.clock import Clock
from stripe_sandbox.delivery import Postman
from stripe_sandbox.faults import Faults
from stripe_sandbox.idempotency import Keys
from stripe_sandbox.journal import Journal
from stripe_sandbox.model import Json, World, changed
from stripe_sandbox.options import API_VERSION, Options
from stripe_sandbox.refusals import missing
from stripe_sandbox.storage import Keeper


@dataclass
class Sandbox:
    options: Options
    world: World = field(init=False)
    asking: Json | None = None
    """The API request that is being worked, as events name it; None for what Stripe does by itself."""

    def __post_init__(self) -> None:
        self.clock = Clock(self.options.clock, self.options.start)
        self.faults = Faults(random.Random(self.options.seed))
        self.requests = Journal()
        self.keys = Keys(self.clock)
        self.world = World(self.options.seed)
        self.end_state = self.options.end_state
        self.postman = Postman(self.world, self.clock, self.faults)
        self.keeper = Keeper(self.world, self.clock, self.options.state)
        if not self.keeper.load():
            seeding.seed(self.world, self.options, self.now())
        else:
            self.world.random.seed(time.time_ns())  # the ids of the seed are taken
            seeding.come_home(self.world, self.options)

    def now(self) -> int:
        return self.clock.now()

    def reset(self) -> None:
        self.postman.forget()
        self.postman.journal.clear()
        self.requests.clear()
        self.faults.clear()
        self.keys.clear()
        self.clock.ahead, self.clock.stands_at = 0.0, self.options.start or None
        self.clock.set_factor(self.options.clock)
        self.end_state = self.options.end_state
        self.world.tables.clear()
        self.world.hidden.clear()
        self.world.random.seed(self.options.seed)
        self.faults.random.seed(self.options.seed)
        seeding.seed(self.world, self.options, self.now())
        self.keeper.touch()

    def make(self, kind: str, /, **known: object) -> Json:
        return self.world.make(kind, self.now(), **known)

    def get(self, kind: str, identifier: str, param: str = "id") -> Json:
        """Raises Stripe's 404 for what is not there."""
        found = self.world.table(kind).get(identifier)
        if found is None:
            raise missing(kind, identifier, param)
        return found

    def tell(self, kind: str, about: Json, before: Json | None = None) -> Json:
        """Makes the event, which never changes again, and sends it. `before` gives `previous_attributes`."""
        data: Json = {"object": copy.deepcopy(about)}
        if before is not None:
            data["previous_attributes"] = before
        asked = self.asking or {"id": None, "idempotency_key": None}
        event = self.make("event", api_version=API_VERSION, type=kind, data=data, request=asked)
        self.postman.announce(event)
        self.keeper.touch()
        return event

    @contextmanager
    def changing(self, kind: str, about: Json) -> Iterator[None]:
        """Tells of what was changed inside, if anything was."""
        snapshot = copy.deepcopy(about)
        yield
        before = changed(snapshot, about)
        if before:
            self.tell(kind, about, before)
        self.keeper.touch()
