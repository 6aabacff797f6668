"""Answers that a team writes once and uses often. `livechat.models` gives the row to Django."""

import re
import unicodedata
import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.scoping import WorkspaceManager

# what a field of a modal in Slack takes is 3,000; what stands for the variables needs room
MAX_SAVED = 2500
IN_USE = Q(deleted_at=None)
_NAME = re.compile(r"[\w-]{1,40}")
_WHOLE = re.compile(r"\A\s*//([\w-]{1,40})\s*\Z")


def clean_shortcut(typed: str) -> str:
    """`//Opening-Hours ` → `opening-hours`; empty if nobody could type it as one word."""
    name = unicodedata.normalize("NFKC", typed).strip().lstrip("/").casefold()
    return name if _NAME.fullmatch(name) else ""


def shortcut_in(text: str) -> str:
    """The name, if the text is a shortcut and nothing else; else empty."""
    found = _WHOLE.match(text[:200])
    return clean_shortcut(found[1]) if found and len(text) <= 200 else ""


class SavedReply(models.Model):
    """`name` is what people type after `//`, `body` may hold variables (variables.py). Without a site: for all of them.

    A deleted one is kept for a while, so that deleting can be undone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="saved_replies"
    )
    site = models.ForeignKey(
        "livechat.Site", null=True, blank=True, on_delete=models.CASCADE, related_name="saved_replies"
    )
    name = models.CharField(max_length=40)
    title = models.CharField(max_length=80)
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    unscoped: ClassVar[models.Manager["SavedReply"]] = models.Manager()
    objects = WorkspaceManager["SavedReply"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "name"],
                condition=IN_USE & Q(site=None),
                name="one_saved_reply_per_name",
            ),
            models.UniqueConstraint(
                fields=["site", "name"],
                condition=IN_USE & Q(site__isnull=False),
                name="one_saved_reply_per_name_of_a_site",
            ),
        ]

    def __str__(self) -> str:
        return f"//{self.name}"
