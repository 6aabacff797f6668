"""What a database knows of its tables when it plans a statement."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

# rows of each index that SQLite looks at: a tenth of a second among a million messages
AT_MOST = 1000
# of what is empty ANALYZE writes nothing down, and it would be taken for a table of a million rows
_EMPTY = """
INSERT INTO sqlite_stat1 (tbl, idx, stat)
SELECT tbl_name, CASE type WHEN 'index' THEN name END, '1 1 1 1 1 1 1 1' FROM sqlite_master
WHERE type IN ('index', 'table') AND rootpage > 0 AND name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\'
  AND NOT EXISTS (
    SELECT 1 FROM sqlite_stat1
    WHERE tbl = tbl_name AND (type = 'table' OR idx = name)
  )
"""


def look_over() -> None:
    """SQLite never looks by itself. Until then it takes ten rows to be what an index finds, also where it finds fifty

    thousand, and goes through all chats of a workspace for twenty lines that are named. PostgreSQL looks by itself.
    """
    if connection.vendor == "sqlite":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"PRAGMA analysis_limit = {AT_MOST}")
            cursor.execute("ANALYZE")
            cursor.execute(_EMPTY)
            # so that it is read by those who plan
            cursor.execute("ANALYZE sqlite_master")


@contextmanager
def for_each_value() -> Iterator[None]:
    """Within it PostgreSQL plans each statement for the values it is asked with, as SQLite always does.

    A statement that comes often is planned once, for values of the common kind. A search finds three rows of a million
    with one word and half of them with another: one plan for both reads everything for the rare one.
    """
    connection.ensure_connection()
    driver = connection.connection
    if connection.vendor != "postgresql":
        yield
        return
    before, driver.prepare_threshold = driver.prepare_threshold, None
    try:
        yield
    finally:
        driver.prepare_threshold = before
