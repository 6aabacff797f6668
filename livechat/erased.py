"""That somebody was erased, without a word of theirs. `livechat.models` gives it to Django."""

import uuid
from typing import ClassVar

from django.db import models

from accounts.scoping import WorkspaceManager


class Erasure(models.Model):
    """What is gone from here: a visitor, or what the rule of a workspace let go on one day.

    The hash of a visitor lets a restored backup be cleaned of them again; a rule simply applies again.
    """

    class Why(models.TextChoices):
        ASKED = "asked", "A visitor was erased"
        RULE = "rule", "Old chats were deleted"
        END = "end", "The workspace ends"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="erasures")
    why = models.CharField(max_length=5, choices=Why.choices, default=Why.ASKED, db_default=Why.ASKED)
    visitor_hash = models.CharField(max_length=64, blank=True, db_index=True)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    chats = models.PositiveIntegerField()
    messages = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    # when it came into the list that outlives a restored backup (replaying.py)
    recorded_at = models.DateTimeField(null=True)

    unscoped: ClassVar[models.Manager["Erasure"]] = models.Manager()
    objects = WorkspaceManager["Erasure"]()
