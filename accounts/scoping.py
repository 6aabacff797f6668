"""Tenant scope by construction: a model's rows are reached through a workspace, or by a word one can grep for."""

from typing import Any, Generic, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)


class UnscopedAccess(RuntimeError):
    """A query was started without saying whose rows it may see. A programming error: never catch it."""


class WorkspaceManager(models.Manager[M], Generic[M]):
    """`Model.objects.in_workspace(workspace)` is the only way in; `.all()`, `.get()`, `.filter()` raise.

    Every scoped model also has `unscoped = models.Manager()`, declared first so that Django's own machinery (relations,
    admin, migrations) uses it. A test holds the list of modules that may say `.unscoped`.
    """

    def __init__(self, path: str = "workspace") -> None:
        super().__init__()
        self.path = path

    def deconstruct(self) -> Any:
        raise TypeError("managers are not serialised into migrations")

    def get_queryset(self) -> models.QuerySet[M]:
        raise UnscopedAccess(f"{self.model.__name__}.objects needs .in_workspace(workspace) first.")

    def in_workspace(self, workspace: models.Model) -> models.QuerySet[M]:
        if getattr(workspace, "pk", None) is None or workspace._state.adding:
            raise UnscopedAccess(
                f"{self.model.__name__}.objects.in_workspace() was given no saved workspace."
            )
        return super().get_queryset().filter(**{self.path: workspace})
