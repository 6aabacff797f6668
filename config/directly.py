"""One statement that is a whole transaction, awaited on the event loop itself; for PostgreSQL.

A webhook that records one row spends as long on the way to a database thread and back as in the database, and once
more as long in cursors. What is sent here are libpq's own calls (psycopg.pq). Connections are few, of this loop alone,
and closed at the first doubt.
"""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import psycopg
from django.db import connection
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

CONNECTIONS = 4
# what DatabaseWrapper.get_connection_params gives for its own cursors
DJANGOS_OWN = ("cursor_factory", "context")
Value = str | int | datetime | None


class _Connection:
    """One statement at a time. Whoever meets an error closes it."""

    def __init__(self, conn: psycopg.AsyncConnection[Any]) -> None:
        self._conn, self._libpq, self._loop = conn, conn.pgconn, asyncio.get_running_loop()
        self._socket = conn.pgconn.socket
        self._names: dict[str, bytes] = {}
        self._answer: asyncio.Future[PGresult] | None = None
        self._result: PGresult | None = None
        self._loop.add_reader(self._socket, self._hear)
        self.is_open = True

    async def value_of(self, statement: str, values: Sequence[Value]) -> Any:
        given = [None if value is None else str(value).encode() for value in values]
        if self._conn.prepare_threshold is None:
            # a pool may give every transaction another connection
            result = await self._ask(lambda: self._libpq.send_query_params(_numbered(statement), given))
        else:
            name = self._names.get(statement) or await self._prepare(statement)
            result = await self._ask(lambda: self._libpq.send_query_prepared(name, given))
        return result.get_value(0, 0) if result.ntuples else None

    async def _prepare(self, statement: str) -> bytes:
        name = b"directly_%d" % len(self._names)
        await self._ask(lambda: self._libpq.send_prepare(name, _numbered(statement)))
        self._names[statement] = name
        return name

    async def _ask(self, send: Callable[[], None]) -> PGresult:
        self._answer, self._result = self._loop.create_future(), None
        send()
        self._write()
        result = await self._answer
        if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
            raise error_from_result(result)
        return result

    def _write(self) -> None:
        """A long statement does not fit into the socket at once."""
        try:
            if self._libpq.flush():
                self._loop.add_writer(self._socket, self._write)
            else:
                self._loop.remove_writer(self._socket)
        except psycopg.Error as error:
            self._fail(error)

    def _hear(self) -> None:
        """Also while nothing was asked: that the server has gone."""
        try:
            self._libpq.consume_input()
            while self._answer is not None and not self._libpq.is_busy():
                if (result := self._libpq.get_result()) is None:
                    self._end()
                else:
                    self._result = result
        except psycopg.Error as error:
            self._fail(error)

    def _end(self) -> None:
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done() and self._result is not None:
            answer.set_result(self._result)

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


def _numbered(statement: str) -> bytes:
    """`%s, %s` → `$1, $2`."""
    first, *rest = statement.split("%s")
    numbers = itertools.count(1)
    return "".join([first, *(f"${next(numbers)}{part}" for part in rest)]).encode()


class _Connections:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._idle: list[_Connection] = []
        self._places = asyncio.Semaphore(CONNECTIONS)

    async def run(self, statement: str, values: Sequence[Value]) -> Any:
        async with self._places:
            if (idle := self._take()) is not None:
                try:
                    return await self._run(idle, statement, values)
                except (psycopg.OperationalError, psycopg.InterfaceError, psycopg.NotSupportedError):
                    # the server closed it (restart, failover) or a migration made its plans stale
                    self.close()
            return await self._run(await _connect(), statement, values)

    def _take(self) -> _Connection | None:
        while self._idle:
            if (last := self._idle.pop()).is_open:
                return last
        return None

    async def _run(self, conn: _Connection, statement: str, values: Sequence[Value]) -> Any:
        try:
            value = await conn.value_of(statement, values)
        except BaseException:
            # also when nobody waits any longer: what the statement did is unknown, and so is the connection's state
            conn.close()
            raise
        self._idle.append(conn)
        return value

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


def is_possible() -> bool:
    return connection.vendor == "postgresql"


async def value_of(statement: str, values: Sequence[Value]) -> Any:
    """The first column of the statement's first row as PostgreSQL writes it (bytes). Raises Django's database errors.

    The statement must be idempotent: it is repeated once when an idle connection turns out to be closed.
    """
    global _connections
    if _connections is None or _connections.loop is not asyncio.get_running_loop():
        _connections = _Connections(asyncio.get_running_loop())
    with connection.wrap_database_errors:
        return await _connections.run(statement, values)


async def close() -> None:
    """On the loop that they belong to, before it ends."""
    if _connections is not None:
        _connections.close()
