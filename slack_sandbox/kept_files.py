"""The bytes of files, and how Slack shares what an app has uploaded."""

import asyncio
from collections.abc import Callable
from pathlib import Path


class Contents:
    """The bytes, by the file's id: in memory, or beside the file that keeps the workspaces."""

    def __init__(self, state: str) -> None:
        self._directory = Path(f"{state}.files") if state else None
        self._held: dict[str, bytes] = {}

    def put(self, file_id: str, content: bytes) -> None:
        if self._directory is None:
            self._held[file_id] = content
            return
        self._directory.mkdir(parents=True, exist_ok=True)
        (self._directory / file_id).write_bytes(content)

    def get(self, file_id: str) -> bytes:
        if self._directory is None:
            return self._held.get(file_id, b"")
        path = self._directory / file_id
        return path.read_bytes() if path.exists() else b""

    def clear(self) -> None:
        self._held.clear()
        for path in self._directory.glob("F*") if self._directory else ():
            path.unlink()


class Sharing:
    """How Slack shares what an app has completed: later, by itself, and now and then never."""

    def __init__(self) -> None:
        self.delay = 0.2
        self.happens = True
        self.signs_in_elsewhere = False
        self._coming: list[asyncio.TimerHandle] = []

    def later(self, share: Callable[[], None]) -> None:
        if self.happens:
            self._coming = [
                handle for handle in self._coming if handle.when() > asyncio.get_running_loop().time()
            ]
            self._coming.append(asyncio.get_running_loop().call_later(self.delay, share))

    def forget(self) -> None:
        for handle in self._coming:
            handle.cancel()
        self._coming.clear()
