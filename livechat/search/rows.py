"""The index of what was said: lines, and what is still to come into it. `livechat.models` gives them to Django."""

from typing import Any, ClassVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.scoping import WorkspaceManager


class WordsField(models.TextField):  # type: ignore[type-arg]
    """A tsvector in PostgreSQL; in SQLite the text of which the triggers make the FTS5 index."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "tsvector" if connection.vendor == "postgresql" else "text"


@WordsField.register_lookup
class Matches(models.Lookup):
    """PostgreSQL alone: `words__matches="'red' & 'boots'"`."""

    lookup_name = "matches"

    def get_prep_lookup(self) -> str:
        return str(self.rhs)

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        left, params = self.process_lhs(compiler, connection)
        return f"{left} @@ %s::tsquery", [*params, self.rhs]


class SearchLine(models.Model):
    """What is found of a message, or of a chat (its visitor's name and page): without a message then.

    `id` is the moment in microseconds, so that the newest is the highest. Nobody cascades: triggers delete it in the
    transaction in which its message or chat goes, whatever deletes that.
    """

    id = models.BigIntegerField(primary_key=True)
    workspace = models.ForeignKey(
        "accounts.Workspace", models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    chat = models.ForeignKey("livechat.ChatSession", models.DO_NOTHING, related_name="+", db_constraint=False)
    message = models.OneToOneField(
        "livechat.Message", models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    words = WordsField()

    unscoped: ClassVar[models.Manager["SearchLine"]] = models.Manager()
    objects = WorkspaceManager["SearchLine"]()

    class Meta:
        indexes = [models.Index(fields=["workspace", "-id"], name="search_newest")]


class SearchDue(models.Model):
    """A promise, written by the triggers: this message, or what is known of this chat, comes into the index anew.

    Without either: words that are gone are to leave the file of SQLite's index, too.
    """

    id = models.BigAutoField(primary_key=True)
    chat_id = models.UUIDField(null=True)
    message_id = models.UUIDField(null=True)
