"""The onlookers whose sockets are in this process: in memory alone, and only of sites that show them.

Used on the event loop; what is kept is frozen, so that threads may read it while it changes.
"""

import time
import uuid
from collections import Counter
from dataclasses import dataclass, field, replace

from livechat import consents
from livechat.access import Arrival
from livechat.person import Person
from livechat.protocol import Page

# between two pages of a website there is a moment without any: so long nobody is said to have left
SHOWN_SECONDS = 5.0
# who comes back within it goes on with the same visit; afterwards nothing is left of them
KEPT_SECONDS = 30.0
# of one site in one process; the others are counted
MOST_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Onlooker:
    """One visitor with all their tabs; the page is the newest. Moments are seconds since the epoch.

    `person`: who the website says they are, while they have no row.
    """

    visitor_id: str
    token_hash: str
    since: float
    moved_at: float
    pages: int = 1
    url: str = ""
    title: str = ""
    referrer: str = ""
    locale: str = ""
    timezone: str = ""
    browser: str = ""
    left_at: float | None = None
    person: Person | None = None

    def is_here(self, now: float) -> bool:
        return self.left_at is None or now - self.left_at < SHOWN_SECONDS

    def moved(self, page: Page, now: float) -> "Onlooker":
        """The same page again, reloaded or in another tab, is no page more."""
        pages = self.pages + (page.url != self.url)
        return replace(self, url=page.url, title=page.title, moved_at=now, pages=pages, left_at=None)


@dataclass(slots=True)
class Crowd:
    """The onlookers of one site. `changed`: whom others must hear of; `fresh`: who may be known to other processes."""

    site_id: uuid.UUID
    workspace_id: uuid.UUID
    kept: dict[str, Onlooker] = field(default_factory=dict)
    tabs: Counter[str] = field(default_factory=Counter)
    beyond: int = 0
    changed: set[str] = field(default_factory=set)
    fresh: set[str] = field(default_factory=set)
    faded: set[str] = field(default_factory=set)

    def put(self, one: Onlooker) -> None:
        self.kept[one.visitor_id] = one
        self.changed.add(one.visitor_id)
        self.faded.discard(one.visitor_id)

    def adopt(self, visitor_id: str, since: float, pages: int) -> None:
        """Another process has known them for longer."""
        if (one := self.kept.get(visitor_id)) is not None:
            self.put(replace(one, since=min(since, one.since), pages=one.pages + pages))

    def tidy(self, now: float) -> None:
        for visitor_id, one in list(self.kept.items()):
            if one.left_at is None or one.is_here(now):
                continue
            if now - one.left_at >= KEPT_SECONDS:
                del self.kept[visitor_id]
            elif visitor_id in self.faded:
                continue
            self.faded.add(visitor_id)
            self.changed.add(visitor_id)
        self.faded &= self.kept.keys()
        self.fresh &= self.kept.keys()


class Place:
    """Where one socket stands on the board."""

    def __init__(self, crowd: Crowd, visitor_id: str | None) -> None:
        """`visitor_id` is None for whoever is only counted."""
        self._crowd, self._visitor_id = crowd, visitor_id

    def move(self, page: Page) -> None:
        if self._visitor_id is not None:
            known = self._crowd.kept[self._visitor_id]
            self._crowd.put(known.moved(page, time.time()))

    def leave(self) -> None:
        """Once."""
        if self._visitor_id is None:
            self._crowd.beyond -= 1
            return
        self._crowd.tabs[self._visitor_id] -= 1
        if not self._crowd.tabs[self._visitor_id]:
            del self._crowd.tabs[self._visitor_id]
            self._crowd.put(replace(self._crowd.kept[self._visitor_id], left_at=time.time()))


class Board:
    def __init__(self) -> None:
        self._crowds: dict[uuid.UUID, Crowd] = {}

    def enter(
        self, arrival: Arrival, page: Page, *, locale: str, timezone: str, browser: str
    ) -> Place | None:
        """None where nobody is to be seen: the site's switch is off, a consent is missing, or they are blocked."""
        site = arrival.site
        if not site.shows_onlookers or arrival.is_blocked or consents.lacks(site, arrival.visitor):
            return None
        crowd = self._crowds.setdefault(site.pk, Crowd(site.pk, site.workspace_id))
        key, now = arrival.claim.visitor_id.hex, time.time()
        if (known := crowd.kept.get(key)) is None and len(crowd.kept) >= MOST_KEPT:
            crowd.beyond += 1
            return Place(crowd, None)
        if known is not None:
            crowd.put(known.moved(page, now))
        else:
            claim = arrival.claim
            one = Onlooker(key, claim.token_hash, now, now, referrer=page.referrer, person=claim.person)
            crowd.put(
                replace(
                    one, locale=locale, url=page.url, title=page.title, timezone=timezone, browser=browser
                )
            )
            crowd.fresh.add(key)
        crowd.tabs[key] += 1
        return Place(crowd, key)

    def crowds(self) -> list[Crowd]:
        return list(self._crowds.values())

    def of(self, site_id: uuid.UUID) -> Crowd | None:
        return self._crowds.get(site_id)

    def tidy(self, now: float) -> None:
        """A site on which nobody has been for a while, and of which others know that, is forgotten."""
        for site_id, crowd in list(self._crowds.items()):
            crowd.tidy(now)
            if not (crowd.kept or crowd.beyond or crowd.changed):
                del self._crowds[site_id]

    def clear(self) -> None:
        """For tests."""
        self._crowds.clear()


board = Board()
