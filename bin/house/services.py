"""A private PostgreSQL and Redis for one test run, and the packages they come from."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from house.children import Children, free_port
from house.words import give_up, say

POSTGRESQL_HOME = Path("/usr/lib/postgresql")
ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True)
class Tool:
    """A program from outside Python and the Debian package that brings it."""

    name: str
    package: str
    find: Callable[[], str | None]
    gives: str


def postgresql_bin() -> str | None:
    """The folder of initdb and its kin; Debian keeps it off the PATH."""
    versions = sorted(POSTGRESQL_HOME.glob("*/bin"), key=lambda path: int(path.parts[-2]), reverse=True)
    on_path = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    programs = ("initdb", "postgres", "createdb", "pg_isready")
    whole = (folder for folder in [*versions, *on_path] if all((folder / name).exists() for name in programs))
    return next((str(folder) for folder in whole), None)


def chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


def modern_node() -> str | None:
    """Node 18 or newer: its own test runner is what the widget's tests use."""
    node = shutil.which("node")
    if not node:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    major = version.strip().lstrip("v").split(".")[0]
    return node if major.isdigit() and int(major) >= 18 else None


TOOLS = (
    Tool("PostgreSQL", "postgresql", postgresql_bin, "the whole suite on PostgreSQL"),
    Tool("Redis", "redis-server", lambda: shutil.which("redis-server"), "several processes behind one Redis"),
    Tool("Chromium", "chromium", chromium, "the browser flows"),
    Tool("Node 18+", "nodejs", modern_node, "the widget's module tests"),
    Tool("Brotli", "brotli", lambda: shutil.which("brotli"), "the measured size of loader and panel"),
)


def missing() -> list[Tool]:
    return [tool for tool in TOOLS if not tool.find()]


def install_missing() -> None:
    """Installs Debian packages as root; a tool that still is not there ends the command with its name."""
    wanted = missing()
    if wanted and not os.geteuid() and shutil.which("apt-get"):
        say("Installing " + ", ".join(tool.package for tool in wanted))
        apt("update")
        apt("install", "-y", "--no-install-recommends", *(tool.package for tool in wanted))
    if wanted := missing():
        names = " ".join(tool.package for tool in wanted)
        give_up(f"bin/test --all needs these and may not install them itself: apt-get install {names}")


def apt(*arguments: str) -> None:
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-q", *arguments]
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        give_up(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")


class Services:
    """Starts a database cluster and a Redis in a folder of their own; `stop` leaves nothing behind."""

    def __init__(self) -> None:
        self.children = Children()
        self.folder = Path(tempfile.mkdtemp(prefix="threadbell-test-"))

    def stop(self) -> None:
        self.children.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def postgresql(self, durable: bool = False) -> str:
        """Its DATABASE_URL. Nothing in it is meant to survive, so it waits for the disk only if `durable`.

        Then it is also reached as on a machine of its own product, by its socket file; otherwise as on another machine.
        """
        tools, port, data = Path(str(postgresql_bin())), free_port(), self.folder / "postgresql"
        data.mkdir()
        person = self._unprivileged(data)
        made = [str(tools / "initdb"), "-D", str(data), "-U", "threadbell", "-A", "trust", "-E", "UTF8"]
        quietly([*made, "--locale=C", "--no-sync"], **person)
        command = [str(tools / "postgres"), "-D", str(data), "-p", str(port), "-k", str(data)]
        for setting in (
            "listen_addresses=127.0.0.1",
            f"fsync={'on' if durable else 'off'}",
            f"full_page_writes={'on' if durable else 'off'}",
            "max_connections=200",
        ):
            command += ["-c", setting]
        self.children.start("PostgreSQL", command, os.environ, self.folder / "postgresql.log", **person)
        address = ["-h", "127.0.0.1", "-p", str(port), "-U", "threadbell"]
        self.children.wait_until(lambda: succeeds([str(tools / "pg_isready"), *address]), 30, "PostgreSQL")
        quietly([str(tools / "createdb"), *address, "threadbell"])
        if durable:
            return f"postgres://threadbell@:{port}/threadbell?host={data}"
        return f"postgres://threadbell@127.0.0.1:{port}/threadbell"

    def redis(self) -> str:
        """Its REDIS_URL."""
        port = free_port()
        command = [
            "redis-server",
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        self.children.start("Redis", command, os.environ, self.folder / "redis.log")
        ping = ["redis-cli", "-p", str(port), "ping"]
        self.children.wait_until(lambda: succeeds(ping), 30, "Redis")
        return f"redis://127.0.0.1:{port}/0"

    def _unprivileged(self, data: Path) -> dict[str, Any]:
        """PostgreSQL refuses to run as root: then its folder and processes belong to somebody lesser."""
        if os.geteuid():
            return {}
        import pwd

        known = {entry.pw_name: entry for entry in pwd.getpwall()}
        account = next((known[name] for name in ACCOUNTS if name in known), None)
        if account is None:
            give_up(
                "PostgreSQL refuses to run as root, and there is no user postgres or nobody to run it as."
            )
        self.folder.chmod(0o711)
        os.chown(data, account.pw_uid, account.pw_gid)
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def quietly(command: Sequence[str], **options: Any) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, **options)
    if done.returncode:
        give_up(f"{command[0]} failed:\n{done.stderr[-2000:]}")


def succeeds(command: Sequence[str]) -> bool:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0
