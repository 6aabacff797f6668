"""Django's PostgreSQL backend, whose hot paths go few ways to the server and back (docs/decisions/0015).

Accepting a message is eight statements, and each by itself wakes a process there and a thread here. What nobody waits
for (`later`) goes along with the next statement that is waited for, or with the commit, as the beginning of a
transaction does: three ways instead of eight.
"""

import re
from collections.abc import Sequence
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper
from django.db.utils import InternalError
from psycopg.pq import TransactionStatus

from config.postgresql.pipeline import Outcome, Pipeline, Ready
from config.statements import Row, Statements

# after these psycopg deallocates every prepared statement, whoever prepared it, if it prepared one itself
FORGETS = re.compile(r"\b(ROLLBACK|DROP|ALTER|DISCARD|DEALLOCATE)\b", re.IGNORECASE)


class Cursor(CursorWrapper):
    """What waits goes first."""

    db: "DatabaseWrapper"

    def _execute(self, sql: Any, params: Any, *ignored: Any) -> Any:
        self.db.send_waiting()
        if not params and FORGETS.search(str(sql)):
            self.db.doubt_prepared()
        return super()._execute(sql, params, *ignored)  # type: ignore[misc]

    def _executemany(self, sql: Any, param_list: Any, *ignored: Any) -> Any:
        self.db.send_waiting()
        return super()._executemany(sql, param_list, *ignored)  # type: ignore[misc]

    def __getattr__(self, name: str) -> Any:
        if name in ("copy", "stream"):
            self.db.send_waiting()
        return super().__getattr__(name)


class DatabaseWrapper(Statements, base.DatabaseWrapper):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting: list[Ready] = []
        self._pipeline: Pipeline | None = None

    def rows_of(self, sql: str, params: Sequence[Any]) -> list[Row]:
        if self._is_watched():
            return super().rows_of(sql, params)
        return self._send(self._ready(sql, params)).rows()

    def count_of(self, sql: str, params: Sequence[Any]) -> int:
        if self._is_watched():
            return super().count_of(sql, params)
        return self._send(self._ready(sql, params)).count()

    def later(self, sql: str, params: Sequence[Any]) -> None:
        if self.in_atomic_block and not self._is_watched():
            self._waiting.append(self._ready(sql, params))
        else:
            self.count_of(sql, params)

    def send_waiting(self) -> None:
        if self._waiting:
            self._send()

    def doubt_prepared(self) -> None:
        if self._pipeline is not None:
            self._pipeline.is_in_doubt = True

    def _is_watched(self) -> bool:
        """Somebody counts or logs statements, and knows of cursors alone."""
        return self.queries_logged or bool(self.execute_wrappers)

    def _ready(self, sql: str, params: Sequence[Any]) -> Ready:
        self.validate_thread_sharing()
        self.validate_no_broken_transaction()
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            return self._known().ready(sql, params)

    def _known(self) -> Pipeline:
        if self._pipeline is None or self._pipeline.connection is not self.connection:
            self._pipeline = Pipeline(self.connection)
        return self._pipeline

    def _send(self, *statements: Ready) -> Outcome:
        waiting, self._waiting = self._waiting, []
        with self.wrap_database_errors:
            known = self._known()
            begin = [known.ready("BEGIN", ())] if self._begins() else []
            return known.send([*begin, *waiting, *statements])

    def _begins(self) -> bool:
        """As psycopg itself does it before the first statement of a transaction."""
        return not self.connection.autocommit and self._status() == TransactionStatus.IDLE

    def make_cursor(self, cursor: Any) -> CursorWrapper:
        return Cursor(cursor, self)

    def create_cursor(self, name: str | None = None) -> Any:
        self.send_waiting()
        return super().create_cursor(name)

    def _commit(self) -> None:
        status = self._status()
        if status == TransactionStatus.INERROR:
            # PostgreSQL would answer with a rollback and no error
            raise InternalError("Nothing of this can be kept, because a statement of the transaction failed.")
        if self._is_watched() or (status == TransactionStatus.IDLE and not self._waiting):
            self.send_waiting()
            super()._commit()  # type: ignore[misc]
        else:
            # on the connection that there is: on a new one nothing would be committed, without an error
            self._send(self._known().ready("COMMIT", ()))

    def _status(self) -> TransactionStatus:
        return (
            TransactionStatus.IDLE if self.connection is None else self.connection.pgconn.transaction_status
        )

    def _rollback(self) -> None:
        self._waiting = []
        self.doubt_prepared()
        super()._rollback()  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        # whatever waits was said after the savepoint, before which all was sent
        self._waiting = []
        super()._savepoint_rollback(sid)  # type: ignore[misc]

    def _close(self) -> None:
        self._waiting, self._pipeline = [], None
        super()._close()  # type: ignore[misc]
