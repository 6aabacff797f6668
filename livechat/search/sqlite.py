"""What only SQLite's FTS5 index knows, which no model describes."""

from django.db import connection

from livechat.search.triggers import INDEX

_NEWEST = f"""
SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH %s AND rowid < %s AND rowid >= %s ORDER BY rowid DESC LIMIT %s
"""  # noqa: S608 - our own names


def ids(match: str, below: int, lowest: int, most: int) -> list[int]:
    """Of lines from `lowest` on and below `below`, the newest first."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [match, below, lowest, most])
        return [row[0] for row in cursor.fetchall()]
