"""What the console shows of Slack: which site is connected to what, how it goes, and what did not arrive."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from accounts.models import Workspace
from livechat.models import Site
from slackapp.models import Connection, Delivery, Installation

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
        return self.connection.problem or (installation.problem if installation else "")

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
    site: Site
    health: Health | None


def site_connections(workspace: Workspace) -> list[SiteSlack]:
    """Every site with the health of its connection, in three statements however many there are."""
    connections = Connection.objects.in_workspace(workspace).exclude(state=Connection.State.DISCONNECTED)
    found = list(connections.select_related("installation").order_by("-is_default", "created_at"))
    numbers = _numbers([connection.pk for connection in found])
    by_site: dict[uuid.UUID, Health] = {}
    for connection in found:
        by_site.setdefault(connection.site_id, _health(connection, numbers))
    sites = Site.objects.in_workspace(workspace).order_by("created_at")
    return [SiteSlack(site, by_site.get(site.pk)) for site in sites]


def health_of(connection: Connection) -> Health:
    return _health(connection, _numbers([connection.pk]))


def _numbers(connections: list[uuid.UUID]) -> dict[uuid.UUID, dict[str, object]]:
    rows = (
        Delivery.objects.filter(link__connection__in=connections, state__in=[*OPEN, Delivery.State.DEAD])
        .values("link__connection")
        .annotate(
            queued=Count("id", filter=Q(state__in=OPEN)),
            oldest=Min("created_at", filter=Q(state__in=OPEN)),
            dead=Count("id", filter=Q(state=Delivery.State.DEAD)),
        )
    )
    return {row["link__connection"]: dict(row) for row in rows}


def _health(connection: Connection, numbers: dict[uuid.UUID, dict[str, object]]) -> Health:
    row = numbers.get(connection.pk, {})
    oldest = row.get("oldest")
    return Health(
        connection=connection,
        queued=int(str(row.get("queued", 0))),
        oldest=oldest if isinstance(oldest, datetime) else None,
        dead=int(str(row.get("dead", 0))),
    )


def dead_deliveries(connection: Connection) -> QuerySet[Delivery]:
    """The newest that did not arrive; each can be sent again by a person."""
    dead = Delivery.objects.filter(link__connection=connection, state=Delivery.State.DEAD)
    return dead.select_related("message", "link__chat__visitor").order_by("-id")[:DEAD_AT_ONCE]


def delivery_of(workspace: Workspace, message_id: uuid.UUID) -> Delivery | None:
    return Delivery.objects.filter(link__connection__workspace=workspace, message_id=message_id).first()


def demo_is_seeded() -> bool:
    """The demo is up once some site answers in the sandbox's Slack. It has one workspace of its own."""
    return Installation.objects.filter(connections__state=Connection.State.READY).exists()
