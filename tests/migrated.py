"""New databases are copies of one that was migrated once: migrating takes longer than most files of tests.

The name of what is copied changes with every migration, so that none is missed.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Identifier

ROOT = Path(__file__).resolve().parents[1]
ONE_AT_A_TIME = 20_260_101  # any number: whoever else locks on this server uses others


def wording() -> str:
    """Of our own migrations, and of what says which other packages bring some."""
    said = [
        *sorted(ROOT.glob("*/migrations/*.py")),
        ROOT / "requirements.lock",
        ROOT / "config" / "settings.py",
    ]
    return hashlib.sha256(b"".join(path.read_bytes() for path in said)).hexdigest()[:16]


def migrate(address: str, env: Mapping[str, str]) -> None:
    command = [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity", "0"]
    named = {**env, "DATABASE_URL": address}
    done = subprocess.run(command, cwd=ROOT, env=named, capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(f"manage.py migrate failed:\n{done.stderr}")


def new_file(path: Path, env: Mapping[str, str] = os.environ) -> None:
    """SQLite. Whatever lay there is gone."""
    folder = Path(os.environ.get("VAR_DIR", ROOT / "var"))
    folder.mkdir(parents=True, exist_ok=True)
    original = folder / f"migrated-{wording()}.sqlite3"
    with (folder / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not original.exists():
            _migrate_file(original, env)
    remove_file(path)
    shutil.copyfile(original, path)


def _migrate_file(original: Path, env: Mapping[str, str]) -> None:
    for earlier in original.parent.glob("migrated-*"):
        earlier.unlink()
    unfinished = original.with_suffix(".unfinished")
    migrate(f"sqlite:///{unfinished}", env)
    with closing(sqlite3.connect(unfinished)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    unfinished.rename(original)


def remove_file(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def new_database(server: str, name: str, env: Mapping[str, str] = os.environ) -> str:
    """PostgreSQL: its address. `server` is the address of another database there; one of this name is dropped."""
    original = f"migrated_{wording()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [original])
        if known.fetchone() is None:
            _migrate_database(connection, server, original, env)
        drop(connection, name)
        connection.execute(
            SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(original))
        )
    return beside(server, name)


def _migrate_database(
    connection: psycopg.Connection, server: str, original: str, env: Mapping[str, str]
) -> None:
    unfinished = f"{original}_unfinished"
    drop(connection, unfinished)
    connection.execute(SQL("CREATE DATABASE {}").format(Identifier(unfinished)))
    migrate(beside(server, unfinished), env)
    renaming = SQL("ALTER DATABASE {} RENAME TO {}")
    connection.execute(renaming.format(Identifier(unfinished), Identifier(original)))


def drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def beside(server: str, name: str) -> str:
    return urlsplit(server)._replace(path=f"/{name}").geturl()
