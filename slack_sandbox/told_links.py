"""Links that the app was told of, and what it made of those in the composer."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from slack_sandbox.model import Json

COMPOSER = "COMPOSER"


@dataclass
class Shared:
    """One telling of links."""

    team: str
    user: str
    urls: list[str]
    channel: str = COMPOSER
    ts: str = ""


@dataclass
class Unfurls:
    domains: list[str]
    told: dict[str, Shared] = field(default_factory=dict)
    """By unfurl_id."""
    previews: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    """In the composer of a person in a team."""
    never: set[str] = field(default_factory=set)
    """Who does not want to be asked to sign in any more."""

    def shared_in(self, channel: str, ts: str) -> Shared | None:
        return next((one for one in self.told.values() if (one.channel, one.ts) == (channel, ts)), None)

    def domain_of(self, url: str) -> str:
        """The app's domain that an address belongs to, subdomains included; '' for others."""
        host = urlsplit(url).hostname or ""
        return next((one for one in self.domains if host == one or host.endswith(f".{one}")), "")
