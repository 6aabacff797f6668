"""What prepared statements (config/prepared.py) ask of a connection, whichever database is behind it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper as Connection
else:
    Connection = object

Row = tuple[Any, ...]


class Statements(Connection):
    """Mixed into a DatabaseWrapper: by Django's cursors."""

    def rows_of(self, sql: str, params: Sequence[Any]) -> list[Row]:
        with self.cursor() as cursor:
            cursor.execute(sql, params)
            return list(cursor.fetchall())

    def count_of(self, sql: str, params: Sequence[Any]) -> int:
        """How many rows the statement found or wrote."""
        with self.cursor() as cursor:
            cursor.execute(sql, params)
            return int(cursor.rowcount)

    def later(self, sql: str, params: Sequence[Any]) -> None:
        """A statement whose outcome nobody asks for: done before whatever comes after it, at the latest by the commit,

        which raises its error.
        """
        self.count_of(sql, params)
