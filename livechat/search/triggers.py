"""What the databases do by themselves: note what is due, and take out of the index what goes.

In the database and not in actions, because it costs a message no statement more, and because no way of deleting or
changing a row passes it by. SQLite forgets triggers when a migration makes a table anew; so they are looked after
whenever migrations have run.
"""

import sqlite3

from django.db.backends.base.base import BaseDatabaseWrapper

MESSAGE, CHAT, VISITOR = "livechat_message", "livechat_chatsession", "livechat_visitor"
LINE, DUE, INDEX = "livechat_searchline", "livechat_searchdue", "livechat_searchwords"
# words of rows that are gone leave the pages of the index at once from this version on
SECURE_SINCE = (3, 42)

_MESSAGE_DUE = f"INSERT INTO {DUE} (chat_id, message_id) VALUES (NEW.chat_id, NEW.id);"
_CHAT_DUE = f"INSERT INTO {DUE} (chat_id) VALUES (NEW.id);"
_FORGET = f"DELETE FROM {LINE} WHERE message_id = "
_FORGET_CHAT = f"DELETE FROM {LINE} WHERE chat_id = OLD.id; INSERT INTO {DUE} (chat_id) VALUES (NULL);"
_CHATS_DUE = f"INSERT INTO {DUE} (chat_id) SELECT id FROM {CHAT} WHERE visitor_id = NEW.id;"
_CHANGED = "AFTER UPDATE OF body, deleted_at, has_files"
_OUT = f"INSERT INTO {INDEX} ({INDEX}, rowid, words) VALUES ('delete', OLD.id, OLD.words);"
# name, when, on which table, what
_EVERYWHERE = (
    ("search_message_new", "AFTER INSERT", MESSAGE, _MESSAGE_DUE),
    ("search_message_changed", _CHANGED, MESSAGE, f"{_FORGET}NEW.id; {_MESSAGE_DUE}"),
    ("search_message_gone", "AFTER DELETE", MESSAGE, f"{_FORGET}OLD.id;"),
    ("search_chat_new", "AFTER INSERT", CHAT, _CHAT_DUE),
    ("search_chat_changed", "AFTER UPDATE OF page_url, page_title", CHAT, _CHAT_DUE),
    ("search_chat_gone", "AFTER DELETE", CHAT, _FORGET_CHAT),
    ("search_visitor_changed", "AFTER UPDATE OF name", VISITOR, _CHATS_DUE),
)  # fmt: skip
_SQLITE = (
    ("search_line_new", "AFTER INSERT", LINE, f"INSERT INTO {INDEX} (rowid, words) VALUES (NEW.id, NEW.words);"),
    ("search_line_gone", "AFTER DELETE", LINE, _OUT),
)  # fmt: skip
_INDEX_IN_SQLITE = (
    f"CREATE VIRTUAL TABLE IF NOT EXISTS {INDEX} USING fts5(words, content='{LINE}', content_rowid='id', "
    "columnsize=0, tokenize=\"ascii tokenchars '#'\")"
)
# no list of what is still to be sorted in: whoever searches would read it through each time
_INDEX_IN_POSTGRESQL = f"CREATE INDEX search_words ON {LINE} USING gin (words) WITH (fastupdate = off)"
_ALL_DUE = (
    f"INSERT INTO {DUE} (chat_id) SELECT id FROM {CHAT} ORDER BY started_at",
    f"INSERT INTO {DUE} (chat_id, message_id) SELECT chat_id, id FROM {MESSAGE} ORDER BY created_at",
)


def set_up(connection: BaseDatabaseWrapper) -> None:
    """Once, by a migration: the index, the triggers, and all that was said before as due."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_INDEX_IN_POSTGRESQL)
            for statement in _postgresql():
                cursor.execute(statement)
        for statement in _ALL_DUE:
            cursor.execute(statement)
    look_after(connection)


def look_after(connection: BaseDatabaseWrapper) -> None:
    """SQLite's triggers stand, whatever migrations have made anew. Harmless to repeat."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM sqlite_master WHERE name = %s", [DUE])
        if cursor.fetchone() is None:
            return
        cursor.execute(_INDEX_IN_SQLITE)
        for name, when, table, deed in (*_EVERYWHERE, *_SQLITE):
            cursor.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {when} ON {table} BEGIN {deed} END")
        if is_secure(connection):
            cursor.execute(f"INSERT INTO {INDEX} ({INDEX}, rank) VALUES ('secure-delete', 1)")


def is_secure(connection: BaseDatabaseWrapper) -> bool:
    return connection.vendor == "sqlite" and sqlite3.sqlite_version_info >= SECURE_SINCE


def _postgresql() -> list[str]:
    made = []
    for name, when, table, deed in _EVERYWHERE:
        body = f"BEGIN {deed} RETURN NULL; END"
        made.append(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $do${body}$do$")
        made.append(f"CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    return made


def step_aside(connection: BaseDatabaseWrapper) -> None:
    """Before SQLite makes a table anew that a trigger of another one names; `look_after` puts them back."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for name, _, _, _ in (*_EVERYWHERE, *_SQLITE):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def take_down(connection: BaseDatabaseWrapper) -> None:
    """Undoes `set_up`."""
    step_aside(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"DROP TABLE IF EXISTS {INDEX}")
            return
        for name, _, table, _ in _EVERYWHERE:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
            cursor.execute(f"DROP FUNCTION IF EXISTS {name}()")
