"""Chats of before are counted, a few hundred in a transaction: whatever stops it, the next run goes on from there."""

from typing import Any

from django.db import migrations

from livechat.actions.figures import fill_missing


def count(apps: Any, schema_editor: Any) -> None:
    models = (apps.get_model("livechat", name) for name in ("ChatSession", "Message", "ChatFigures"))
    fill_missing(*models)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("livechat", "0021_figures_of_chats")]
    operations = [migrations.RunPython(count, migrations.RunPython.noop)]
