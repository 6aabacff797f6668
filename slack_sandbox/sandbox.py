"""The sandbox as one object: the world and everything that acts on it or tells of it."""

import random
import time
from dataclasses import dataclass, field

from slack_sandbox import seeding
from slack_sandbox.clock import Clock
from slack_sandbox.delivery import Event, Postman
from slack_sandbox.faults import Faults
from slack_sandbox.hub import Hub
from slack_sandbox.id_tokens import SigningKeys
from slack_sandbox.journal import Journal
from slack_sandbox.kept_files import Contents, Sharing
from slack_sandbox.limits import Limits
from slack_sandbox.model import Channel, Installation, Json, Team, World
from slack_sandbox.open_views import Views
from slack_sandbox.options import Options
from slack_sandbox.rotation import Rotation
from slack_sandbox.storage import Keeper
from slack_sandbox.told_links import Unfurls
from slack_sandbox.triggers import Triggers

HISTORY_SCOPE = {"channel": "channels:history", "group": "groups:history", "im": "im:history"}
READ_SCOPE = {"channel": "channels:read", "group": "groups:read", "im": "im:read"}


@dataclass
class OAuthCode:
    team: str
    user: str
    scopes: list[str]
    redirect_uri: str
    expires: float
    whole_org: bool = False


@dataclass
class OpenIdGrant:
    """What a code of *Sign in with Slack* stands for, and later its access token."""

    team: str
    user: str
    scopes: list[str]
    redirect_uri: str
    nonce: str
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
    openid_codes: dict[str, OpenIdGrant] = field(default_factory=dict)
    openid_tokens: dict[str, OpenIdGrant] = field(default_factory=dict)
    signing_keys: SigningKeys = field(default_factory=SigningKeys)

    def __post_init__(self) -> None:
        self.clock = Clock(self.options.clock)
        self.limits = Limits(self.options.limits, self.clock)
        self.faults = Faults(random.Random(self.options.seed))
        self.requests = Journal()
        self.rotation = Rotation()
        self.triggers = Triggers()
        self.views = Views()
        self.unfurls = Unfurls(self.options.domains)
        self.hub = Hub()
        self.postman = Postman(self.options, self.clock, self.faults)
        self.world = World(self.options.seed)
        self.keeper = Keeper(self.world, self.options.state)
        self.contents = Contents(self.options.state)
        self.sharing = Sharing()
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
        self.postman.sockets.reset()
        self.rotation = Rotation()
        self.triggers = Triggers()
        self.views = Views()
        self.unfurls = Unfurls(self.options.domains)
        self.sharing.forget()
        self.sharing = Sharing()
        self.contents.clear()
        for kept in (self.codes, self.response_urls, self.openid_codes, self.openid_tokens):
            kept.clear()
        self.reseed(self.options.seed)
        seeding.seed(self.world)
        self.keeper.touch()

    def reseed(self, seed: int) -> None:
        self.world.random.seed(seed)
        self.faults.random.seed(seed)

    def emit(self, team: Team, event: Json, *, lane: str, scope: str = "") -> str:
        """Queues an event for the app if it is installed and may know; returns the event's id, or ''."""
        return self._emit(team, event, lane, scope, shared=False)

    def _emit(self, team: Team, event: Json, lane: str, scope: str, *, shared: bool) -> str:
        installation = team.installed
        if installation is None or (scope and scope not in installation.scopes):
            return ""
        return self.emit_to(installation, team, event, lane, shared)

    def emit_in(self, channel: Channel, event: Json, *, scope: str = "") -> str:
        """An event that only members of the channel learn of."""
        shared = bool(channel.shared_with)
        told = [
            self._emit(team, event, channel.id, scope, shared=shared) for team in self._named_for(channel)
        ]
        return next((event_id for event_id in told if event_id), "")

    def _named_for(self, channel: Channel) -> list[Team]:
        """Whom the envelope names: one of those whose bots are in the channel, whichever Slack takes."""
        teams = [self.world.teams[name] for name in (channel.team, *channel.shared_with)]
        inside = [team for team in teams if team.installed and team.installed.bot_user in channel.members]
        guests = [team for team in inside if team.id != channel.team]
        if channel.tells == "both":
            return inside
        return guests[:1] if channel.tells == "guest" and guests else inside[:1]

    def emit_to(
        self, installation: Installation, team: Team | None, event: Json, lane: str, shared: bool = False
    ) -> str:
        event_id = self.world.new_id("Ev")
        own = event.get("bot_id") == installation.bot_id
        body = envelope(self.options, installation, team, event, event_id, shared)
        self.postman.post(Event(event_id, lane, body, own))
        return event_id

    def tell_pages(self, team_id: str, change: Json) -> None:
        self.keeper.touch()
        self.hub.publish(team_id, change)


def envelope(
    options: Options,
    installation: Installation,
    team: Team | None,
    event: Json,
    event_id: str,
    shared: bool,
) -> Json:
    """`team` is None for what happens to a whole organisation; its installation is authorised for no one team."""
    channel = event.get("channel", "")
    place = channel if isinstance(channel, str) else channel.get("id", "")
    of_org = bool(installation.enterprise)
    enterprise = installation.enterprise or (team.enterprise if team else "") or None
    team_id = team.id if team else None
    return {
        "token": "sandbox-verification-token",
        "team_id": team_id,
        **({"enterprise_id": enterprise} if enterprise else {}),
        "context_team_id": team_id,
        "context_enterprise_id": enterprise,
        "api_app_id": options.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(time.time()),
        "authorizations": [
            {
                "enterprise_id": enterprise,
                "team_id": None if of_org else team_id,
                "user_id": installation.bot_user,
                "is_bot": True,
                "is_enterprise_install": of_org,
            }
        ],
        "is_ext_shared_channel": shared,
        "event_context": f"4-{event['type']}-{team_id or enterprise}-{place}",
    }
