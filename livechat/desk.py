"""What the console keeps for one member: how far they have read each chat, and how their desk is arranged.

`livechat.models` gives the rows to Django.
"""

from typing import ClassVar

from django.db import models

from accounts.scoping import WorkspaceManager


class ChatRead(models.Model):
    """How far a member has read a chat. A row exists once they opened it; what came later is unread to them."""

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey("accounts.Member", on_delete=models.CASCADE, related_name="reads")
    chat = models.ForeignKey("livechat.ChatSession", on_delete=models.CASCADE, related_name="reads")
    seq = models.PositiveIntegerField(default=0)

    unscoped: ClassVar[models.Manager["ChatRead"]] = models.Manager()
    objects = WorkspaceManager["ChatRead"]("member__workspace")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "chat"], name="one_mark_per_reader")]


class Desk(models.Model):
    """A member's own arrangement of the chats: `chosen` is the query of the list they looked at last."""

    class Tells(models.TextChoices):
        """Of which visitors' lines the member is told by sound and notification."""

        EVERY = "every", "Every message of a visitor"
        MINE = "mine", "Chats that are mine, or nobody’s yet"
        NOTHING = "nothing", "Nothing"

    member = models.OneToOneField(
        "accounts.Member", primary_key=True, on_delete=models.CASCADE, related_name="desk"
    )
    chosen = models.CharField(max_length=500, blank=True, default="")
    tells = models.CharField(max_length=7, choices=Tells.choices, default=Tells.MINE)
    has_sound = models.BooleanField(default=True)

    unscoped: ClassVar[models.Manager["Desk"]] = models.Manager()
    objects = WorkspaceManager["Desk"]("member__workspace")
