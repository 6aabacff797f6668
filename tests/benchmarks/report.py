"""The one table: aligned for a terminal, and the same cells as Markdown for docs/benchmarks.md."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime

from house.environment import ROOT
from tests.benchmarks.figures import UNTARGETED, Rounds, Row

PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- table: bin/bench --write -->", "<!-- end of table -->"
PAGES = "<!-- table: bin/bench pages --write -->"
Cells = tuple[str, ...]
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
        verdict(row),
    )


def verdict(row: Row) -> str:
    if row.target is UNTARGETED:
        return ""
    return "met" if row.met else "missed"


def plain(rows: Sequence[Row]) -> str:
    return aligned(HEAD, [cells(row) for row in rows])


def aligned(head: Cells, rows: Sequence[Cells]) -> str:
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def markdown(rows: Sequence[Row]) -> str:
    return as_markdown(HEAD, [cells(row) for row in rows])


def as_markdown(head: Cells, rows: Sequence[Cells]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


# --- docs/benchmarks.md ---------------------------------------------------------------------------------------------


def machine() -> str:
    """What matters for the figures, and nothing that names the machine."""
    cores = os.cpu_count() or 1
    return f"{cores} core{'s' if cores > 1 else ''}, {platform.system()}, Python {platform.python_version()}"


def write(rows: Sequence[Row], arguments: Sequence[str], *, is_whole: bool, is_awake: bool) -> None:
    """Of a run that was asked for some of the benchmarks, their rows take the place of those that stand there."""
    if not is_whole:
        put_among(BEGIN, [cells(row) for row in rows], arguments)
        return
    cores = "clients and servers share the cores, which " + (
        "stay awake" if is_awake else "sleep between acts"
    )
    put(BEGIN, markdown(rows), arguments, cores)


def put(begin: str, table: str, arguments: Sequence[str], where: str) -> None:
    """Replaces what stands between `begin` and the end's mark; the words around them are written by people."""
    _replace(begin, f"Measured on {_when(arguments)} ({machine()}; {where}).\n\n{table}")


def put_among(begin: str, rows: Sequence[Cells], arguments: Sequence[str]) -> None:
    """Rows of the same name and place are replaced, and a sentence says which and when; the others stay."""
    there = PAGE.read_text().partition(begin)[2].partition(END)[0].strip()
    new = {row[:2]: row for row in rows}
    told, _, table = there.partition("\n\n")
    lines = [tuple(line[2:-2].split(" | ")) for line in table.splitlines()]
    if missing := new.keys() - {line[:2] for line in lines}:
        raise ValueError(f"the table has no such row: {missing}")
    names = ", ".join(dict.fromkeys(row[0] for row in rows))
    others = [line for line in told.splitlines() if not line.endswith(f": {names}.")]
    told = "\n".join([*others, f"Measured again on {_when(arguments)}: {names}."])
    _replace(begin, f"{told}\n\n" + as_markdown(lines[0], [new.get(line[:2], line) for line in lines[2:]]))


def _when(arguments: Sequence[str]) -> str:
    day = datetime.now(UTC).strftime("%d %B %Y").lstrip("0")
    return f"{day} by `{' '.join(['bin/bench', *arguments])}`"


def _replace(begin: str, table: str) -> None:
    before, _, rest = PAGE.read_text().partition(begin)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{begin}\n{table}\n{END}{after}")
