from typing import Any

from django.db import migrations, models
from django.utils import timezone


def ask_about_those_that_wait(apps: Any, schema_editor: Any) -> None:
    """Of earlier ones nobody knows why they were refused: each is asked now."""
    installations = apps.get_model("slackapp", "Installation").objects.filter(state="needs_reauth")
    lanes = apps.get_model("slackapp", "Lane").objects
    for pk in list(installations.values_list("pk", flat=True)):
        lanes.filter(key=f"own:{pk}").update(due_at=timezone.now())
    installations.update(doubted_until=timezone.now())


class Migration(migrations.Migration):
    dependencies = [
        ("slackapp", "0023_places_that_chats_had"),
    ]

    operations = [
        migrations.AddField(
            model_name="installation",
            name="doubted_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(ask_about_those_that_wait, migrations.RunPython.noop),
    ]
