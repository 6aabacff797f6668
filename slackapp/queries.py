"""What the console shows of Slack: which site is connected to what, how it goes, and what did not arrive."""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from accounts.models import User, Workspace
from livechat.models import Site
from slackapp.models import Connection, Delivery, Installation, LeftCopy, Notice, SlackIdentity

DELAYED_AFTER = timedelta(seconds=30)
DEAD_AT_ONCE = 50
OPEN = (Delivery.State.PENDING, Delivery.State.SENDING)


@dataclass(frozen=True, slots=True)
class Health:
    """How a connection is, in a word for its badge and the numbers beside it."""

    connection: Connection
    queued: int
    oldest: datetime | None
    dead: int
    left: int = 0

    @property
    def delayed(self) -> bool:
        return self.oldest is not None and self.oldest < timezone.now() - DELAYED_AFTER

    @property
    def needs_login(self) -> bool:
        """Slack no longer takes our word for this team: only a person can connect it again."""
        installation = self.connection.installation
        return installation is not None and installation.state != Installation.State.ACTIVE

    @property
    def problem(self) -> str:
        installation = self.connection.installation
        of_team = installation.problem if installation else ""
        # a channel can be mended only once the key is
        return (of_team if self.needs_login else "") or self.connection.problem or of_team

    @property
    def state(self) -> str:
        """`setup`, `channel`, `reconnect`, `broken`, `delayed` or `good`."""
        if self.connection.installation is None:
            return "setup"
        if self.needs_login:
            return "reconnect"
        if self.connection.state == Connection.State.PENDING:
            return "channel"
        if self.connection.state == Connection.State.BROKEN:
            return "broken"
        return "delayed" if self.delayed else "good"


@dataclass(frozen=True, slots=True)
class SiteSlack:
    """`left` is the team that a site without a connection was connected to, while something of it is still held."""

    site: Site
    health: Health | None
    left: Installation | None = None
    # how many routes there are beside the default
    routes: int = 0


def site_connections(workspace: Workspace) -> list[SiteSlack]:
    """Every site with the health of its connection, in five statements however many there are.

    One that was removed only while it has something in Slack to part with.
    """
    connections = Connection.objects.in_workspace(workspace).exclude(state=Connection.State.DISCONNECTED)
    found = list(connections.select_related("installation").order_by("-is_default", "created_at"))
    numbers = _numbers([connection.pk for connection in found])
    by_site: dict[uuid.UUID, Health] = {}
    for connection in found:
        by_site.setdefault(connection.site_id, _health(connection, numbers))
    sites = Site.objects.in_workspace(workspace).order_by("created_at")
    left = _left(workspace)
    routes = Counter(connection.site_id for connection in found if not connection.is_default)
    shown = [site for site in sites if site.removed_at is None or site.pk in by_site or site.pk in left]
    return [SiteSlack(site, by_site.get(site.pk), left.get(site.pk), routes[site.pk]) for site in shown]


def _left(workspace: Workspace) -> dict[uuid.UUID, Installation]:
    ended = Connection.objects.in_workspace(workspace).filter(
        state=Connection.State.DISCONNECTED, installation__delete_at__isnull=False
    )
    found = ended.select_related("installation").order_by("ended_at")
    return {one.site_id: one.installation for one in found if one.installation is not None}


def health_of(connection: Connection) -> Health:
    return _health(connection, _numbers([connection.pk]))


def _numbers(connections: list[uuid.UUID]) -> dict[uuid.UUID, dict[str, object]]:
    rows = (
        Delivery.objects.filter(link__connection__in=connections, state__in=[*OPEN, Delivery.State.DEAD])
        # nobody waits for a courtesy, nor for what has its moment later
        .exclude(kind__in=(Delivery.Kind.RECEIPT, Delivery.Kind.ARCHIVE, Delivery.Kind.LATE_SHARE))
        .values("link__connection")
        .annotate(
            queued=Count("id", filter=Q(state__in=OPEN)),
            oldest=Min("created_at", filter=Q(state__in=OPEN)),
            dead=Count("id", filter=Q(state=Delivery.State.DEAD)),
        )
    )
    numbers = {row["link__connection"]: dict(row) for row in rows}
    left = LeftCopy.objects.filter(link__connection__in=connections, done_at=None)
    for row in left.values("link__connection").annotate(left=Count("id")):
        numbers.setdefault(row["link__connection"], {})["left"] = row["left"]
    return numbers


def _health(connection: Connection, numbers: dict[uuid.UUID, dict[str, object]]) -> Health:
    row = numbers.get(connection.pk, {})
    oldest = row.get("oldest")
    return Health(
        connection=connection,
        queued=int(str(row.get("queued", 0))),
        oldest=oldest if isinstance(oldest, datetime) else None,
        dead=int(str(row.get("dead", 0))),
        left=int(str(row.get("left", 0))),
    )


def dead_deliveries(connection: Connection) -> QuerySet[Delivery]:
    """The newest that did not arrive; each can be sent again by a person."""
    dead = Delivery.objects.filter(link__connection=connection, state=Delivery.State.DEAD)
    return dead.select_related("message", "link__chat__visitor").order_by("-id")[:DEAD_AT_ONCE]


@dataclass(frozen=True, slots=True)
class CopyForPeople:
    copy: LeftCopy
    url: str


def copies_for_people(connection: Connection) -> list[CopyForPeople]:
    """The newest copies that only people can change, with their addresses (as chat.getPermalink builds them)."""
    left = LeftCopy.objects.filter(link__connection=connection, done_at=None)
    found = left.select_related("message", "link__chat__visitor", "link__installation").order_by("-id")
    return [CopyForPeople(copy, _address_of(copy)) for copy in found[:DEAD_AT_ONCE]]


def _address_of(copy: LeftCopy) -> str:
    base = copy.link.installation.team_url or "https://app.slack.com/"
    post = f"{base.rstrip('/')}/archives/{copy.channel_id}/p{copy.ts.replace('.', '')}"
    if copy.link.is_noisy or copy.link.root_ts is None:
        return post
    return f"{post}?thread_ts={copy.link.root_ts}&cid={copy.channel_id}"


def delivery_of(workspace: Workspace, message_id: uuid.UUID) -> Delivery | None:
    """The one that waits for a person, if there is one."""
    found = Delivery.objects.filter(link__connection__workspace=workspace, message_id=message_id)
    return found.filter(state=Delivery.State.DEAD).first() or found.first()


def demo_is_seeded() -> bool:
    """The demo is up once some site answers in the sandbox's Slack. It has one workspace of its own."""
    return Installation.objects.filter(connections__state=Connection.State.READY).exists()


def news_of(workspace: Workspace) -> list[Notice]:
    return list(Notice.objects.in_workspace(workspace).filter(put_away_at=None).order_by("pk")[:10])


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    """A Slack account that logs this user in. `team`: its name if we know it."""

    identity: SlackIdentity
    team: str


def identities_of(user: User) -> list[LinkedAccount]:
    found = list(SlackIdentity.objects.filter(user=user).order_by("pk"))
    teams = Installation.objects.filter(slack_team_id__in={one.slack_team_id for one in found})
    names = dict(teams.values_list("slack_team_id", "team_name"))
    return [LinkedAccount(one, names.get(one.slack_team_id) or one.slack_team_id) for one in found]
