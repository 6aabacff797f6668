import django.db.models.deletion
from django.db import migrations, models

from livechat.search import triggers

# PostgreSQL believes the constraint that it has just looked through, and need not look again under its lock
KNOWN = "ALTER TABLE livechat_chatsession DROP CONSTRAINT IF EXISTS chats_know_their_workspace"


def forget(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(KNOWN)


def step_aside(apps, schema_editor):
    triggers.step_aside(schema_editor.connection)


def look_after(apps, schema_editor):
    triggers.look_after(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("livechat", "0034_workspaces_of_earlier_chats")]

    operations = [
        migrations.RunPython(step_aside, look_after),
        migrations.AlterField(
            model_name="chatsession",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.workspace",
            ),
        ),
        migrations.RunPython(forget, migrations.RunPython.noop),
        migrations.RunPython(look_after, step_aside),
    ]
