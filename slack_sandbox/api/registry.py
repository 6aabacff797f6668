"""How a Web API method is declared, called and refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from slack_sandbox.given import read_json
from slack_sandbox.model import Channel, Installation, Json, Message, Person, Team
from slack_sandbox.sandbox import Sandbox


class Refusal(Exception):
    """Slack's `ok: false`."""

    def __init__(self, error: str, **more: object) -> None:
        super().__init__(error)
        self.answer: Json = {"ok": False, "error": error, **more}


class RateLimited(Exception):
    def __init__(self, retry_after: int, error: str = "ratelimited") -> None:
        super().__init__(error)
        self.retry_after, self.error = retry_after, error


Handler = Callable[["Call"], Json]


@dataclass(frozen=True)
class Method:
    name: str
    handler: Handler
    scopes: tuple[str, ...]
    """Any one of them opens the method; the handler asks again where the channel's kind matters."""
    tier: str
    takes_json: bool
    args: Mapping[str, type]
    required: tuple[str, ...]
    with_token: bool


METHODS: dict[str, Method] = {}
# "required if org token is used"
NEED_TEAM = frozenset(
    {"conversations.create", "conversations.list", "users.conversations", "users.list", "bots.info"}
)


def method(
    name: str,
    *,
    tier: str,
    args: Mapping[str, type] | None = None,
    required: tuple[str, ...] = (),
    scopes: tuple[str, ...] = (),
    takes_json: bool = False,
    with_token: bool = True,
) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        METHODS[name] = Method(name, handler, scopes, tier, takes_json, args or {}, required, with_token)
        return handler

    return register


def bad_arguments(*problems: str) -> NoReturn:
    raise Refusal(
        "invalid_arguments", response_metadata={"messages": [f"[ERROR] {problem}" for problem in problems]}
    )


@dataclass
class Call:
    box: Sandbox
    method: Method
    args: Json
    secret: Json
    """Client credentials of the HTTP Basic header, where a method takes them."""
    installation: Installation | None = None
    token: str = ""
    """As it was sent; only methods that take a person's token look at it."""

    @property
    def app(self) -> Installation:
        assert self.installation is not None
        return self.installation

    @property
    def team(self) -> Team:
        return self.box.world.teams[self.app.team] if self.app.team else self._team_of_org()

    def _team_of_org(self) -> Team:
        """With an organisation's token: the team that is named, or that knows what is named."""
        of_org = [team for team in self.box.world.teams.values() if team.enterprise == self.app.enterprise]
        named = [self.text(name) for name in ("channel", "channel_id", "user", "users") if self.text(name)]
        wanted = self.text("team_id")
        if not wanted and self.method.name in NEED_TEAM:
            raise Refusal("missing_argument")
        fits = [
            team
            for team in of_org
            if (team.id == wanted if wanted else all(n in team.channels or n in team.people for n in named))
        ]
        granted = [team for team in fits if team.id in self.app.granted]
        if fits and not granted:
            raise Refusal("team_access_not_granted")
        if wanted and not fits:
            raise Refusal("team_not_found")
        return (granted or self.box.world.teams_of(self.app))[0]

    @property
    def bot(self) -> Person:
        return self.team.people[self.app.bot_user]

    def text(self, name: str) -> str:
        return str(self.args.get(name) or "")

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.args.get(name)
        return default if value in (None, "") else value in (True, "true", "1", 1, "True")

    def number(self, name: str, default: int, most: int) -> int:
        value = self.args.get(name)
        if value in (None, ""):
            return default
        if not str(value).lstrip("-").isdigit():
            bad_arguments(f"must be an integer [json-pointer:/{name}]")
        if not 0 < int(str(value)) <= most:
            raise Refusal("invalid_limit") if name == "limit" else Refusal("invalid_arguments")
        return int(str(value))

    def structure(self, name: str, error: str) -> object:
        """A structured argument, given as JSON text or, in a JSON body, as itself."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return read_json(value) if value else None
        except ValueError as problem:
            raise Refusal(error) from problem

    def need(self, *scopes: str) -> None:
        if not set(scopes) & set(self.app.scopes):
            raise Refusal("missing_scope", needed=",".join(scopes), provided=",".join(self.app.scopes))

    def channel(self, name: str = "channel") -> Channel:
        """A channel the bot can know of: ids of other teams and private channels of others are unknown."""
        channel = self.team.channels.get(self.text(name))
        hidden = (
            channel and (channel.is_private or channel.is_im) and self.app.bot_user not in channel.members
        )
        if channel is None or hidden:
            raise Refusal("channel_not_found")
        return channel

    def joined_channel(self, name: str = "channel") -> Channel:
        channel = self.channel(name)
        if self.app.bot_user not in channel.members:
            raise Refusal("not_in_channel")
        return channel

    def message(self, channel: Channel, name: str, error: str = "message_not_found") -> Message:
        found = channel.messages.get(self.text(name))
        if found is None or found.seen_only_by:
            raise Refusal(error)
        return found
