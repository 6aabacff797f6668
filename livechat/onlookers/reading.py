"""Who is on a workspace's sites now, with what is known of them: for the console."""

import logging
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from redis import RedisError

from accounts.errors import Refused
from accounts.models import Workspace
from livechat import consents, newcomers, visitor_facts
from livechat.models import ChatSession, Site, Visitor
from livechat.onlookers import shared
from livechat.onlookers.board import Onlooker, board

log = logging.getLogger(__name__)

MOST_SHOWN = 100
AWAY = Refused(
    "unavailable", "Who is on your websites cannot be told just now. It is tried again in a minute."
)


@dataclass(frozen=True, slots=True)
class Line:
    """`visitor` has no row unless they have written before; `chat` is their open one."""

    site: Site
    onlooker: Onlooker
    visitor: Visitor
    chat: ChatSession | None

    @property
    def has_written(self) -> bool:
        return not self.visitor._state.adding

    @property
    def since(self) -> datetime:
        return datetime.fromtimestamp(self.onlooker.since, UTC)

    @property
    def language(self) -> str:
        return visitor_facts.language(self.onlooker.locale)

    @property
    def local_time(self) -> str:
        return visitor_facts.clock_of(self.onlooker.timezone)


@dataclass(frozen=True, slots=True)
class Seen:
    """Whoever came last is first; `more` are not in the list."""

    lines: list[Line]
    more: int

    @property
    def count(self) -> int:
        return len(self.lines) + self.more


def sites_that_show(workspace: Workspace) -> list[Site]:
    """A site that rests shows nobody."""
    sites = Site.objects.in_workspace(workspace).filter(shows_onlookers=True)
    return list(sites.filter(paused_at=None, removed_at=None).order_by("name", "pk"))


def on_sites(workspace: Workspace, sites: list[Site]) -> Seen:
    """Two statements. `AWAY` where the board is in Redis and that cannot be read."""
    found = [(site, *_of(site.pk)) for site in sites]
    here = [(site, one) for site, onlookers, _ in found for one in onlookers]
    here.sort(key=lambda pair: (-pair[1].since, pair[1].visitor_id))
    lines = _lines(workspace, here[: MOST_SHOWN * 2])
    beyond = sum(count for _, _, count in found) + max(0, len(here) - MOST_SHOWN * 2)
    return Seen(lines[:MOST_SHOWN], beyond + max(0, len(lines) - MOST_SHOWN))


def find(workspace: Workspace, visitor_id: uuid.UUID) -> Line | None:
    """None once they have left, and for whoever is not to be seen."""
    for site in sites_that_show(workspace):
        here = [(site, one) for one in _of(site.pk)[0] if one.visitor_id == visitor_id.hex]
        if lines := _lines(workspace, here):
            return lines[0]
    return None


def _of(site_id: uuid.UUID) -> tuple[list[Onlooker], int]:
    now = time.time()
    if not settings.EMBEDDED:
        found, beyond = _shared(site_id)
    elif (crowd := board.of(site_id)) is not None:
        found, beyond = list(crowd.kept.values()), crowd.beyond
    else:
        return [], 0
    return [one for one in found if one.is_here(now)], beyond


def _shared(site_id: uuid.UUID) -> tuple[list[Onlooker], int]:
    try:
        return shared.read(site_id)
    except RedisError as error:
        log.warning("who is on a site could not be read: %s", type(error).__name__)
        raise AWAY from None


def _lines(workspace: Workspace, here: list[tuple[Site, Onlooker]]) -> list[Line]:
    """Who was blocked, or has yet to agree to something since, is left out."""
    ids = [uuid.UUID(one.visitor_id) for _, one in here]
    visitors = Visitor.objects.in_workspace(workspace).in_bulk(ids)
    chats = _open_chats(workspace, ids)
    lines = []
    for site, one in here:
        pk = uuid.UUID(one.visitor_id)
        row = visitors.get(pk)
        if consents.lacks(site, row) or (row is not None and row.is_blocked):
            continue
        known = newcomers.said_by(one.person) if one.person is not None else {}
        lines.append(Line(site, one, row or Visitor(id=pk, site=site, **known), chats.get(pk)))
    return lines


def _open_chats(workspace: Workspace, visitor_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, ChatSession]:
    chats = ChatSession.objects.in_workspace(workspace).filter(visitor_id__in=visitor_ids)
    found = chats.filter(status=ChatSession.Status.OPEN).select_related("agent")
    return {chat.visitor_id: chat for chat in found}
