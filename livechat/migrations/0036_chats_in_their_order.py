from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class AddIndexBesideWriters(AddIndexConcurrently):
    """Nobody who writes waits for it where the database can do that; SQLite has one writer anyway."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        adding = kind(schema_editor)
        adding.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        adding = kind(schema_editor)
        adding.database_backwards(self, app_label, schema_editor, from_state, to_state)


def kind(schema_editor: Any) -> type[migrations.AddIndex]:
    return AddIndexConcurrently if schema_editor.connection.vendor == "postgresql" else migrations.AddIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("livechat", "0035_every_chat_has_a_workspace")]

    operations = [
        AddIndexBesideWriters(
            model_name="visitor",
            index=models.Index(
                condition=models.Q(("blocked_at__isnull", False)),
                fields=["blocked_at"],
                name="visitor_blocked",
            ),
        ),
        AddIndexBesideWriters(
            model_name="chatsession",
            index=models.Index(
                fields=["workspace", "status", "-last_message_at", "-id"], name="chat_in_order"
            ),
        ),
        AddIndexBesideWriters(
            model_name="chatsession",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", False)),
                fields=["workspace", "closed_at"],
                name="chat_closed",
            ),
        ),
    ]
