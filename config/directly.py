"""Few statements that are a whole transaction, awaited on the event loop itself; for PostgreSQL.

A webhook that records one row spends as long on the way to a database thread and back as in the database, and once
more as long in cursors. What is sent here are libpq's own calls (psycopg.pq), in a pipeline
(postgresql.org/docs/current/libpq-pipeline-mode.html): statements that are sent together go one way and are committed
together. Connections are few, of this loop alone, and closed at the first doubt.
"""

import asyncio
import functools
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg
from django.db import connection
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult

from config.postgresql.pipeline import numbered

CONNECTIONS = 4
# what DatabaseWrapper.get_connection_params gives for its own cursors
DJANGOS_OWN = ("cursor_factory", "context")
Value = str | int | datetime | None
Statement = tuple[str, Sequence[Value]]


class _Connection:
    """One pipeline at a time. Whoever meets an error closes it."""

    def __init__(self, conn: psycopg.AsyncConnection[Any]) -> None:
        self._conn, self._libpq, self._loop = conn, conn.pgconn, asyncio.get_running_loop()
        self._socket = conn.pgconn.socket
        self._names: dict[str, bytes] = {}
        self._answer: asyncio.Future[list[PGresult]] | None = None
        self._results: list[PGresult] = []
        self._is_writing = False
        self._libpq.enter_pipeline_mode()
        self._loop.add_reader(self._socket, self._hear)
        self.is_open = True

    async def values_of(self, statements: Sequence[Statement]) -> list[Any]:
        # a pool may give every transaction another connection
        if self._conn.prepare_threshold is not None:
            for statement, _ in statements:
                if statement not in self._names:
                    await self._prepare(statement)
        for statement, values in statements:
            self._send(statement, [None if value is None else str(value).encode() for value in values])
        results = await self._answered()
        return [result.get_value(0, 0) if result.ntuples else None for result in results]

    def _send(self, statement: str, given: list[bytes | None]) -> None:
        if (name := self._names.get(statement)) is not None:
            self._libpq.send_query_prepared(name, given)
        else:
            self._libpq.send_query_params(numbered(statement), given)

    async def _prepare(self, statement: str) -> None:
        name = b"directly_%d" % len(self._names)
        self._libpq.send_prepare(name, numbered(statement))
        await self._answered()
        self._names[statement] = name

    async def _answered(self) -> list[PGresult]:
        self._answer, self._results = self._loop.create_future(), []
        self._libpq.pipeline_sync()
        self._write()
        results = await self._answer
        for result in results:
            if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
                raise error_from_result(result)
        return results

    def _write(self) -> None:
        """A long statement does not fit into the socket at once."""
        try:
            waits = bool(self._libpq.flush())
            if waits and not self._is_writing:
                self._loop.add_writer(self._socket, self._write)
            elif self._is_writing and not waits:
                self._loop.remove_writer(self._socket)
            self._is_writing = waits
        except psycopg.Error as error:
            self._fail(error)

    def _hear(self) -> None:
        """Also while nothing was asked: that the server has gone."""
        try:
            self._libpq.consume_input()
            while self._answer is not None and not self._libpq.is_busy():
                self._take(self._libpq.get_result())
        except psycopg.Error as error:
            self._fail(error)

    def _take(self, result: PGresult | None) -> None:
        """Each statement's result is followed by none, all of them by that of the pipeline's end."""
        if result is not None and result.status != ExecStatus.PIPELINE_SYNC:
            self._results.append(result)
        elif result is not None:
            answer, self._answer = self._answer, None
            if answer is not None and not answer.done():
                answer.set_result(self._results)
        elif self._libpq.status == ConnStatus.BAD:
            self._fail(psycopg.OperationalError("the connection was lost"))

    def _fail(self, error: psycopg.Error) -> None:
        answer, self._answer = self._answer, None
        self.close()
        if answer is not None and not answer.done():
            answer.set_exception(error)

    def close(self) -> None:
        if self.is_open:
            self.is_open = False
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._libpq.finish()


class _Connections:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.errors = connection.wrap_database_errors
        self._idle: list[_Connection] = []
        self._places = asyncio.Semaphore(CONNECTIONS)

    async def run(self, statements: Sequence[Statement]) -> list[Any]:
        async with self._places:
            if (idle := self._take()) is not None:
                try:
                    return await self._run(idle, statements)
                except (psycopg.OperationalError, psycopg.InterfaceError, psycopg.NotSupportedError):
                    # the server closed it (restart, failover) or a migration made its plans stale
                    self.close()
            return await self._run(await _connect(), statements)

    def _take(self) -> _Connection | None:
        while self._idle:
            if (last := self._idle.pop()).is_open:
                return last
        return None

    async def _run(self, conn: _Connection, statements: Sequence[Statement]) -> list[Any]:
        try:
            values = await conn.values_of(statements)
        except BaseException:
            # also when nobody waits any longer: what the statements did is unknown, and so is the connection's state
            conn.close()
            raise
        self._idle.append(conn)
        return values

    def close(self) -> None:
        idle, self._idle = self._idle, []
        for conn in idle:
            conn.close()


async def _connect() -> _Connection:
    given = {
        name: value for name, value in connection.get_connection_params().items() if name not in DJANGOS_OWN
    }
    return _Connection(await psycopg.AsyncConnection.connect(**given, autocommit=True))


_connections: _Connections | None = None


@functools.cache
def is_possible() -> bool:
    """Asked once: each look at Django's `connection` takes the loop as long as making a statement's values ready."""
    return connection.vendor == "postgresql"


async def values_of(*statements: Statement) -> list[Any]:
    """One transaction: of each statement the first column of its first row as PostgreSQL writes it (bytes), or None.

    Raises Django's database errors. What they do must be idempotent: it is repeated once when an idle connection turns
    out to be closed.
    """
    global _connections
    if _connections is None or _connections.loop is not asyncio.get_running_loop():
        _connections = _Connections(asyncio.get_running_loop())
    with _connections.errors:
        return await _connections.run(statements)


async def close() -> None:
    """On the loop that they belong to, before it ends."""
    if _connections is not None:
        _connections.close()
