"""The pieces of bin/bench that can be wrong without anybody noticing: statistics, verdicts, the table, the page."""

from pathlib import Path

import pytest

from tests.benchmarks import report
from tests.benchmarks.__main__ import BENCHMARKS, HELP, parse
from tests.benchmarks.figures import Rounds, Row, Target, at_least, at_most, at_most_times, percentile


def rounds(*values: float) -> Rounds:
    return Rounds([[value] for value in values])


def test_one_disturbed_round_does_not_move_the_median() -> None:
    assert Rounds([[1.0, 2.0, 3.0], [2.0, 2.0, 2.0], [900.0, 900.0, 900.0]]).p50 == 2.0


def test_the_99th_percentile_is_of_all_rounds() -> None:
    assert percentile([float(n) for n in range(1000)], 0.99) == 990.0
    assert percentile([7.0], 0.99) == 7.0
    assert Rounds([[1.0] * 50, [5.0] * 50]).p99 == 5.0


@pytest.mark.parametrize(
    "target, ours, control, met",
    [
        (at_most(12, "12 ms"), 12.0, 0.0, True),
        (at_most(12, "12 ms"), 12.1, 0.0, False),
        (at_least(300, "300 /s"), 299.0, 0.0, False),
        (at_most_times(2, "2 × control"), 4.0, 2.0, True),
        (at_most_times(2, "2 × control"), 4.1, 2.0, False),
    ],
)
def test_a_target_is_met_or_missed(target: Target, ours: float, control: float, met: bool) -> None:
    row = Row("act", "SQLite", "ms", rounds(ours), target, "plain way", rounds(control))
    assert row.met is met


def test_the_table_has_every_cell_in_its_column() -> None:
    rows = [
        Row("send → ack", "SQLite", "ms", rounds(3.0), at_most_times(2, "2 × control"), "echo", rounds(2.0)),
        Row("loader", "brotli 11", "bytes", rounds(3429.0), at_most(4000, "4,000 bytes"), spread=False),
    ]
    head, first, second = report.plain(rows).splitlines()
    assert head.index("target") == first.index("≤ 2 × control") == second.index("≤ 4,000 bytes")
    assert "3.00 / 3.00 ms" in first
    assert "1.50" in first
    assert "3,429 bytes" in second
    assert report.markdown(rows).count("|") == 9 * 4


def test_writing_replaces_the_table_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text(f"# Before\n{report.BEGIN}\nold table\n{report.END}\nAfter\n")
    monkeypatch.setattr(report, "PAGE", page)
    report.write(
        [Row("act", "SQLite", "ms", rounds(1.0), at_most(2, "2 ms"))],
        ["--write"],
        is_whole=True,
        is_awake=True,
    )
    text = page.read_text()
    assert text.startswith("# Before\n")
    assert text.endswith("\nAfter\n")
    assert "old table" not in text
    assert "`bin/bench --write`" in text
    assert "which stay awake" in text
    assert str(Path.home()) not in text


def test_rows_that_are_measured_again_take_the_place_of_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text(f"# Before\n{report.BEGIN}\nold table\n{report.END}\nAfter\n")
    monkeypatch.setattr(report, "PAGE", page)
    quick, slow = rounds(1.0), rounds(9.0)
    told = [Row(name, "SQLite", "ms", quick, at_most(2, "2 ms")) for name in ("one", "two")]
    report.write(told, ["--write"], is_whole=True, is_awake=True)
    before = page.read_text().splitlines()
    again = [Row("two", "SQLite", "ms", slow, at_most(2, "2 ms"))]
    for _ in range(2):
        report.write(again, ["second", "--write"], is_whole=False, is_awake=True)
    after = page.read_text().splitlines()
    assert [line for line in before if line not in after] == [
        report.as_markdown((), [report.cells(told[1])]).splitlines()[2]
    ]
    when = [line for line in after if line.startswith("Measured again")]
    assert len(when) == 1
    assert when[0].endswith("`bin/bench second --write`: two.")
    assert any(line.startswith("| two | SQLite | 9.00") and line.endswith("| missed |") for line in after)
    with pytest.raises(ValueError, match="no such row"):
        report.write(
            [Row("three", "SQLite", "ms", slow, at_most(2, "2 ms"))], [], is_whole=False, is_awake=True
        )


def test_every_benchmark_is_explained_and_an_unknown_name_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert all(f"  {name} " in HELP for name in [*BENCHMARKS, "weight"])
    with pytest.raises(SystemExit):
        parse(["speed"])
    assert "there is no benchmark 'speed'" in capsys.readouterr().err
