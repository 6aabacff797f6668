"""The one table: aligned for a terminal, and the same cells as Markdown for docs/benchmarks.md."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime

from house.environment import ROOT
from tests.benchmarks.figures import Rounds, Row

PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- table: bin/bench --write -->", "<!-- end of table -->"
HEAD = ("benchmark", "where", "ours", "control", "its figure", "ratio", "target", "")


def amount(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def figure(rounds: Rounds | None, unit: str, spread: bool) -> str:
    """`1.20 / 3.40 ms` is median and 99th percentile."""
    if rounds is None:
        return "–"
    shown = f"{amount(rounds.p50)} / {amount(rounds.p99)}" if spread else amount(rounds.p50)
    return f"{shown} {unit}"


def cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        row.where,
        figure(row.ours, row.unit, row.spread),
        row.control_name or "–",
        figure(row.control, row.unit, row.spread),
        f"{row.ratio:.2f}" if row.ratio is not None else "–",
        row.target.words,
        "met" if row.met else "missed",
    )


def plain(rows: Sequence[Row]) -> str:
    lines = [HEAD, *(cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def markdown(rows: Sequence[Row]) -> str:
    lines = [HEAD, tuple("---" for _ in HEAD), *(cells(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


# --- docs/benchmarks.md ---------------------------------------------------------------------------------------------


def machine() -> str:
    """What matters for the figures, and nothing that names the machine."""
    cores = os.cpu_count() or 1
    return f"{cores} core{'s' if cores > 1 else ''}, {platform.system()}, Python {platform.python_version()}"


def write(rows: Sequence[Row], arguments: Sequence[str]) -> None:
    """Replaces what stands between the two marks; the words around them are written by people."""
    command = " ".join(["bin/bench", *arguments])
    day = datetime.now(UTC).strftime("%d %B %Y").lstrip("0")
    told = f"Measured on {day} by `{command}` ({machine()}; clients and servers share the cores)."
    before, _, rest = PAGE.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{told}\n\n{markdown(rows)}\n{END}{after}")
