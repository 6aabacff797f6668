"""Statistics of a benchmark: medians of rounds, percentiles of everything, and what is held against a target."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of all values lies; of few values the nearest one, never one between."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@dataclass
class Rounds:
    """The same thing measured several times. One disturbed round moves neither the median nor its verdict."""

    rounds: list[list[float]] = field(default_factory=list)

    def add(self, values: Sequence[float]) -> None:
        if values:
            self.rounds.append(list(values))

    @property
    def p50(self) -> float:
        return statistics.median(statistics.median(values) for values in self.rounds)

    @property
    def p99(self) -> float:
        return percentile([value for values in self.rounds for value in values], 0.99)


@dataclass(frozen=True)
class Target:
    """What is promised: `holds(ours, control)` of the two medians."""

    words: str
    holds: Callable[[float, float], bool]


# told beside another row, for whoever reads both
UNTARGETED = Target("–", lambda ours, control: True)


def at_most(limit: float, words: str) -> Target:
    return Target(f"≤ {words}", lambda ours, control: ours <= limit)


def at_least(limit: float, words: str) -> Target:
    return Target(f"≥ {words}", lambda ours, control: ours >= limit)


def at_most_times(factor: float, words: str) -> Target:
    """Against the control of the same run, so that a slow machine is slow for both."""
    return Target(f"≤ {words}", lambda ours, control: ours <= factor * control)


@dataclass(frozen=True)
class Row:
    """One line of the table. `spread` is whether the 99th percentile says anything (it does for durations).

    `by_p99`: it is what is held against the target, in place of the median.
    """

    name: str
    where: str
    unit: str
    ours: Rounds
    target: Target
    control_name: str = ""
    control: Rounds | None = None
    spread: bool = True
    by_p99: bool = False

    @property
    def ratio(self) -> float | None:
        return self.ours.p50 / self.control.p50 if self.control and self.control.p50 else None

    @property
    def met(self) -> bool:
        ours = self.ours.p99 if self.by_p99 else self.ours.p50
        return self.target.holds(ours, self.control.p50 if self.control else 0.0)
