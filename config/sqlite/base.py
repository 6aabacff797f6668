"""Django's SQLite backend whose writers wait for their turn (config/sqlite/turns.py) before they ask SQLite."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

from config.sqlite.turns import Turns
from config.statements import Statements

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
_turns: dict[str, Turns] = {}


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

    def write_shortly(self, statement: str, values: Sequence[Any]) -> None:
        """A statement that somebody waits for, as a transaction of its own; never inside another. `?` marks a value.

        `atomic`, Django's cursors and context managers take longer than such a statement does.
        """
        self.ensure_connection()
        with self.wrap_database_errors:
            self._take_turn()
            try:
                if self.connection.in_transaction:
                    raise OperationalError("it would wait for the end of a transaction that was left open")
                self.connection.execute(statement, values)
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
