"""C6: the arithmetic behind a report's numbers and charts."""

from datetime import date, timedelta

from livechat.reports import charts, words
from livechat.reports.choice import Choice
from livechat.reports.counts import SLOTS, Day, Report, Tally, percentile


def report(days: dict[date, Day]) -> Report:
    first, last = min(days), max(days)
    return Report(Choice("custom", first, last, last), Tally(), Tally(), days, [0] * SLOTS, [], [])


def test_percentiles_are_values_that_were_there() -> None:
    assert percentile([], 50) is None
    assert [percentile([7], percent) for percent in (50, 90)] == [7, 7]
    assert [percentile([1, 2, 3, 4], percent) for percent in (50, 90)] == [2, 4]
    assert [percentile(list(range(1, 101)), percent) for percent in (50, 90, 100)] == [50, 90, 100]


def test_times_in_words() -> None:
    told = {
        None: "–", 0: "0 s", 59: "59 s", 60: "1 min", 61: "1 min 1 s", 600: "10 min", 659: "10 min",
        3600: "1 h", 3660: "1 h 1 min", 172_799: "47 h 59 min", 172_800: "2 d", 180_000: "2 d 2 h",
    }  # fmt: skip
    assert {seconds: words.lasted(seconds).replace("\u00a0", " ") for seconds in told} == told


def test_comparisons_in_words() -> None:
    assert words.more_or_less(3, 2) == "50 % more than before"
    assert words.more_or_less(1, 2) == "50 % fewer than before"
    assert (words.more_or_less(2, 2), words.more_or_less(2, 0)) == (
        "As many as before",
        "None in the period before",
    )
    assert words.more_or_less(0, 0) == words.sooner_or_later(None, 5) == words.share(0, 0) == ""
    assert words.sooner_or_later(90, 60).replace("\u00a0", " ") == "30 s slower than before"


def test_the_scale_has_whole_quarters_and_room() -> None:
    for most in (0, 1, 4, 5, 9, 21, 99, 101, 12_345):
        top = charts.ceiling(most)
        assert top >= most
        assert top % 4 == 0
        assert top <= max(4, most * 2.5)


def test_bars_stand_on_each_other_and_within_the_picture() -> None:
    first = date(2026, 11, 1)
    days = {first + timedelta(days=number): Day(number, number // 2, number // 3) for number in range(30)}
    drawn = charts.volume(report(days))
    assert len(drawn.bars) == 30
    for bar, day in zip(drawn.bars, days.values(), strict=True):
        assert abs(sum(part.height for part in bar.parts) - day.chats / 40 * (drawn.base - charts.TOP)) < 0.5
        assert all(charts.TOP <= part.y <= drawn.base for part in bar.parts)
        assert drawn.left <= bar.x <= drawn.width - bar.width
    assert drawn.bars[5].words == "Fri 6 Nov 2026: 5 chats, 2 answered, 2 waiting, 1 missed"


def test_weeks_begin_on_monday_and_lose_no_day() -> None:
    first = date(2026, 1, 1)
    days = {first + timedelta(days=number): Day(1, 1) for number in range(200)}
    spans = charts.spans_of(report(days))
    assert sum(of.chats for _, _, of in spans) == 200
    assert [span[0].weekday() for span in spans[1:]] == [0] * (len(spans) - 1)
    assert (spans[0][0], spans[-1][1]) == (first, max(days))


def test_every_wait_is_in_one_band() -> None:
    tally = Tally(chats=10, missed=1, answers=[0, 60, 61, 900, 3601, 86_400, 86_401])
    assert [band.chats for band in charts.bands(tally)] == [2, 1, 1, 0, 1, 1, 1, 2, 1]


def test_who_still_waits_is_not_told_as_missed() -> None:
    *answered, waiting, missed = charts.bands(Tally(chats=4, missed=1, answers=[5]))
    assert (waiting.name, waiting.state, waiting.chats) == ("Still waiting", "waiting", 2)
    assert (missed.name, missed.state, missed.chats) == ("Missed", "missed", 1)
    assert {band.state for band in answered} == {"answered"}


def test_the_busiest_hour_is_told() -> None:
    slots = [0] * SLOTS
    assert charts.busiest(slots) == ""
    slots[24 + 9], slots[24 + 10] = 5, 1
    assert charts.busiest(slots) == "Most begin on Tue between 09:00 and 10:00: 5 chats."
    assert [cell.heat for cell in charts.week(slots)[1][1][8:12]] == [0, 4, 1, 0]
