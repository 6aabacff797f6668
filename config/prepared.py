"""Statements of the hot paths, compiled once: building them takes the ORM longer than running them takes a database.

Accepting a message and posting it to Slack takes half the processor time with them.
"""

import datetime
import re
import secrets
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import sql
from django.db.models.query import get_related_populators
from django.utils import timezone
from django.utils.functional import cached_property

from config.statements import Statements

if TYPE_CHECKING:

    class Connection(Statements, BaseDatabaseWrapper):
        pass


M = TypeVar("M", bound=models.Model)
C = TypeVar("C")
Known = uuid.UUID | str | int | datetime.datetime
Value = Known | None


def _connection() -> "Connection":
    """This thread's, of config.sqlite or config.postgresql."""
    return cast("Connection", connections[DEFAULT_DB_ALIAS])


class _PerConnection(Generic[C]):
    """What was compiled for a connection, which belongs to a thread."""

    def __init__(self) -> None:
        self._compiled: WeakKeyDictionary[BaseDatabaseWrapper, C] = WeakKeyDictionary()

    def get(self, compile_for: Callable[[BaseDatabaseWrapper], C]) -> C:
        known = connections[DEFAULT_DB_ALIAS]
        compiled = self._compiled.get(known)
        if compiled is None:
            compiled = self._compiled[known] = compile_for(known)
        return compiled


def _mark(kind: type) -> Any:
    """A value of this kind that is nowhere else in the statement."""
    if issubclass(kind, uuid.UUID):
        return uuid.uuid4()
    if issubclass(kind, datetime.datetime):
        return timezone.now() + datetime.timedelta(microseconds=secrets.randbelow(2**40))
    return secrets.token_hex(8) if issubclass(kind, str) else secrets.randbelow(2**30)


def _literal(constant: Any) -> str | None:
    """As it is written in a statement; None for what stays a parameter."""
    if isinstance(constant, bool):
        return str(constant).upper()
    if not isinstance(constant, int | str):
        return None
    if isinstance(constant, int):
        return str(int(constant))
    return "'" + str(constant).replace("'", "''").replace("%", "%%") + "'" if "\0" not in constant else None


class _Statement:
    """A compiled statement: its constants written out, and places for the values by name.

    SQLite takes a partial index only where its condition is written out. PostgreSQL sees through a parameter, but plans
    anew at each call for it.
    """

    def __init__(
        self, statement: str, params: Sequence[Any], marks: dict[str, Any], known: BaseDatabaseWrapper
    ) -> None:
        self._native_uuids = known.features.has_native_uuid_field
        self._moment = known.ops.adapt_datetimefield_value
        by_mark = {self._given(mark): name for name, mark in marks.items()}
        given = [(by_mark.get(param, ""), param) if param.__hash__ else ("", param) for param in params]
        if missing := marks.keys() - {name for name, _ in given}:
            raise TypeError(f"the statement does not use {', '.join(sorted(missing))}")
        self._slots: list[tuple[str, Any]] = []
        coming = iter(given)
        self.sql = re.sub("%%|%s", lambda found: self._place(found[0], coming), statement)

    def _place(self, found: str, coming: Iterator[tuple[str, Any]]) -> str:
        if found == "%%":
            return found
        name, constant = next(coming)
        literal = None if name else _literal(constant)
        if literal is None:
            self._slots.append((name, constant))
        return literal or "%s"

    def params(self, values: dict[str, Any]) -> list[Any]:
        return [self._given(values[name]) if name else constant for name, constant in self._slots]

    def _given(self, value: Any) -> Any:
        if isinstance(value, uuid.UUID):
            return value if self._native_uuids else value.hex
        return self._moment(value) if isinstance(value, datetime.datetime) else value


def columns_of(model: type[models.Model]) -> list[str]:
    """All of a model's, for `only(*columns_of(Chat), "visitor__blocked_at")`: its row and little of its neighbours'.

    PostgreSQL and the ORM pay for each column that a statement names, looked at or not.
    """
    return [field.name for field in model._meta.concrete_fields]


class Prepared(Generic[M]):
    """`build` makes the queryset from values by name, once per connection and with marks in their place.

    It hands them to `filter` and must decide nothing by them. Related rows come by `select_related`.
    """

    def __init__(self, build: Callable[..., models.QuerySet[M]]) -> None:
        self._build = build
        self._compiled = _PerConnection[_Compiled]()

    def all(self, **values: Known) -> list[M]:
        return self._compiled.get(lambda known: _Compiled(self._build, values, known)).run(values)

    def first(self, **values: Known) -> M | None:
        """The first of the rows; the query itself should ask for no more than one."""
        return next(iter(self.all(**values)), None)


class _Compiled:
    def __init__(
        self, build: Callable[..., models.QuerySet[Any]], like: dict[str, Any], known: BaseDatabaseWrapper
    ) -> None:
        marks = {name: _mark(type(value)) for name, value in like.items()}
        self.compiler = build(**marks).query.get_compiler(connection=known)
        sql, params = self.compiler.as_sql()
        self.statement = _Statement(sql, params, marks, known)
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
        rows = _connection().rows_of(self.statement.sql, self.statement.params(values))
        return [self._made(row) for row in self.compiler.apply_converters(rows, self.converters)]

    def _made(self, row: Sequence[Any]) -> models.Model:
        made: models.Model = self.model.from_db(self.compiler.using, self.names, row[self.start : self.end])
        for populator in self.related:
            populator.populate(row, made)
        return made


class Change:
    """An UPDATE: `build` gives the queryset and its new values from values by name, under the rule of `Prepared`.

    `kinds` says of which type each value is, as a value may be None:
    `Change(lambda pk, at: (Lane.objects.filter(pk=pk), {"due_at": at}), pk=int, at=datetime)`.
    """

    def __init__(
        self, build: Callable[..., tuple[models.QuerySet[Any], dict[str, Any]]], **kinds: type
    ) -> None:
        self._build, self._kinds = build, kinds
        self._compiled = _PerConnection[_Statement]()

    def __call__(self, **values: Value) -> int:
        """How many rows it found."""
        return _connection().count_of(*self._said(values))

    def later(self, **values: Value) -> None:
        """For a caller to whom it does not matter how many rows it found (`Statements.later`)."""
        _connection().later(*self._said(values))

    def _said(self, values: dict[str, Value]) -> tuple[str, list[Any]]:
        statement = self._compiled.get(self._compile)
        return statement.sql, statement.params(values)

    def _compile(self, known: BaseDatabaseWrapper) -> _Statement:
        marks = {name: _mark(kind) for name, kind in self._kinds.items()}
        rows, changes = self._build(**marks)
        query = cast("sql.UpdateQuery", rows.query.chain(sql.UpdateQuery))
        query.add_update_values(changes)
        statement, params = query.get_compiler(connection=known).as_sql()
        return _Statement(statement, params, marks, known)


# these alone and no kinds of them, which may seal or translate what they are given
_PLAIN = frozenset({models.CharField, models.TextField, models.BooleanField, models.PositiveIntegerField})


def _prepared(field: "models.Field[Any, Any]", value: Any, known: BaseDatabaseWrapper) -> Any:
    """As the database takes it. Plain text and numbers, which most columns hold, it takes as they are."""
    if value is None or (type(value) in (str, int, bool) and type(field) in _PLAIN):
        return value
    return field.get_db_prep_save(value, connection=known)


class Insert(Generic[M]):
    """Writes a new row as `save(force_insert=True)` does, without signals.

    `ignore_conflicts`: where an equal row exists already, nothing is written.
    """

    def __init__(self, model: type[M], *, ignore_conflicts: bool = False) -> None:
        self._model, self._ignore = model, ignore_conflicts
        self._compiled = _PerConnection[str]()

    def __call__(self, row: M) -> M:
        """The row, with its key if the database gives it (not with `ignore_conflicts`)."""
        known = _connection()
        if self._key_is_given and not self._ignore:
            row.pk = known.rows_of(*self._said(row))[0][0]
        else:
            known.count_of(*self._said(row))
        return self._written(row)

    def later(self, row: M) -> M:
        """As the call itself, for a caller who needs no key that the database gives (`Statements.later`)."""
        _connection().later(*self._said(row))
        return self._written(row)

    def _said(self, row: M) -> tuple[str, list[Any]]:
        statement, known = self._compiled.get(self._compile), _connection()
        return statement, [_prepared(field, field.pre_save(row, add=True), known) for field in self._fields]

    def _written(self, row: M) -> M:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
        return row

    @cached_property
    def _key_is_given(self) -> bool:
        return isinstance(self._model._meta.pk, models.AutoField | models.BigAutoField)

    @cached_property
    def _fields(self) -> "list[models.Field[Any, Any]]":
        fields = self._model._meta.local_concrete_fields
        return [field for field in fields if not (field.primary_key and self._key_is_given)]

    def _compile(self, known: BaseDatabaseWrapper) -> str:
        quote, meta = known.ops.quote_name, self._model._meta
        columns = ", ".join(quote(str(field.column)) for field in self._fields)
        places = ", ".join(["%s"] * len(self._fields))
        statement = f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608 - names of the model
        if self._ignore:
            return f"{statement} ON CONFLICT DO NOTHING"
        return f"{statement} RETURNING {quote(str(meta.pk.column))}" if self._key_is_given else statement
