import importlib

from django.db import migrations, models

beside_writers = importlib.import_module(
    "livechat.migrations.0036_chats_in_their_order"
).AddIndexBesideWriters


class Migration(migrations.Migration):
    """Chats of before stay without a moment: there were no plans then that would be measured by it."""

    atomic = False
    dependencies = [("livechat", "0038_visitors_who_are_verified")]

    operations = [
        migrations.AddField(model_name="chatfigures", name="asked_at", field=models.DateTimeField(null=True)),
        beside_writers(
            model_name="chatfigures",
            index=models.Index(
                fields=["site", "asked_at"],
                condition=models.Q(("asked_at__isnull", False)),
                name="figures_asked",
            ),
        ),
    ]
