"""What an idle visitor costs: memory of the web process per open socket, after `hello`."""

import asyncio
import resource
from pathlib import Path

from tests.benchmarks.figures import Rounds, Row, at_most
from tests.benchmarks.pace import run
from tests.benchmarks.place import Place
from tests.benchmarks.visitors import arrive_all, leave_all

WARM = 30
SETTLE_SECONDS = 1.5
MOST_ROUNDS = 3


def measure(place: Place) -> list[Row]:
    """Each round on fresh processes: memory that a process once had it keeps."""
    allow_many_files()
    ours, bare = Rounds(), Rounds()
    for _ in range(min(place.effort.rounds, MOST_ROUNDS)):
        place.stop_control("bare")
        place.start_control("bare")
        bare.add([run(_each(place.control_socket("bare"), None, place.processes["bare"].pid, place))])
        place.stack.stop_product()
        place.stack.start_product()
        pid = place.stack.processes["product"].pid
        ours.add([run(_each(place.visitor_socket, place.site, pid, place))])
    name = f"idle socket, {place.effort.sockets:,} held"
    return [
        Row(name, place.where, "KiB", ours, at_most(40, "40 KiB"), "bare ASGI socket", bare, spread=False)
    ]


async def _each(url: str, site: str | None, pid: int, place: Place) -> float:
    warm = await arrive_all(WARM, url, site)
    await asyncio.sleep(SETTLE_SECONDS)
    before = resident_kib(pid)
    visitors = await arrive_all(place.effort.sockets, url, site)
    await asyncio.sleep(SETTLE_SECONDS)
    after = resident_kib(pid)
    await leave_all(warm + visitors)
    return (after - before) / place.effort.sockets


def resident_kib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def allow_many_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
