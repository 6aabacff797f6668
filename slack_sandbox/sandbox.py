"""The sandbox as one object: the world and everything that acts on it or tells of it."""

import random
import time
from dataclasses import dataclass, field

from slack_sandbox import seeding
from slack_sandbox.clock import Clock
from slack_sandbox.delivery import Event, Postman
from slack_sandbox.faults import Faults
from slack_sandbox.hub import Hub
from slack_sandbox.journal import Journal
from slack_sandbox.limits import Limits
from slack_sandbox.model import Channel, Installation, Json, Team, World
from slack_sandbox.options import Options
from slack_sandbox.storage import Keeper

HISTORY_SCOPE = {"channel": "channels:history", "group": "groups:history", "im": "im:history"}
READ_SCOPE = {"channel": "channels:read", "group": "groups:read", "im": "im:read"}


@dataclass
class OAuthCode:
    team: str
    user: str
    scopes: list[str]
    redirect_uri: str
    expires: float


@dataclass
class ResponseUrl:
    team: str
    channel: str
    message_ts: str
    user: str
    expires: float
    uses_left: int = 5


@dataclass
class Sandbox:
    options: Options
    world: World = field(init=False)
    codes: dict[str, OAuthCode] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = Clock(self.options.clock)
        self.limits = Limits(self.options.limits)
        self.faults = Faults(random.Random(self.options.seed))
        self.requests = Journal()
        self.hub = Hub()
        self.postman = Postman(self.options, self.clock, self.faults)
        self.world = World(self.options.seed)
        self.keeper = Keeper(self.world, self.options.state)
        if not self.keeper.load():
            seeding.seed(self.world)
        else:
            self.world.random.seed(time.time_ns())  # the ids of the seed are taken

    @staticmethod
    def now() -> float:
        return time.time()

    def reset(self) -> None:
        self.postman.forget()
        self.postman.journal.clear()
        self.requests.clear()
        self.faults.clear()
        self.limits.reset()
        self.limits.factor, self.limits.replies_per_minute = self.options.limits, None
        self.clock.set(self.options.clock)
        self.postman.delayed_events = True
        self.codes.clear()
        self.response_urls.clear()
        self.reseed(self.options.seed)
        seeding.seed(self.world)
        self.keeper.touch()

    def reseed(self, seed: int) -> None:
        self.world.random.seed(seed)
        self.faults.random.seed(seed)

    def emit(self, team: Team, event: Json, *, lane: str, scope: str = "") -> str:
        """Queues an event for the app if it is installed and may know; returns the event's id, or ''."""
        installation = team.installed
        if installation is None or (scope and scope not in installation.scopes):
            return ""
        return self.emit_to(installation, team, event, lane)

    def emit_in(self, channel: Channel, event: Json, *, scope: str = "") -> str:
        """An event that only members of the channel learn of."""
        team = self.world.teams[channel.team]
        if team.installed is None or team.installed.bot_user not in channel.members:
            return ""
        return self.emit(team, event, lane=channel.id, scope=scope)

    def emit_to(self, installation: Installation, team: Team, event: Json, lane: str) -> str:
        event_id = self.world.new_id("Ev")
        own = event.get("bot_id") == installation.bot_id
        body = envelope(self.options, installation, team, event, event_id)
        self.postman.post(Event(event_id, lane, body, own))
        return event_id

    def tell_pages(self, team_id: str, change: Json) -> None:
        self.keeper.touch()
        self.hub.publish(team_id, change)


def envelope(options: Options, installation: Installation, team: Team, event: Json, event_id: str) -> Json:
    channel = event.get("channel", "")
    place = channel if isinstance(channel, str) else channel.get("id", "")
    return {
        "token": "sandbox-verification-token",
        "team_id": team.id,
        "context_team_id": team.id,
        "context_enterprise_id": None,
        "api_app_id": options.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(time.time()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": team.id,
                "user_id": installation.bot_user,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{event['type']}-{team.id}-{place}",
    }
