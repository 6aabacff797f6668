"""How made-up chats went: who wrote when, who answered, what is still open. Nothing here knows a database."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from livechat.seeding.vocabulary import Speaker

TWO_YEARS = timedelta(days=730)
# somebody always has one chat that never ends
LONGEST = 2000
OPEN_SHARE, NOTE_SHARE, RETURN_SHARE = 0.012, 0.04, 0.2


@dataclass(frozen=True, slots=True)
class Said:
    """A line. `seq` is None for a note, which follows `after`; `agent` is None for the visitor."""

    seq: int | None
    after: int
    agent: int | None
    body: str
    at: datetime


@dataclass(slots=True)
class Told:
    """A chat. `visitor` counts visitors; who comes back has the number of an earlier chat in `previous`."""

    number: int
    visitor: int
    previous: int | None
    site: int
    name: str
    page: str
    began: datetime
    is_open: bool
    agent: int | None
    lines: list[Said] = field(default_factory=list)

    @property
    def last_seq(self) -> int:
        return sum(line.seq is not None for line in self.lines)

    @property
    def ended(self) -> datetime:
        return max(line.at for line in self.lines if line.seq is not None)

    @property
    def waits_since(self) -> datetime | None:
        """The first of the visitor's lines that nobody has answered."""
        since = None
        for line in self.lines:
            if line.seq is not None:
                since = (since or line.at) if line.agent is None else None
        return since

    @property
    def answered_in(self) -> int | None:
        """Seconds from the first line, which is always the visitor's, to the first answer."""
        answers = (line.at for line in self.lines if line.seq is not None and line.agent is not None)
        first = next(answers, None)
        return None if first is None else int((first - self.began).total_seconds())

    def lines_by(self, *, visitor: bool) -> int:
        return sum(line.seq is not None and (line.agent is None) == visitor for line in self.lines)


def lengths(dice: random.Random, chats: int, lines: int) -> list[int]:
    """How many lines each chat has: most a few, some very many, `lines` in all, at least one each."""
    if lines < chats:
        raise ValueError("Every chat has at least one message.")
    drawn = [dice.lognormvariate(0, 0.9) for _ in range(chats)]
    if lines > LONGEST * 4:
        drawn[0] = sum(drawn) * LONGEST / lines
    rest, whole = lines - chats, math.fsum(drawn)
    counts = [1 + int(rest * share / whole) for share in drawn]
    for _ in range(lines - sum(counts)):
        counts[dice.randrange(chats)] += 1
    return counts


class Story:
    """The chats of a workspace in the order in which they began."""

    def __init__(self, dice: random.Random, sites: int, agents: int, until: datetime) -> None:
        self._dice, self._speaker = dice, Speaker(dice)
        self._sites, self._agents, self._until = sites, agents, until
        # who may come back: visitor, their site and last chat, its end
        self._known: list[tuple[int, int, int, str, datetime]] = []
        self._visitors = 0

    def tell(self, chats: int, lines: int) -> Iterator[Told]:
        begin = self._until - TWO_YEARS
        moments = sorted(self._dice.random() for _ in range(chats))
        for number, (share, count) in enumerate(zip(moments, lengths(self._dice, chats, lines), strict=True)):
            yield self._chat(number, begin + TWO_YEARS * share, count, share)

    def _chat(self, number: int, began: datetime, count: int, share: float) -> Told:
        previous, visitor, site, name = self._who(began)
        recent = share > 1 - OPEN_SHARE * 2
        told = Told(
            number, visitor, previous, site, name, self._speaker.page(), began,
            is_open=recent and self._dice.random() < 0.5,
            agent=self._dice.randrange(self._agents) if count > 1 else None,
        )  # fmt: skip
        self._talk(told, count)
        if not told.is_open:
            self._known.append((visitor, site, number, name, told.ended))
        return told

    def _who(self, began: datetime) -> tuple[int | None, int, int, str]:
        if self._known and self._dice.random() < RETURN_SHARE:
            visitor, site, previous, name, ended = self._known[
                place := self._dice.randrange(len(self._known))
            ]
            if ended < began:
                # each chat is followed by one at most
                self._known[place] = self._known[-1]
                self._known.pop()
                return previous, visitor, site, name
        self._visitors += 1
        return None, self._visitors - 1, self._dice.randrange(self._sites), self._speaker.name()

    def _talk(self, told: Told, count: int) -> None:
        at, seq = told.began, 0
        for number in range(count):
            by_visitor = number == 0 or told.agent is None or self._dice.random() < 0.5
            is_note = not by_visitor and self._dice.random() < NOTE_SHARE * 2
            body = self._speaker.line()
            if is_note:
                told.lines.append(Said(None, seq, told.agent, body, at))
            else:
                seq += 1
                told.lines.append(Said(seq, seq - 1, None if by_visitor else told.agent, body, at))
            at += timedelta(seconds=1 + self._dice.expovariate(1 / 40))
