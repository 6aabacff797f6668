"""The console's pages among 50,000 chats and 1,000,000 messages, and what they may take on each database."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from house.words import say
from tests.benchmarks.asking import NOT_SEEDED
from tests.benchmarks.figures import percentile
from tests.stack import ROOT

TARGETS = {"SQLite": 200.0, "PostgreSQL": 100.0}
ROUNDS, FEW = 80, 40


@dataclass(frozen=True)
class Page:
    """What a page took on one database, in milliseconds."""

    name: str
    where: str
    took: list[float]

    @property
    def p50(self) -> float:
        return percentile(self.took, 0.5)

    @property
    def p95(self) -> float:
        return percentile(self.took, 0.95)

    @property
    def met(self) -> bool:
        return self.p95 <= TARGETS[self.where]


def measure(where: str, env: Mapping[str, str], quick: bool) -> list[Page]:
    """On the database that `env` names; it is migrated, and seeded if it is empty, which takes ten minutes."""
    whole = {**os.environ, **env, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "bin")])}
    whole |= {"DJANGO_SETTINGS_MODULE": "config.settings", "LIMITS_SCALE": "100000"}
    run(["manage.py", "migrate", "--verbosity", "0"], whole)
    asked = run(["-m", "tests.benchmarks.asking", str(FEW if quick else ROUNDS)], whole)
    if asked.returncode == NOT_SEEDED:
        say(f"Making 50,000 chats in {where}, which takes about ten minutes")
        run(["manage.py", "seed_load"], whole)
        asked = run(["-m", "tests.benchmarks.asking", str(FEW if quick else ROUNDS)], whole)
    return [Page(name, where, took) for name, took in json.loads(asked.stdout).items()]


def run(command: Sequence[str], env: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True)
    if done.returncode not in (0, NOT_SEEDED):
        raise AssertionError(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    return done


def kept(folder: Path) -> dict[str, str]:
    """A database that stays for the next time."""
    folder.mkdir(parents=True, exist_ok=True)
    return {"VAR_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder / 'threadbell.sqlite3'}"}


def where_of(url: str) -> str:
    return "SQLite" if url.startswith("sqlite") else "PostgreSQL"


# --- the table ------------------------------------------------------------------------------------------------------

HEAD = ("page", "where", "median", "95th percentile", "target", "")


def cells(page: Page) -> tuple[str, ...]:
    return (
        page.name,
        page.where,
        f"{page.p50:,.0f} ms",
        f"{page.p95:,.0f} ms",
        f"≤ {TARGETS[page.where]:,.0f} ms",
        "met" if page.met else "missed",
    )
