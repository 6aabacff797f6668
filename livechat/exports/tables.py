"""What is in an export: every table that belongs to the workspace, or to one visitor of it, without secrets."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

from accounts.personal import OURS, TABLE, Words
from accounts.scoping import WorkspaceManager
from livechat.models import Attachment, Export

AT_ONCE = 500
# tables that are reached by another way than their own manager's
ALSO = {
    "accounts.Workspace": "pk",
    "accounts.User": "memberships__workspace",
    "slackapp.MessageLink": "message__chat__workspace",
    "slackapp.ChatLink": "chat__workspace",
    "slackapp.Reminder": "chat__workspace",
}
# of a person's account only what others of the workspace see of it
OF_A_USER = ("id", "email", "name")
LEFT_OUT = frozenset({"livechat.Export", "accounts.AuditChain"})
OF_VISITOR = {
    "livechat.Visitor": "pk",
    "livechat.ChatSession": "visitor",
    "livechat.Attachment": "message__chat__visitor",
}


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` are those of the one workspace or visitor; `columns` hold no secret."""

    name: str
    rows: models.QuerySet[Any]
    columns: tuple[str, ...]

    def __iter__(self) -> Iterator[list[dict[str, Any]]]:
        """Batches in the order of their keys: no statement and no memory grows with the table."""
        last = None
        while True:
            rows = self.rows if last is None else self.rows.filter(pk__gt=last)
            batch = list(rows.order_by("pk").values(*self.columns, "pk")[:AT_ONCE])
            if not batch:
                return
            last = batch[-1]["pk"]
            yield [{name: row[name] for name in self.columns} for row in batch]


def tables_of(export: Export) -> list[Table]:
    if export.visitor_id is not None:
        found = [(model, _to_visitor(model, path), export.visitor_id) for model, path in _scoped()]
    else:
        found = [(model, path, export.workspace_id) for model, path in _scoped()]
    return [_table(model, path, whose) for model, path, whose in found if path]


def files_of(export: Export) -> models.QuerySet[Attachment]:
    whole = Attachment.objects.in_workspace(export.workspace).filter(state=Attachment.State.READY)
    of_one = {"message__chat__visitor": export.visitor_id} if export.visitor_id is not None else {}
    return whole.filter(message__isnull=False, **of_one)


def _scoped() -> Iterator[tuple[type[models.Model], str]]:
    """Models that belong to a workspace, each with the way there."""
    for app in OURS:
        for model in apps.get_app_config(app).get_models():
            path = path_of(model)
            if path and model._meta.label not in LEFT_OUT:
                yield model, path


def path_of(model: type[models.Model]) -> str:
    manager = model.__dict__.get("objects")
    found = getattr(model, "objects", manager)
    return found.path if isinstance(found, WorkspaceManager) else ALSO.get(model._meta.label, "")


def _to_visitor(model: type[models.Model], path: str) -> str:
    """Where the way to the workspace leads through a chat, its visitor's way branches off there."""
    if known := OF_VISITOR.get(model._meta.label):
        return known
    before, chat, _ = path.partition("chat__workspace")
    if chat:
        return f"{before}chat__visitor"
    names = {field.name for field in model._meta.concrete_fields}
    return "chat__visitor" if "chat" in names else ""


def _table(model: type[models.Model], path: str, whose: Any) -> Table:
    words = TABLE.get(model._meta.label, Words())
    columns = tuple(field.attname for field in model._meta.concrete_fields if field.name not in words.secrets)
    if model._meta.label == "accounts.User":
        columns = OF_A_USER
    return Table(model._meta.db_table, model._base_manager.filter(**{path: whose}), columns)
