"""What bin/bench runs, inside the project's environment."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import tests.environment  # noqa: F401 - gives the secrets that the settings ask for
from house.environment import VAR
from house.services import Services, postgresql_bin
from house.words import say
from tests.benchmarks import from_slack, from_visitors, interactivity, pages, rate, report, sockets, weight
from tests.benchmarks.awake import DOOR, awake
from tests.benchmarks.figures import Row
from tests.benchmarks.place import Effort, Place, opened

BENCHMARKS: dict[str, Callable[[Place], list[Row]]] = {
    "sockets": sockets.measure,
    "visitors": from_visitors.measure,
    "slack": from_slack.measure,
    "rate": rate.measure,
    "interactivity": interactivity.measure,
}
NAMES = [*BENCHMARKS, "weight"]
PAGES = "pages"
SCALED_NEEDS = "apt-get install postgresql redis-server"
HELP = """\
Measures the product and, in the same run and on the same server, the plain way to do the same thing.
  visitors   send → ack against a bare Channels echo that inserts one row; send → request at Slack
  slack      event → 200 against slack_bolt's Django adapter; event → the visitor's socket
  rate       accepted messages a second by one process
  interactivity  commands, presses and forms while the outbox is full
  sockets    memory of an idle visitor's socket against a bare ASGI socket
  weight     bytes of loader and panel
Takes about ten minutes; with --quick about three. Only where it is named:
  pages      lists, searches, transcripts and reports of the console among 1,000,000 messages. It makes them first,
             ten minutes for each database; those of SQLite are kept for the next time. --database asks one that
             `manage.py seed_load` has filled.
"""


def main() -> int:
    asked = parse(sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    effort = Effort.quick() if asked.quick else Effort()
    if asked.names == [PAGES]:
        return measure_pages(asked)
    try:
        with awake() as is_awake:
            rows = measure(asked.names or NAMES, effort, asked.only)
    except KeyboardInterrupt:
        say("\nStopped. Everything that was started has been stopped too.")
        return 130
    say("\n" + report.plain(rows))
    if not is_awake:
        say(f"\nThe processors slept between acts ({DOOR} is not ours): waking up is in these figures.")
    if asked.write:
        is_whole = not asked.names and not asked.only
        report.write(rows, sys.argv[1:], is_whole=is_whole, is_awake=is_awake)
    return 0


def measure_pages(asked: argparse.Namespace) -> int:
    found = [page for url in asked.database for page in pages.measure(*place_of(url), asked.quick)]
    if not asked.database and asked.only != "scaled":
        found += pages.measure("SQLite", pages.kept(VAR / "pages"), asked.quick)
    if not asked.database and asked.only != "embedded":
        with services() as ready:
            found += pages.measure("PostgreSQL", {}, asked.quick) if ready else []
    rows = [pages.cells(page) for page in found]
    say("\n" + report.aligned(pages.HEAD, rows))
    if asked.write:
        table, arguments = report.as_markdown(pages.HEAD, rows), [PAGES, "--write"]
        report.put(report.PAGES, table, arguments, "a page at a time, in one process")
    return 0


def place_of(url: str) -> tuple[str, dict[str, str]]:
    return pages.where_of(url), {"DATABASE_URL": url}


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/bench", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="name", help="only these benchmarks")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds: a first look")
    parser.add_argument(
        "--write",
        action="store_true",
        help="put the table, or its rows of these names, into docs/benchmarks.md",
    )
    parser.add_argument("--only", choices=("embedded", "scaled"), help="one of the two set-ups")
    parser.add_argument(
        "--database",
        action="append",
        default=[],
        metavar="url",
        help="for pages: a seeded one; may be repeated",
    )
    asked = parser.parse_args(arguments)
    if PAGES in asked.names and asked.names != [PAGES]:
        parser.error("pages is measured by itself, without other benchmarks")
    if unknown := [name for name in asked.names if name not in [*NAMES, PAGES]]:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are {', '.join(NAMES)}")
    return asked


def measure(names: Sequence[str], effort: Effort, only: str | None) -> list[Row]:
    wanted = [name for name in BENCHMARKS if name in names]
    rows: list[Row] = []
    if wanted and only != "scaled":
        rows += measure_in("SQLite", wanted, effort)
    if wanted and only != "embedded":
        with services() as ready:
            rows += measure_in("PostgreSQL, Redis", wanted, effort) if ready else []
    return rows + (weight.measure() if "weight" in names else [])


@contextmanager
def services() -> Iterator[bool]:
    """A private PostgreSQL that waits for the disk, and a private Redis; False where they are not installed."""
    if not postgresql_bin() or not shutil.which("redis-server"):
        say(f"\nSkipped on PostgreSQL and Redis, which are not installed: {SCALED_NEEDS}")
        yield False
        return
    started = Services()
    try:
        os.environ["DATABASE_URL"] = started.postgresql(durable=True)
        os.environ["REDIS_URL"] = started.redis()
        yield True
    finally:
        started.stop()
        del os.environ["DATABASE_URL"], os.environ["REDIS_URL"]


def measure_in(where: str, names: Sequence[str], effort: Effort) -> list[Row]:
    VAR.mkdir(exist_ok=True)
    rows: list[Row] = []
    # on the project's own disk: a folder in memory would make the database look quicker than it is
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir=VAR) as folder,
        opened(where, Path(folder), effort) as place,
    ):
        for name in names:
            say(f"Measuring {name} on {where}")
            rows += BENCHMARKS[name](place)
    return rows


if __name__ == "__main__":
    raise SystemExit(main())
