"""What a test has committed goes before the next one: only the tables that hold something are emptied.

Django's own flush empties every table and then makes all content types and permissions anew, which took longer than
most tests. Both come from the models, no test writes them, and so they stay.
"""

from functools import cache

from django.apps import apps
from django.db import OperationalError, connections, transaction
from django.test import TransactionTestCase
from psycopg.errors import DeadlockDetected

TRIES = 3
MADE_FROM_MODELS = {"django_content_type", "auth_permission"}


def empty_after_each_test() -> None:
    TransactionTestCase._fixture_teardown = _empty  # type: ignore[attr-defined]


def _empty(case: TransactionTestCase) -> None:
    for alias in case._databases_names(include_mirrors=False):  # type: ignore[attr-defined]
        empty(alias)


@cache
def tables() -> list[str]:
    models = apps.get_models(include_auto_created=True)
    return sorted({model._meta.db_table for model in models if model._meta.managed} - MADE_FROM_MODELS)


def empty(alias: str) -> None:
    """Waits, as TRUNCATE does, for whatever a thread of the test is still writing.

    If that thread needs a table that is locked here already, PostgreSQL ends one of the two; then it is done anew.
    """
    for attempt in range(TRIES):
        try:
            _empty_all(alias)
            return
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected) or attempt == TRIES - 1:
                raise


def _empty_all(alias: str) -> None:
    connection = connections[alias]
    quoted = {table: connection.ops.quote_name(table) for table in tables()}
    held = " UNION ALL ".join(f"SELECT '{t}' WHERE EXISTS (SELECT 1 FROM {q})" for t, q in quoted.items())
    # keys of other tables are checked at the end; an audit entry may go once its chain, which comes first, is gone
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"LOCK TABLE {', '.join(quoted.values())} IN EXCLUSIVE MODE")
        cursor.execute(held)
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {quoted[table]}")
