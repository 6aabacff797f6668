import django.db.models.deletion
from django.db import migrations, models

from livechat.search import triggers


def step_aside(apps, schema_editor):
    triggers.step_aside(schema_editor.connection)


def look_after(apps, schema_editor):
    triggers.look_after(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_invitations"),
        ("livechat", "0032_addresses_that_want_no_mails"),
    ]

    # SQLite makes the table anew when the column goes
    operations = [
        migrations.RunPython(migrations.RunPython.noop, look_after),
        migrations.AddField(
            model_name="chatsession",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.workspace",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, step_aside),
    ]
