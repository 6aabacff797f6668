"""Tags: a workspace's own words for what its chats are about. `livechat.models` gives the rows to Django."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.scoping import WorkspaceManager

MOST_IN_WORKSPACE = 50
MOST_ON_CHAT = 10
LONGEST = 30
IN_USE = Q(deleted_at=None)


class Tag(models.Model):
    """A deleted one is kept for a while with its chats, so that deleting and merging can be undone."""

    class Colour(models.TextChoices):
        """Each is a class of static/console/tags.css, readable in light and dark."""

        GREY = "grey", "Grey"
        RED = "red", "Red"
        AMBER = "amber", "Amber"
        GREEN = "green", "Green"
        TEAL = "teal", "Teal"
        BLUE = "blue", "Blue"
        VIOLET = "violet", "Violet"
        PINK = "pink", "Pink"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=LONGEST)
    colour = models.CharField(max_length=6, choices=Colour.choices, default=Colour.GREY)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    unscoped: ClassVar[models.Manager["Tag"]] = models.Manager()
    objects = WorkspaceManager["Tag"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "workspace", Lower("name"), condition=Q(deleted_at=None), name="one_tag_per_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ChatTag(models.Model):
    """A tag on a chat. `via`: the tag that stood there before it was merged into this one."""

    id = models.BigAutoField(primary_key=True)
    chat = models.ForeignKey("livechat.ChatSession", on_delete=models.CASCADE, related_name="tagged")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="tagged")
    via = models.ForeignKey(Tag, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    unscoped: ClassVar[models.Manager["ChatTag"]] = models.Manager()
    objects = WorkspaceManager["ChatTag"]("tag__workspace")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chat", "tag"], name="one_tag_once_per_chat")]
