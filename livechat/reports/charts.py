"""Where the shapes of a chart stand, in the units of its picture. The templates draw them as SVG; colours are CSS's."""

from dataclasses import dataclass
from datetime import date, timedelta

from livechat.hours import DAYS
from livechat.reports import words
from livechat.reports.counts import Day, Report, Tally

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 1000, 240, 44, 28, 8
# of more days each bar is a week
MOST_DAYS = 92
STATES = ("answered", "waiting", "missed")
BANDS = ((60, "Within 1 minute"), (300, "1–5 minutes"), (900, "5–15 minutes"), (3600, "15–60 minutes"),
         (4 * 3600, "1–4 hours"), (86400, "4–24 hours"))  # fmt: skip
LATER, WAITING, MISSED = "Later", "Still waiting", "Missed"


@dataclass(frozen=True, slots=True)
class Part:
    state: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """`label` stands below it, if anything; `words` is what a pointer and a screen reader learn."""

    x: float
    width: float
    middle: float
    parts: list[Part]
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Tick:
    y: float
    value: int


@dataclass(frozen=True, slots=True)
class Volume:
    bars: list[Bar]
    ticks: list[Tick]
    weekly: bool
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    base: int = HEIGHT - BOTTOM


def volume(report: Report) -> Volume:
    spans = spans_of(report)
    top = ceiling(max((of.chats for _, _, of in spans), default=0))
    step = (WIDTH - LEFT) / max(1, len(spans))
    every = -(-len(spans) // 8)
    bars = [_bar(number, step, top, span, label=number % every == 0) for number, span in enumerate(spans)]
    return Volume(bars, [Tick(_y(value, top), value) for value in _ticks(top)], len(report.days) > MOST_DAYS)


def spans_of(report: Report) -> list[tuple[date, date, Day]]:
    """First day, last day and what was counted: of each day, or of each week from Monday."""
    if len(report.days) <= MOST_DAYS:
        return [(day, day, of) for day, of in report.days.items()]
    weeks: dict[date, tuple[date, date, Day]] = {}
    for day, of in report.days.items():
        first, _, so_far = weeks.get(day - timedelta(days=day.weekday()), (day, day, Day()))
        summed = Day(so_far.chats + of.chats, so_far.answered + of.answered, so_far.missed + of.missed)
        weeks[day - timedelta(days=day.weekday())] = (first, day, summed)
    return list(weeks.values())


def ceiling(most: int) -> int:
    """The least of 4, 8, 20, 40, 80, 200, … that is not below: its quarters are whole and easy to read."""
    scale = 1
    while True:
        for step in (4, 8, 20):
            if step * scale >= most:
                return step * scale
        scale *= 10


def _ticks(top: int) -> list[int]:
    return [top * quarter // 4 for quarter in range(5)]


def _y(value: int, top: int) -> float:
    return round(HEIGHT - BOTTOM - value / top * (HEIGHT - BOTTOM - TOP), 1)


def _bar(number: int, step: float, top: int, span: tuple[date, date, Day], *, label: bool) -> Bar:
    first, last, of = span
    parts, below = [], 0
    for state in STATES:
        if count := getattr(of, state):
            high, low = _y(below + count, top), _y(below, top)
            parts.append(Part(state, high, round(low - high, 1)))
            below += count
    x, width = LEFT + number * step, min(40.0, step * 0.76)
    told = [
        words.chats(of.chats),
        *(f"{getattr(of, state)} {state}" for state in STATES if getattr(of, state)),
    ]
    return Bar(
        x=round(x + (step - width) / 2, 1),
        width=round(width, 1),
        middle=round(x + step / 2, 1),
        parts=parts,
        label=f"{first.day} {first:%b}" if label else "",
        words=f"{words.days(first, last)}: {', '.join(told)}",
    )


@dataclass(frozen=True, slots=True)
class Band:
    """`length` of a hundred: what it is of the longest. `state` is one of STATES."""

    name: str
    state: str
    chats: int
    share: str
    length: float


def bands(total: Tally) -> list[Band]:
    """How long visitors waited for the first answer; those whose chat has none are told apart as the days are."""
    counts = dict.fromkeys([name for _, name in BANDS] + [LATER], 0)
    for seconds in total.answers:
        counts[next((name for limit, name in BANDS if seconds <= limit), LATER)] += 1
    counts[WAITING] = total.waiting
    counts[MISSED] = total.missed
    states = {WAITING: "waiting", MISSED: "missed"}
    most = max(counts.values()) or 1
    return [
        Band(
            name,
            states.get(name, "answered"),
            count,
            words.share(count, total.chats),
            round(count * 100 / most, 1),
        )
        for name, count in counts.items()
    ]


@dataclass(frozen=True, slots=True)
class Cell:
    """`heat`: 0 without chats, 1 to 4 by quarters of the busiest hour."""

    chats: int
    heat: int
    words: str


def week(slots: list[int]) -> list[tuple[str, list[Cell]]]:
    most = max(slots) or 1
    return [
        (
            name,
            [_cell(name, hour, slots[number * 24 + hour], most) for hour in range(24)],
        )
        for number, name in enumerate(DAYS)
    ]


def _cell(day: str, hour: int, chats: int, most: int) -> Cell:
    return Cell(chats, -(-chats * 4 // most), f"{day} {hour:02}:00–{hour + 1:02}:00: {words.chats(chats)}")


def busiest(slots: list[int]) -> str:
    """Of the week's hours; empty without chats."""
    most = max(slots)
    if not most:
        return ""
    day, hour = divmod(slots.index(most), 24)
    return f"Most begin on {DAYS[day]} between {hour:02}:00 and {hour + 1:02}:00: {words.chats(most)}."
