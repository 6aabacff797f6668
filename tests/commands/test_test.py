"""bin/test: what it counts, what it hides from the tests, what it says is missing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from house import services, testing


def test_the_last_line_counts_and_names_what_failed() -> None:
    tally = testing.Tally()
    tally.add("mypy", 1, 0)
    tally.add("pytest on SQLite", 40, 2, 3)
    assert tally.line() == "41 passed, 2 failed, 3 skipped – pytest on SQLite"


def test_a_report_that_was_never_written_is_a_failure(tmp_path: Path) -> None:
    assert testing.read_report(tmp_path / "report.xml") == testing.Report(failed=1)


def test_errors_and_failures_of_a_report_both_count(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite tests="9" failures="1" errors="1" skipped="2">'
        '<testcase classname="a" name="b"><failure/></testcase><testcase classname="a" name="c"><error/></testcase>'
        '<testcase classname="a" name="d"/></testsuite></testsuites>'
    )
    assert testing.read_report(report) == testing.Report(5, 2, 2, frozenset({"a::b", "a::c"}))


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[testing.Report]:
    """What pytest reports, run after run."""
    reports: list[testing.Report] = []
    monkeypatch.setattr(testing, "pytest_once", lambda arguments, env: reports.pop(0))
    return reports


def test_what_passes_alone_is_named_and_what_fails_again_fails(runs: list[testing.Report]) -> None:
    runs += [testing.Report(7, 2, 1, frozenset({"a", "b"})), testing.Report(1, 1, 0, frozenset({"b"}))]
    tally = testing.Tally()
    testing.pytest_steadily("a step", [], {}, tally)
    assert (tally.line(), tally.unsteady) == ("8 passed, 1 failed, 1 skipped – a step", ["a (a step)"])
    assert tally.failing == ["b (a step, and again alone)"]
    assert tally.names().splitlines()[1:] == ["  a (a step)", "Failed:", "  b (a step, and again alone)"]


def test_of_very_many_failures_the_first_are_named() -> None:
    tally = testing.Tally(failing=[f"t{number}" for number in range(testing.MOST_NAMES + 3)])
    assert tally.names().splitlines()[0] == "Failed:"
    assert tally.names().splitlines()[-2:] == [f"  t{testing.MOST_NAMES - 1}", "  and 3 more"]


def test_a_second_run_that_ran_something_else_excuses_nothing(runs: list[testing.Report]) -> None:
    runs += [testing.Report(7, 2, 0, frozenset({"a", "b"})), testing.Report(1, 0)]
    tally = testing.Tally()
    testing.pytest_steadily("a step", [], {}, tally)
    assert (tally.failed, tally.unsteady, tally.failing) == (2, [], ["a (a step)", "b (a step)"])


@pytest.mark.parametrize(
    "first",
    [
        testing.Report(failed=1),
        testing.Report(
            0, testing.MOST_UNSTEADY + 1, 0, frozenset(map(str, range(testing.MOST_UNSTEADY + 1)))
        ),
    ],
    ids=["no report", "too many"],
)
def test_a_run_that_broke_is_not_repeated(runs: list[testing.Report], first: testing.Report) -> None:
    runs.append(first)
    tally = testing.Tally()
    testing.pytest_steadily("a step", [], {}, tally)
    assert (tally.failed, tally.unsteady, runs) == (first.failed, [], [])


@pytest.mark.parametrize(
    ("output", "code", "expected"),
    [
        ("", 0, (1, 0)),
        ("", 1, (0, 1)),
        ("# pass 12\n# fail 0\n", 0, (12, 0)),
        ("# pass 11\n# fail 1\n", 1, (11, 1)),
    ],
)
def test_a_check_counts_once_and_nodes_tests_each(output: str, code: int, expected: tuple[int, int]) -> None:
    assert testing.outcome(subprocess.CompletedProcess([], code, output)) == expected


def test_what_a_developer_has_set_does_not_reach_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://production")
    monkeypatch.setenv("SLACK_CLIENT_SECRET_FILE", "/run/secrets/slack")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("LANG", "C.UTF-8")
    env = testing.hermetic("quick")
    assert env["LANG"] == "C.UTF-8"
    assert not {"DATABASE_URL", "SLACK_CLIENT_SECRET_FILE", "PYTHONDONTWRITEBYTECODE"} & set(env)


def test_what_cannot_be_installed_is_named_with_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = services.Tool("Redis", "redis-server", lambda: None, "several processes")
    monkeypatch.setattr(services, "TOOLS", (absent,))
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(SystemExit):
        services.install_missing()
    assert "apt-get install redis-server" in capsys.readouterr().err


@pytest.mark.parametrize("inherited", [signal.default_int_handler, signal.SIG_IGN], ids=["by hand", "with &"])
def test_being_told_to_stop_lets_the_tests_clean_up(tmp_path: Path, inherited: Any) -> None:
    cleaned, ready = tmp_path / "cleaned", tmp_path / "ready"
    code = f"""
import pathlib, time
try:
    pathlib.Path({str(ready)!r}).touch(); time.sleep(60)
finally:
    pathlib.Path({str(cleaned)!r}).touch()
"""
    before = signal.signal(signal.SIGINT, inherited)
    try:
        process = testing.start([sys.executable, "-c", code], os.environ)
    finally:
        signal.signal(signal.SIGINT, before)
    wait = process.wait

    def told_to_stop(timeout: float | None = None) -> int:
        if timeout is not None:
            return wait(timeout)
        while not ready.exists():
            time.sleep(0.01)
        raise SystemExit(143)

    process.wait = told_to_stop  # type: ignore[method-assign]
    with pytest.raises(SystemExit):
        testing.finish(process)
    assert cleaned.exists()
