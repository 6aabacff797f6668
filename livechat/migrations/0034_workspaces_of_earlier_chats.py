"""Chats of before get their workspace, a thousand in a transaction: whatever stops it, the next run goes on from there.

PostgreSQL then looks through the table once without holding anybody up, so that the next migration need not.
"""

from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Subquery

AT_ONCE = 1000
TABLE, KNOWN = "livechat_chatsession", "chats_know_their_workspace"


def fill(apps: Any, schema_editor: Any) -> None:
    chats, sites = (apps.get_model("livechat", name)._base_manager for name in ("ChatSession", "Site"))
    theirs = Subquery(sites.filter(pk=OuterRef("site")).values("workspace")[:1])
    without = chats.filter(workspace=None).order_by("pk").values_list("pk", flat=True)
    while batch := list(without[:AT_ONCE]):
        chats.filter(pk__in=batch).update(workspace=theirs)


def forbid(apps: Any, schema_editor: Any) -> None:
    """From here on no chat begins without; what began meanwhile is filled as well."""
    if schema_editor.connection.vendor != "postgresql":
        return
    forget(apps, schema_editor)
    schema_editor.execute(
        f"ALTER TABLE {TABLE} ADD CONSTRAINT {KNOWN} CHECK (workspace_id IS NOT NULL) NOT VALID"
    )
    fill(apps, schema_editor)
    schema_editor.execute(f"ALTER TABLE {TABLE} VALIDATE CONSTRAINT {KNOWN}")


def forget(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE {TABLE} DROP CONSTRAINT IF EXISTS {KNOWN}")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("livechat", "0033_chats_know_their_workspace")]
    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(forbid, forget),
    ]
