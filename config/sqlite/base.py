"""Django's SQLite backend whose writers wait for their turn (config/sqlite/turns.py) before they ask SQLite."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

from config.sqlite.turns import Turns
from config.statements import Statements

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
_turns: dict[str, Turns] = {}
Statement = tuple[str, Sequence[Any]]


class Cursor(base.SQLiteCursorWrapper):
    """A single statement outside of a transaction is a transaction of its own, so it takes a turn too."""

    owner: "DatabaseWrapper"

    def execute(self, query: str, params: Any = None) -> Any:
        if self.owner.has_turn or not query.startswith(WRITES):
            return super().execute(query, params)
        with self.owner.turn():
            return super().execute(query, params)


class DatabaseWrapper(Statements, base.DatabaseWrapper):
    has_turn = False

    def create_cursor(self, name: str | None = None) -> Cursor:
        cursor: Cursor = self.connection.cursor(factory=Cursor)
        cursor.owner = self
        return cursor

    @property
    def _of_this_file(self) -> Turns:
        name = str(self.settings_dict["NAME"])
        return _turns.get(name) or _turns.setdefault(name, Turns())

    def _take_turn(self) -> None:
        if not self._of_this_file.take(self.settings_dict["OPTIONS"]["timeout"]):
            raise OperationalError("database is locked")
        self.has_turn = True

    def _give_turn_back(self) -> None:
        if self.has_turn:
            self.has_turn = False
            self._of_this_file.give_back()

    @contextmanager
    def turn(self) -> Iterator[None]:
        self._take_turn()
        try:
            yield
        finally:
            self._give_turn_back()

    def values_of(self, *statements: Statement) -> list[Any]:
        """One transaction of the driver's own, for a few statements that somebody waits for; never inside another.

        Of each statement the first column of its first row, or None. `atomic`, Django's cursors and context managers
        take longer than such statements do. `?` marks a value.
        """
        self.ensure_connection()
        with self.wrap_database_errors:
            self._take_turn()
            try:
                return _values_of(self.connection, statements)
            finally:
                self._give_turn_back()

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._give_turn_back()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self._give_turn_back()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._give_turn_back()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._give_turn_back()


def _values_of(driver: sqlite3.Connection, statements: Sequence[Statement]) -> list[Any]:
    driver.execute("BEGIN IMMEDIATE")
    try:
        rows = [driver.execute(statement, values).fetchone() for statement, values in statements]
        driver.execute("COMMIT")
    except BaseException:
        if driver.in_transaction:
            driver.execute("ROLLBACK")
        raise
    return [row[0] if row else None for row in rows]
