"""The chat domain's rows and the constraints that hold its invariants (docs/invariants.md)."""

import secrets
import uuid
from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from accounts.scoping import WorkspaceManager

MAX_BODY = 8000
DEFAULT_COLOUR = "#4f46e5"


def new_public_token() -> str:
    return f"pk_{secrets.token_urlsafe(18)}"


class Site(models.Model):
    """One embedding website. `public_token` names it in the snippet and is no secret."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="sites")
    name = models.CharField(max_length=80)
    public_token = models.CharField(max_length=40, unique=True, default=new_public_token, editable=False)
    allowed_origins = models.JSONField(default=list, blank=True)
    colour = models.CharField(
        max_length=7, default=DEFAULT_COLOUR, validators=[RegexValidator(r"\A#[0-9a-f]{6}\Z")]
    )
    title = models.CharField(max_length=80, default="Chat with us")
    greeting = models.CharField(max_length=300, blank=True, default="Hello. How can we help?")
    created_at = models.DateTimeField(auto_now_add=True)
    snippet_seen_at = models.DateTimeField(null=True, blank=True)

    unscoped: ClassVar[models.Manager["Site"]] = models.Manager()
    objects = WorkspaceManager["Site"]()

    def __str__(self) -> str:
        return self.name


class Visitor(models.Model):
    """Somebody on a site. Written at the first message; until then the signed visitor_token alone knows of them."""

    id = models.UUIDField(primary_key=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="visitors")
    token_hash = models.CharField(max_length=64)
    name = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    unscoped: ClassVar[models.Manager["Visitor"]] = models.Manager()
    objects = WorkspaceManager["Visitor"]("site__workspace")

    @property
    def display_name(self) -> str:
        return self.name or f"Visitor {self.id.hex[:4]}"

    def __str__(self) -> str:
        return self.display_name


class ChatSession(models.Model):
    """One chat. `last_seq` counts visitor-visible messages, `last_rev` visible changes, both under its row lock."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="chats")
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="chats")
    status = models.CharField(max_length=6, choices=Status.choices, default=Status.OPEN)
    agent = models.ForeignKey(
        "accounts.Agent", null=True, blank=True, on_delete=models.SET_NULL, related_name="chats"
    )
    previous = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="next"
    )
    last_seq = models.PositiveIntegerField(default=0)
    last_rev = models.PositiveIntegerField(default=0)
    delivered_seq = models.PositiveIntegerField(default=0)
    visitor_seen_seq = models.PositiveIntegerField(default=0)
    agent_seen_seq = models.PositiveIntegerField(default=0)
    page_url = models.CharField(max_length=2000, blank=True)
    page_title = models.CharField(max_length=200, blank=True)
    referrer = models.CharField(max_length=2000, blank=True)
    locale = models.CharField(max_length=35, blank=True)
    timezone = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    last_message_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    unscoped: ClassVar[models.Manager["ChatSession"]] = models.Manager()
    objects = WorkspaceManager["ChatSession"]("site__workspace")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["visitor"], condition=Q(status="open"), name="one_open_chat_per_visitor"
            ),
            models.CheckConstraint(
                condition=Q(delivered_seq__lte=F("last_seq")), name="delivered_within_chat"
            ),
            models.CheckConstraint(condition=Q(visitor_seen_seq__lte=F("last_seq")), name="seen_within_chat"),
        ]
        indexes = [
            models.Index(fields=["visitor", "-started_at"], name="chat_newest_of_visitor"),
            models.Index(fields=["site", "status", "-last_message_at"], name="chat_list"),
            models.Index(fields=["last_message_at"], name="chat_moved"),
        ]

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN


class Message(models.Model):
    """A line of a chat. `seq` is its place (null for notes, which follow `after_seq`), `rev` its latest change."""

    class Author(models.TextChoices):
        VISITOR = "visitor"
        AGENT = "agent"
        BOT = "bot"
        SYSTEM = "system"

    class Mirror(models.TextChoices):
        """How far the copy for Slack is; `none` when nobody is to be told."""

        NONE = "none"
        QUEUED = "queued"
        SENDING = "sending"
        CHECKING = "checking"
        SENT = "sent"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    chat = models.ForeignKey(ChatSession, on_delete=models.CASCADE, related_name="messages")
    seq = models.PositiveIntegerField(null=True)
    after_seq = models.PositiveIntegerField(default=0)
    rev = models.PositiveIntegerField(default=0)
    author_kind = models.CharField(max_length=7, choices=Author.choices)
    agent = models.ForeignKey(
        "accounts.Agent", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    client_message_id = models.UUIDField(null=True, blank=True)
    body = models.TextField(blank=True)
    segments = models.JSONField(default=list)
    is_note = models.BooleanField(default=False)
    mirror_state = models.CharField(max_length=8, choices=Mirror.choices, default=Mirror.NONE)
    mirror_problem = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    unscoped: ClassVar[models.Manager["Message"]] = models.Manager()
    objects = WorkspaceManager["Message"]("chat__site__workspace")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chat", "seq"], name="one_message_per_seq"),
            models.UniqueConstraint(
                fields=["chat", "client_message_id"], name="one_message_per_client_message_id"
            ),
            # said with IS NOT NULL: a CHECK whose outcome is NULL holds
            models.CheckConstraint(
                condition=Q(is_note=True, seq=None) | Q(is_note=False, seq__isnull=False, seq__gte=1),
                name="notes_alone_have_no_seq",
            ),
        ]
        indexes = [
            models.Index(fields=["chat", "rev"], name="message_by_rev"),
            # "Slack is slow": the oldest copy that is still on its way
            models.Index(
                fields=["created_at"],
                condition=Q(mirror_state__in=["queued", "sending", "checking"]),
                name="message_on_its_way",
            ),
        ]
