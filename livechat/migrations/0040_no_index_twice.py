import django.db.models.deletion
from django.db import migrations, models

TWICE = {
    "livechat_chatsession_site_id_fe2eac75": ("livechat_chatsession", "site_id"),
    "livechat_chatsession_visitor_id_853f99f2": ("livechat_chatsession", "visitor_id"),
    "livechat_message_chat_id_d76d0d47": ("livechat_message", "chat_id"),
}


def without_index(to, name):
    return models.ForeignKey(
        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name=name, to=to
    )


class Migration(migrations.Migration):
    """The indexes are dropped by name: SQLite would otherwise make both tables anew, and lose the triggers of the search."""

    dependencies = [
        ("livechat", "0039_when_chats_were_begun"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField("chatsession", "site", without_index("livechat.site", "chats")),
                migrations.AlterField("chatsession", "visitor", without_index("livechat.visitor", "chats")),
                migrations.AlterField("message", "chat", without_index("livechat.chatsession", "messages")),
            ],
            database_operations=[
                migrations.RunSQL(
                    f'DROP INDEX IF EXISTS "{index}"',
                    f'CREATE INDEX "{index}" ON "{table}" ("{column}")',
                )
                for index, (table, column) in TWICE.items()
            ],
        )
    ]
