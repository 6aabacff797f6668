"""Exports that somebody asked for. `livechat.models` gives the row to Django."""

import uuid
from typing import ClassVar

from django.db import models

from accounts.scoping import WorkspaceManager


class Export(models.Model):
    """The promise to put a workspace's data, or one visitor's, into a file that can be fetched for a day.

    `claim` names whoever makes it now, until `try_at`; who dies with it leaves it to the next, who begins anew.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        GONE = "gone", "No longer here"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="exports")
    visitor = models.ForeignKey(
        "livechat.Visitor", null=True, on_delete=models.CASCADE, related_name="exports"
    )
    asked_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    problem = models.CharField(max_length=300, blank=True)
    # rows and files so far, and in all
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    claim = models.UUIDField(null=True)
    try_at = models.DateTimeField(null=True, db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)
    storage_key = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True, db_index=True)
    # the mail to whoever asked is due from then on
    mail_at = models.DateTimeField(null=True)

    unscoped: ClassVar[models.Manager["Export"]] = models.Manager()
    objects = WorkspaceManager["Export"]()

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    @property
    def percent(self) -> int:
        return min(99, 100 * self.done // self.total) if self.total else 0
