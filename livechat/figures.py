"""What reports count of a chat (C6): columns of the chat itself, and its row of figures."""

from typing import ClassVar

from django.db import models

from accounts.scoping import WorkspaceManager

SHOWN = (
    "site", "day", "slot", "agent", "answered_in", "answered_in_hours", "resolved_in", "visitor_lines", "agent_lines",
    "rating",
)  # fmt: skip


class Counted(models.Model):
    """Written by the statement that moves the chat on with each message."""

    visitor_lines = models.PositiveIntegerField(default=0, db_default=0)
    agent_lines = models.PositiveIntegerField(default=0, db_default=0)
    # from the visitor's first line to the first answer after it
    first_answer_seconds = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        abstract = True


class ChatFigures(models.Model):
    """A chat in numbers, without words or names; it outlives its chat. A chat in which no visitor wrote has none.

    `day` and `slot` (hours since Monday began) are when the visitor first wrote, on the site's clock of that moment;
    `asked_at` is the moment itself, which plans are measured by. Chats of before there were plans have none.
    Seconds: until the first answer, those of them in which the site was open, and until the chat was closed.
    """

    id = models.BigAutoField(primary_key=True)
    site = models.ForeignKey("livechat.Site", on_delete=models.CASCADE, related_name="+", db_index=False)
    chat = models.OneToOneField(
        "livechat.ChatSession", null=True, on_delete=models.SET_NULL, related_name="figures"
    )
    # who has the chat
    agent = models.ForeignKey(
        "accounts.Agent", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    day = models.DateField()
    slot = models.PositiveSmallIntegerField()
    asked_at = models.DateTimeField(null=True)
    answered_in = models.PositiveIntegerField(null=True)
    answered_in_hours = models.PositiveIntegerField(null=True)
    # null while it is open, and so are the lines nought
    resolved_in = models.PositiveIntegerField(null=True)
    visitor_lines = models.PositiveIntegerField(default=0)
    agent_lines = models.PositiveIntegerField(default=0)
    rating = models.PositiveSmallIntegerField(null=True)

    unscoped: ClassVar[models.Manager["ChatFigures"]] = models.Manager()
    objects = WorkspaceManager["ChatFigures"]("site__workspace")

    class Meta:
        # all that a report reads of a row, so that it reads no rows
        indexes = [
            models.Index(fields=SHOWN, name="figures_of_days"),
            models.Index(
                fields=["site", "asked_at"], condition=models.Q(asked_at__isnull=False), name="figures_asked"
            ),
        ]
