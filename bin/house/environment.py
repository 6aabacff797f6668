"""The project's virtual environment: made once, installed again only when a lock file has changed."""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from house.words import give_up, say

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / os.environ.get("VAR_DIR", "var")
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
RUNTIME = "requirements.lock"
TOOLS = "requirements-dev.lock"  # holds the runtime too
OLDEST = (3, 11)


def ensure(lock: str) -> Path:
    """The environment's python, with everything of `lock` installed. Needs the network only after a change."""
    if sys.version_info < OLDEST:
        give_up(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed; this is {sys.version.split()[0]}.")
    with one_at_a_time():
        if not PYTHON.exists():
            make()
        if stamp_of(lock) != digest(lock):
            install(lock)
    return PYTHON


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two commands started together must not install into each other."""
    VAR.mkdir(parents=True, exist_ok=True)
    with (VAR / "install.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def make() -> None:
    say("Making the Python environment in .venv")
    if importlib.util.find_spec("ensurepip") is None:
        install_venv_package()
    if subprocess.run([sys.executable, "-m", "venv", str(VENV)]).returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        give_up(
            "The Python environment could not be made. Debian and Ubuntu need: apt-get install python3-venv"
        )


def install_venv_package() -> None:
    if os.geteuid() or not shutil.which("apt-get"):
        give_up("This Python comes without its venv module. Debian and Ubuntu: apt-get install python3-venv")
    subprocess.run(["apt-get", "install", "-y", "-q", "python3-venv"], stdout=subprocess.DEVNULL)


def install(lock: str) -> None:
    say(f"Installing what {lock} names")
    # --no-deps: the lock is complete. --no-compile: only what is imported gets compiled, later
    command = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "--no-deps", "--no-compile", "-qq"]
    command += ["--disable-pip-version-check", "--no-input", "-r", lock]
    if subprocess.run(command, cwd=ROOT).returncode:
        give_up(f"Installing from {lock} failed; the reason is above. The first run needs the network.")
    for name in {lock, RUNTIME}:
        stamp(name).write_text(digest(name))


def stamp(lock: str) -> Path:
    return VENV / f".{lock}.sha256"


def stamp_of(lock: str) -> str:
    return stamp(lock).read_text() if stamp(lock).exists() else ""


def digest(lock: str) -> str:
    return hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()
