"""A route's one interval of hours becomes the first of several."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ONE = ("days", "begin", "end")


def to_several(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for route in apps.get_model("slackapp", "Connection")._base_manager.exclude(conditions={}):
        row: dict[str, Any] = dict(route.conditions)
        if "days" not in row:
            continue
        row["hours"] = [{name: row.pop(name) for name in ONE}]
        route.conditions = row
        route.save(update_fields=["conditions"])


def to_one(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Further intervals are dropped: what was before knew of one."""
    for route in apps.get_model("slackapp", "Connection")._base_manager.exclude(conditions={}):
        row: dict[str, Any] = dict(route.conditions)
        if "hours" not in row:
            continue
        row.update(row.pop("hours")[0])
        route.conditions = row
        route.save(update_fields=["conditions"])


class Migration(migrations.Migration):
    dependencies = [("slackapp", "0019_people_by_their_id")]
    operations = [migrations.RunPython(to_several, to_one, elidable=True)]
