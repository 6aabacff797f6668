"""Statements that go to the server together, by libpq's own calls on a connection of psycopg.

postgresql.org/docs/current/libpq-pipeline-mode.html. psycopg's own pipeline sends every statement by itself.
"""

import itertools
import re
import select
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import abc, adapt
from psycopg.adapt import PyFormat
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

_numbers = itertools.count()
OURS = "SELECT name FROM pg_prepared_statements WHERE name LIKE 'together\\_%%'"


def numbered(statement: str) -> bytes:
    """`%s, 10 %%` → `$1, 10 %`."""
    numbers = itertools.count(1)
    return re.sub("%%|%s", lambda found: "%" if found[0] == "%%" else f"${next(numbers)}", statement).encode()


@dataclass(frozen=True, slots=True)
class Ready:
    """A statement and its values as the server reads them, of the types that it takes them for."""

    sql: str
    values: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    result: PGresult
    transformer: abc.Transformer

    def rows(self) -> list[tuple[Any, ...]]:
        self.transformer.set_pgresult(self.result)
        rows = self.transformer.load_rows(0, self.result.ntuples, tuple)
        self.transformer.set_pgresult(None)
        return rows

    def count(self) -> int:
        return self.result.command_tuples or 0


class Pipeline:
    """Of one connection, whose thread alone uses it. After any doubt about what was answered, it is closed."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self.connection = connection
        self._libpq: PGconn = connection.pgconn
        self._transformer: abc.Transformer = adapt.Transformer(connection)
        self._names: dict[str, bytes] = {}
        self._socket = select.poll()
        # somebody else may have deallocated what is prepared here
        self.is_in_doubt = False

    def ready(self, sql: str, params: Sequence[Any]) -> Ready:
        """Raises psycopg.DataError for what no column keeps."""
        return Ready(sql, self._transformer.dump_sequence(params, [PyFormat.TEXT] * len(params)))

    def send(self, statements: Sequence[Ready]) -> Outcome:
        """The outcome of the last. Raises the error of the first that has one: what came after it was not run."""
        if self.is_in_doubt:
            self._look_what_is_prepared()
        return self._send(statements)

    def _look_what_is_prepared(self) -> None:
        """To prepare it anew would keep the old for as long as the connection lives."""
        if not self._names:
            self.is_in_doubt = False
            return
        there = {name for [name] in self._send([Ready(OURS, ())], prepare=False).rows()}
        self._names = {sql: name for sql, name in self._names.items() if name.decode() in there}
        self.is_in_doubt = False

    def _send(self, statements: Sequence[Ready], *, prepare: bool = True) -> Outcome:
        # a pool may give every transaction another connection
        prepare = prepare and self.connection.prepare_threshold is not None
        try:
            prepared = self._put(statements, prepare)
            results = self._results()
        except BaseException:
            self.connection.close()
            raise
        for name, result in zip(prepared, results, strict=True):
            if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
                raise error_from_result(result)
            if name is not None:
                self._names[name[0]] = name[1]
        return Outcome(results[-1], self._transformer)

    def _put(self, statements: Sequence[Ready], prepare: bool) -> list[tuple[str, bytes] | None]:
        """Of each result that will come, the name that it gives to a statement."""
        self._libpq.enter_pipeline_mode()
        results: list[tuple[str, bytes] | None] = []
        new: dict[str, bytes] = {}
        for one in statements:
            if not prepare:
                self._libpq.send_query_params(numbered(one.sql), one.values)
            else:
                name = self._names.get(one.sql) or new.get(one.sql)
                if name is None:
                    name = new[one.sql] = b"together_%d" % next(_numbers)
                    self._libpq.send_prepare(name, numbered(one.sql))
                    results.append((one.sql, name))
                self._libpq.send_query_prepared(name, one.values)
            results.append(None)
        self._libpq.pipeline_sync()
        return results

    def _results(self) -> list[PGresult]:
        found = list(self._until_synced())
        self._libpq.exit_pipeline_mode()
        return found

    def _until_synced(self) -> Iterator[PGresult]:
        """Each statement's result is followed by none, all of them by that of the pipeline's end."""
        while self._libpq.flush():
            self._wait(select.POLLIN | select.POLLOUT)
        while True:
            while self._libpq.is_busy():
                self._wait(select.POLLIN)
            result = self._libpq.get_result()
            if result is None:
                if self._libpq.status == ConnStatus.BAD:
                    raise psycopg.OperationalError("the connection was lost")
            elif result.status == ExecStatus.PIPELINE_SYNC:
                return
            else:
                yield result

    def _wait(self, events: int) -> None:
        self._socket.register(self._libpq.socket, events)
        self._socket.poll()
        self._libpq.consume_input()
