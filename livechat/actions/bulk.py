"""Many rows at once, for the search index and for `manage.py seed_load`. PostgreSQL copies them in, SQLite runs one
statement over all. They pass by every other action: whoever makes them keeps the invariants."""

import json
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

from config import planning


class Rows:
    """Rows of a model of which only `columns` differ; the others have the defaults of the model."""

    def __init__(self, model: type[models.Model], columns: Sequence[str]) -> None:
        fields = [field for field in model._meta.concrete_fields if not _makes_itself(field, columns)]
        names = [field.attname for field in fields]
        self._same = [
            None if name in columns else plain(_default(field))
            for name, field in zip(names, fields, strict=True)
        ]
        self._places = [names.index(name) for name in columns]
        quote = connection.ops.quote_name
        self._table = quote(model._meta.db_table)
        self._columns = ", ".join(quote(str(field.column)) for field in fields)
        self._count = len(fields)

    def write(self, rows: Iterable[Sequence[Any]]) -> None:
        """Inside a transaction. The values are in the order of `columns` and went through `plain`."""
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {self._table} ({self._columns}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(self._whole(row))
            else:
                marks = ", ".join(["%s"] * self._count)
                statement = f"INSERT INTO {self._table} ({self._columns}) VALUES ({marks})"  # noqa: S608 - names of our own model
                cursor.executemany(statement, [self._whole(row) for row in rows])

    def _whole(self, row: Sequence[Any]) -> list[Any]:
        whole = self._same.copy()
        for place, value in zip(self._places, row, strict=True):
            whole[place] = value
        return whole


def _makes_itself(field: "models.Field[Any, Any]", columns: Sequence[str]) -> bool:
    return field.attname not in columns and isinstance(field, models.AutoField)


def _default(field: "models.Field[Any, Any]") -> Any:
    value = field.get_default()
    return field.pre_save(field.model(), add=True) if value is None and not field.null else value


def plain(value: Any) -> Any:
    """As both databases take it without a look at the column."""
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, list | dict):
        return json.dumps(value)
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value


def look_over() -> None:
    """So that plans are made for what is there; PostgreSQL would do it by itself a minute later."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    planning.look_over()
