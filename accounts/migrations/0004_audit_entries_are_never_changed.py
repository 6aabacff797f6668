"""The names of whoever acted so far, and the triggers that refuse to change or delete an entry.

SQLite loses a table's triggers when Django makes the table anew: a later migration that alters AuditEntry puts them up
again (`put_up`). A test asks the database itself.
"""

from typing import Any

from django.db import migrations

FIXED = (
    "id", "workspace_id", "actor_name", "verb", "subject", "changes", "address", "session", "created_at",
)  # fmt: skip
# a user who goes leaves their entries; an entry is sealed once; what is older than `kept_from` may go
CHANGED = (
    "{fixed} OR (NEW.actor_id IS NOT NULL AND {actor}) OR (OLD.place IS NOT NULL AND ({place} OR {seal}))"
)
KEPT = (
    "EXISTS (SELECT 1 FROM accounts_auditchain c WHERE c.workspace_id = OLD.workspace_id"
    " AND (c.kept_from IS NULL OR OLD.created_at >= c.kept_from))"
)
REFUSED = "An audit entry is never changed"
SQLITE = {
    "UPDATE": "CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON accounts_auditentry"
    f" WHEN {{when}} BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
    "DELETE": "CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON accounts_auditentry"
    f" WHEN {{when}} BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
}
POSTGRESQL = {
    "UPDATE": "CREATE FUNCTION audit_is_not_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    f" IF {{when}} THEN RAISE EXCEPTION '{REFUSED}'; END IF; RETURN NEW; END $$",
    "DELETE": "CREATE FUNCTION audit_is_not_deleted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    f" IF {{when}} THEN RAISE EXCEPTION '{REFUSED}'; END IF; RETURN OLD; END $$",
}
HANGING = (
    "CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON accounts_auditentry"
    " FOR EACH ROW EXECUTE FUNCTION audit_is_not_changed()",
    "CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON accounts_auditentry"
    " FOR EACH ROW EXECUTE FUNCTION audit_is_not_deleted()",
)


def put_up(apps: Any, schema_editor: Any) -> None:
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    differs = "OLD.{0} IS NOT NEW.{0}" if is_sqlite else "OLD.{0} IS DISTINCT FROM NEW.{0}"
    changed = CHANGED.format(
        fixed=" OR ".join(differs.format(name) for name in FIXED),
        actor=differs.format("actor_id"),
        place=differs.format("place"),
        seal=differs.format("seal"),
    )
    wording = SQLITE if is_sqlite else POSTGRESQL
    schema_editor.execute(wording["UPDATE"].format(when=changed), params=None)
    schema_editor.execute(wording["DELETE"].format(when=KEPT), params=None)
    if not is_sqlite:
        for statement in HANGING:
            schema_editor.execute(statement, params=None)


def take_down(apps: Any, schema_editor: Any) -> None:
    for name in ("audit_is_not_changed", "audit_is_not_deleted"):
        where = "" if schema_editor.connection.vendor == "sqlite" else " ON accounts_auditentry"
        schema_editor.execute(f"DROP TRIGGER {name}{where}")
        if where:
            schema_editor.execute(f"DROP FUNCTION {name}()")


def name_actors(apps: Any, schema_editor: Any) -> None:
    entries = apps.get_model("accounts", "AuditEntry")._base_manager
    users = apps.get_model("accounts", "User").objects
    acted = entries.filter(actor__isnull=False, actor_name="").values("actor_id")
    for user in users.filter(pk__in=acted).iterator():
        entries.filter(actor=user).update(actor_name=(user.name or user.email or "Somebody")[:80])


def begin_chains(apps: Any, schema_editor: Any) -> None:
    chains = apps.get_model("accounts", "AuditChain")._base_manager
    for workspace in apps.get_model("accounts", "Workspace").objects.iterator():
        chains.get_or_create(workspace=workspace)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_an_audit_log_that_is_sealed")]

    operations = [
        migrations.RunPython(name_actors, migrations.RunPython.noop),
        migrations.RunPython(begin_chains, migrations.RunPython.noop),
        migrations.RunPython(put_up, take_down),
    ]
