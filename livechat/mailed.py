"""Mails that are owed, and addresses that want none. `livechat.models` gives the rows to Django."""

import uuid
from typing import ClassVar

from django.db import models

from accounts.scoping import WorkspaceManager


class TranscriptMail(models.Model):
    """The promise to mail a chat's transcript. It goes once it is kept, or cannot be, and with it the address."""

    id = models.BigAutoField(primary_key=True)
    chat = models.ForeignKey(
        "livechat.ChatSession", on_delete=models.CASCADE, related_name="transcript_mails"
    )
    address = models.EmailField()
    asked_at = models.DateTimeField(auto_now_add=True)
    try_at = models.DateTimeField(db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)


class VisitorMail(models.Model):
    """The promise of a mail to a chat's visitor: of answers they have not seen, or asking for a rating.

    One row for each kind; `due_at` is null while nothing is owed. `mailed_seq`: up to which line answers were mailed.
    """

    class Kind(models.TextChoices):
        ANSWERS = "answers"
        RATING = "rating"

    id = models.BigAutoField(primary_key=True)
    chat = models.ForeignKey("livechat.ChatSession", on_delete=models.CASCADE, related_name="visitor_mails")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    due_at = models.DateTimeField(null=True)
    mailed_seq = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chat", "kind"], name="one_mail_of_a_kind_for_a_chat")]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="visitor_mail_due")
        ]


class MailStop(models.Model):
    """An address that wants no mails of a workspace, whichever chat it is written into and whoever writes it there.

    Only its hash, which tells the address again when it comes and cannot be mailed to. It outlives the visitor.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")
    address_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    unscoped: ClassVar[models.Manager["MailStop"]] = models.Manager()
    objects = WorkspaceManager["MailStop"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "address_hash"], name="one_stop_of_an_address")
        ]
