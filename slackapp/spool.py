"""Slack's events while the database is away: kept in a file that has reached the disk, recorded in their order later.

Slack repeats what was not answered three times within five minutes and then never again; a database may be away for
longer. While anything is kept, whatever follows is kept behind it, so that nothing overtakes.
"""

import asyncio
import fcntl
import json
import logging
import os
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import InterfaceError, OperationalError

from config.database import db
from slackapp.actions import recording

log = logging.getLogger(__name__)

EVERY_SECONDS = 2.0
MOST_BYTES = 256 * 1024 * 1024
# recorded in one go; visitors wait no longer than for these
AT_ONCE = 50
AWAY = (OperationalError, InterfaceError)


class SpoolFull(OSError):
    """The database has been away for too long; Slack is asked to repeat."""


@dataclass
class _Kept:
    """The open file, locked by us, and the place up to which it is recorded."""

    path: Path
    file: IO[bytes]
    done: int = 0


class Spool:
    """One file for each process, which holds a lock on it while it lives. Whoever finds one without adopts it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mutex = threading.Lock()
        self._kept: _Kept | None = None

    @property
    def is_holding(self) -> bool:
        return self._kept is not None

    def keep(self, payload: dict[str, Any]) -> None:
        """Returns when the event is on the disk; OSError (SpoolFull) when it is not."""
        line = json.dumps(payload).encode() + b"\n"
        with self._mutex:
            file = (self._kept or self._create()).file
            if file.seek(0, os.SEEK_END) + len(line) > MOST_BYTES:
                raise SpoolFull
            file.write(line)
            file.flush()
            os.fdatasync(file.fileno())

    def _create(self) -> _Kept:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        path = self._folder / f"{uuid.uuid4().hex}.jsonl"
        # these are people's words: nobody else on the machine reads them
        file = os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "rb+")
        fcntl.flock(file, fcntl.LOCK_EX)
        _sync_folder(self._folder)
        self._kept = _Kept(path, file)
        return self._kept

    def replay(self) -> bool:
        """Records some of what is kept, oldest first; True if there is more. On a database thread."""
        if self._kept is None and not self.adopt():
            return False
        kept = self._kept
        assert kept is not None
        with self._mutex:
            lines = _lines_after(kept.file, kept.done)
        for line, after in lines:
            if not _record(line):
                return False
            kept.done = after
        return not self._rest(kept)

    def _rest(self, kept: _Kept) -> bool:
        """Nothing has come meanwhile: from now on events are recorded directly."""
        with self._mutex:
            if kept.file.seek(0, os.SEEK_END) > kept.done:
                return False
            kept.path.unlink()
            kept.file.close()
            self._kept = None
            return True

    def adopt(self) -> bool:
        """The oldest file whose process has ended."""
        for path in sorted(self._folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime):
            file = path.open("rb+")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.close()  # its process lives
                continue
            log.warning("events that a process kept before it ended are recorded now")
            with self._mutex:
                self._kept = self._kept or _Kept(path, _ended(file))
            return True
        return False


def _ended(file: IO[bytes]) -> IO[bytes]:
    """The last line may be torn; what follows must not be written behind its half."""
    if size := file.seek(0, os.SEEK_END):
        file.seek(size - 1)
        if file.read() != b"\n":
            file.write(b"\n")
    return file


def _lines_after(file: IO[bytes], start: int) -> list[tuple[bytes, int]]:
    """Lines with the place behind each."""
    file.seek(start)
    lines: list[tuple[bytes, int]] = []
    while len(lines) < AT_ONCE and (line := file.readline()):
        lines.append((line, file.tell()))
    return lines


def _record(line: bytes) -> bool:
    """False while the database is away."""
    try:
        payload = json.loads(line)
    except ValueError:
        log.warning("a line did not reach the disk whole; it was not answered, so Slack repeats it")
        return True
    try:
        recording.record_event(payload)
    except AWAY as error:
        log.warning("the database is still away: %s", type(error).__name__)
        return False
    except Exception:
        # what the database refuses today it refuses tomorrow, and the others wait behind it
        log.exception("a kept event is given up: %s", str(payload.get("event_id"))[:100])
    return True


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


kept_here = Spool(settings.VAR_DIR / "spool")


async def watch() -> None:
    """Every two seconds; while there is something, without a pause."""
    # before the first request: what an earlier process kept is not overtaken either
    kept_here.adopt()
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            while await db(kept_here.replay):
                pass
        except Exception:
            log.exception("kept events could not be recorded; the next look repeats it")
