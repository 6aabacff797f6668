"""What the sandbox knows: teams, people, channels, messages, installations. Plain data and look-ups."""

import random
import string
import time
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
ALPHABET = string.ascii_uppercase + string.digits


@dataclass
class Person:
    id: str
    team: str
    name: str
    real_name: str
    display_name: str = ""
    title: str = ""
    email: str = ""
    tz: str = "Europe/Vilnius"
    color: str = "4f46e5"
    presence: str = "active"
    is_admin: bool = False
    is_owner: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    deleted: bool = False
    bot_id: str = ""
    app_id: str = ""

    @property
    def shown_name(self) -> str:
        return self.display_name or self.real_name


@dataclass
class Message:
    ts: str
    channel: str
    wire: Json
    """The message as Slack shows it, without what is derived: metadata, reactions, reply counters."""
    metadata: Json | None = None
    pings: list[Json] = field(default_factory=list)
    links: list[Json] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    seen_only_by: str = ""
    prompts: list[Json] = field(default_factory=list)
    """Who is asked to sign in to see a preview: `user`, `url`, `message`."""

    @property
    def thread_ts(self) -> str:
        return str(self.wire.get("thread_ts", ""))

    @property
    def is_reply(self) -> bool:
        return self.thread_ts not in ("", self.ts)

    @property
    def by_custom_name(self) -> bool:
        return self.wire.get("subtype") == "bot_message" and "username" in self.wire


@dataclass
class File:
    id: str
    team: str
    user: str
    name: str
    title: str
    size: int
    mimetype: str
    filetype: str
    created: int
    mode: str = "hosted"
    external_url: str = ""
    must_ask: bool = False
    """Messages only say that files.info is to be asked, as for another company's files."""
    secret: str = ""
    """Of its upload address, for what an app uploads."""
    uploaded: bool = False
    complete: bool = False
    deleted: bool = False
    shares: list[Json] = field(default_factory=list)
    """`channel`, `ts` and `thread_ts` of each message that carries it."""


@dataclass
class Channel:
    id: str
    team: str
    name: str
    creator: str
    created: int
    is_private: bool = False
    is_general: bool = False
    is_im: bool = False
    im_user: str = ""
    is_archived: bool = False
    topic: str = ""
    purpose: str = ""
    members: list[str] = field(default_factory=list)
    previous_names: list[str] = field(default_factory=list)
    shared_with: list[str] = field(default_factory=list)
    tells: str = "home"
    """Whom envelopes name when several of its companies have the app: `home`, `guest`, or `both` in a copy each."""
    pins: list[str] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    threads: dict[str, list[str]] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Slack's `channel_type`."""
        return "im" if self.is_im else "group" if self.is_private else "channel"

    def add(self, message: Message) -> None:
        self.messages[message.ts] = message
        if message.is_reply:
            self.threads.setdefault(message.thread_ts, []).append(message.ts)

    def remove(self, message: Message) -> None:
        del self.messages[message.ts]
        if message.is_reply:
            self.threads[message.thread_ts].remove(message.ts)

    def replies(self, root_ts: str) -> list[Message]:
        return [
            self.messages[ts] for ts in self.threads.get(root_ts, ()) if not self.messages[ts].seen_only_by
        ]


@dataclass
class Installation:
    """One of a team, or with `team` empty one of a whole organisation and the teams that it granted."""

    team: str
    app_id: str
    bot_user: str
    bot_id: str
    token: str
    scopes: list[str]
    installed_by: str
    ended: str = ""
    """Once the token is dead: the error that it is answered with."""
    enterprise: str = ""
    granted: list[str] = field(default_factory=list)
    expires: float = 0
    """When the token ends; 0 for one that does not."""
    refresh_token: str = ""
    earlier: dict[str, float] = field(default_factory=dict)
    """Access tokens before the newest that are still good, with their ends."""
    spent: dict[str, float] = field(default_factory=dict)
    """Used refresh tokens, and until when each is forgiven."""
    exchanged: list[str] = field(default_factory=list)

    @property
    def active(self) -> bool:
        return not self.ended

    def knows(self, token: str) -> bool:
        return token == self.token or token in self.earlier or token in self.exchanged


@dataclass
class Org:
    """An Enterprise Grid organisation; its teams name it."""

    id: str
    name: str
    domain: str
    installation: Installation | None = None


@dataclass
class Team:
    id: str
    name: str
    domain: str
    people: dict[str, Person] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    installation: Installation | None = None
    emoji: dict[str, str] = field(default_factory=dict)
    """The company's own: name → address, or `alias:<name>`."""
    enterprise: str = ""
    files: dict[str, File] = field(default_factory=dict)
    forbidden: list[str] = field(default_factory=list)
    """What its admins let no app do: `create`, `archive`."""

    @property
    def installed(self) -> Installation | None:
        return self.installation if self.installation and self.installation.active else None

    def person(self, id_or_name: str) -> Person | None:
        found = self.people.get(id_or_name)
        wanted = id_or_name.lower().lstrip("@")
        return found or next(
            (p for p in self.people.values() if wanted in (p.name, p.shown_name.lower())), None
        )

    def channel(self, id_or_name: str) -> Channel | None:
        wanted = id_or_name.lstrip("#")
        return self.channels.get(id_or_name) or self.channel_named(wanted)

    def channel_named(self, name: str) -> Channel | None:
        return next((c for c in self.channels.values() if c.name == name and not c.is_im), None)


class World:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.teams: dict[str, Team] = {}
        self.orgs: dict[str, Org] = {}
        self._last_ts = 0

    def new_id(self, prefix: str) -> str:
        return prefix + "0" + "".join(self.random.choices(ALPHABET, k=9))

    def secret(self, length: int = 24) -> str:
        return "".join(self.random.choices(string.ascii_letters + string.digits, k=length))

    def new_ts(self) -> str:
        """Unique and rising over all channels, so that sorting by ts is sorting by time."""
        self._last_ts = max(self._last_ts + 1, time.time_ns() // 1000)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def installation_by_token(self, token: str) -> Installation | None:
        return next((i for i in self.installations() if i.knows(token)), None)

    def installations(self) -> list[Installation]:
        owners: list[Team | Org] = [*self.teams.values(), *self.orgs.values()]
        return [owner.installation for owner in owners if owner.installation]

    def teams_of(self, installation: Installation) -> list[Team]:
        """Where the app may act with this installation's token."""
        names = [installation.team] if installation.team else installation.granted
        return [self.teams[name] for name in names]

    def org_of(self, team: Team) -> Org | None:
        return self.orgs.get(team.enterprise)

    def known_as(self, person: "Person") -> str:
        """Whose person Slack says this is: of an organisation's people it names that, not their team."""
        return self.teams[person.team].enterprise or person.team

    def person(self, person_id: str) -> Person | None:
        """Whichever team they are of."""
        return next((t.people[person_id] for t in self.teams.values() if person_id in t.people), None)

    def team(self, id_or_name: str) -> Team | None:
        found = self.teams.get(id_or_name)
        return found or next((t for t in self.teams.values() if t.name.lower() == id_or_name.lower()), None)
