"""Queries of the hot paths, compiled once: building them takes the ORM longer than running them takes a database.

Accepting a message and posting it to Slack takes half the processor time with them.
"""

import secrets
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=models.Model)


def _mark(like: Any) -> Any:
    """A value of the same kind that is nowhere else in the statement."""
    if isinstance(like, uuid.UUID):
        return uuid.uuid4()
    return secrets.token_hex(8) if isinstance(like, str) else secrets.randbelow(2**30)


class Prepared(Generic[M]):
    """`build` makes the queryset from values by name, once per connection and with marks in their place.

    It hands them to `filter` and must decide nothing by them. Related rows come by `select_related`.
    """

    def __init__(self, build: Callable[..., models.QuerySet[M]]) -> None:
        self._build = build
        # compiled statements belong to a connection, which belongs to a thread
        self._compiled: WeakKeyDictionary[BaseDatabaseWrapper, _Compiled] = WeakKeyDictionary()

    def all(self, **values: uuid.UUID | str | int) -> list[M]:
        known = connections[DEFAULT_DB_ALIAS]
        compiled = self._compiled.get(known)
        if compiled is None:
            compiled = self._compiled[known] = _Compiled(self._build, values, known)
        return compiled.run(values)

    def first(self, **values: uuid.UUID | str | int) -> M | None:
        """The first of the rows; the query itself should ask for no more than one."""
        return next(iter(self.all(**values)), None)


class _Compiled:
    def __init__(
        self, build: Callable[..., models.QuerySet[Any]], like: dict[str, Any], known: BaseDatabaseWrapper
    ) -> None:
        marks = {name: _mark(value) for name, value in like.items()}
        self.compiler = build(**marks).query.get_compiler(connection=known)
        self.sql, params = self.compiler.as_sql()
        self.params = [_slot(param, marks) for param in params]
        if missing := marks.keys() - {name for name, _ in self.params}:
            raise TypeError(f"the query does not use {', '.join(sorted(missing))}")
        self.native_uuids = known.features.has_native_uuid_field
        self._shape()

    def _shape(self) -> None:
        select, known = self.compiler.select, self.compiler.klass_info
        assert select is not None
        assert known is not None
        self.model, columns = known["model"], known["select_fields"]
        self.start, self.end = columns[0], columns[-1] + 1
        self.names = [one[0].target.attname for one in select[self.start : self.end]]
        # the stubs speak of a later Django
        self.related = get_related_populators(known, select, self.compiler.using)  # type: ignore[call-arg]
        self.converters = self.compiler.get_converters([one[0] for one in select])

    def run(self, values: dict[str, Any]) -> list[Any]:
        params = [self._given(values[name]) if name else constant for name, constant in self.params]
        with self.compiler.connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            rows = cursor.fetchall()
        return [self._made(row) for row in self.compiler.apply_converters(rows, self.converters)]

    def _given(self, value: Any) -> Any:
        return value.hex if isinstance(value, uuid.UUID) and not self.native_uuids else value

    def _made(self, row: Sequence[Any]) -> models.Model:
        made: models.Model = self.model.from_db(self.compiler.using, self.names, row[self.start : self.end])
        for populator in self.related:
            populator.populate(row, made)
        return made


def _slot(param: Any, marks: dict[str, Any]) -> tuple[str, Any]:
    """The name whose mark this parameter is, or an empty name and the constant."""
    for name, mark in marks.items():
        if param == mark or (isinstance(mark, uuid.UUID) and param == mark.hex):
            return name, None
    return "", param
