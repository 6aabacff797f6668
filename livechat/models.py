"""The chat domain's rows and the constraints that hold its invariants (docs/invariants.md)."""

import secrets
import uuid
from collections.abc import Sequence
from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from accounts.scoping import WorkspaceManager
from livechat.asked import STARS, AsksVisitors, MayAnswer, MayBeRated
from livechat.desk import ChatRead as ChatRead
from livechat.desk import Desk as Desk
from livechat.erased import Erasure as Erasure
from livechat.exported import Export as Export
from livechat.figures import ChatFigures as ChatFigures
from livechat.figures import Counted
from livechat.forced import MayBeForced
from livechat.identified import IDENTIFIED, ChecksIdentity, MayBeVerified
from livechat.identified import IdentityKey as IdentityKey
from livechat.mailed import MailStop as MailStop
from livechat.mailed import TranscriptMail as TranscriptMail
from livechat.mailed import VisitorMail as VisitorMail
from livechat.resting import MayRest
from livechat.saved import SavedReply as SavedReply
from livechat.search.rows import SearchDue as SearchDue
from livechat.search.rows import SearchLine as SearchLine
from livechat.shown import MayShowOnlookers
from livechat.tags import ChatTag as ChatTag
from livechat.tags import Tag as Tag

MAX_BODY = 8000
DEFAULT_COLOUR = "#4f46e5"


def new_public_token() -> str:
    return f"pk_{secrets.token_urlsafe(18)}"


class Site(MayBeForced, AsksVisitors, MayRest, MayShowOnlookers, ChecksIdentity):
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
    # what its owner chose beside these: `livechat.look.Look.row`, and sentences by `livechat.look.TEXTS`
    look = models.JSONField(default=dict, blank=True, db_default={})
    texts = models.JSONField(default=dict, blank=True, db_default={})
    # when it is open: `livechat.schedule.Schedule.row`
    schedule = models.JSONField(default=dict, blank=True, db_default={})
    created_at = models.DateTimeField(auto_now_add=True)
    snippet_seen_at = models.DateTimeField(null=True, blank=True)

    unscoped: ClassVar[models.Manager["Site"]] = models.Manager()
    objects = WorkspaceManager["Site"]()

    def __str__(self) -> str:
        return self.name


class Visitor(MayAnswer, MayBeVerified):
    """Somebody on a site. Written at the first message; until then the signed visitor_token alone knows of them."""

    id = models.UUIDField(primary_key=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="visitors")
    token_hash = models.CharField(max_length=64)
    name = models.CharField(max_length=80, blank=True)
    # since when nothing more is taken from them, and whose word that was
    blocked_at = models.DateTimeField(null=True, blank=True)
    blocked_by = models.ForeignKey(
        "accounts.Agent", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    unscoped: ClassVar[models.Manager["Visitor"]] = models.Manager()
    objects = WorkspaceManager["Visitor"]("site__workspace")

    class Meta:
        constraints = IDENTIFIED
        indexes = [
            models.Index(
                fields=["blocked_at"], condition=Q(blocked_at__isnull=False), name="visitor_blocked"
            ),
        ]

    @property
    def is_blocked(self) -> bool:
        return self.blocked_at is not None

    @property
    def display_name(self) -> str:
        return self.name or f"Visitor {self.id.hex[:4]}"

    def __str__(self) -> str:
        return self.display_name


class ChatSession(Counted, MayBeRated):
    """One chat. `last_seq` counts visitor-visible messages, `last_rev` visible changes, both under its row lock."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # the site's, which never changes: so that lists of a workspace are read in their order, from one index
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    # without indexes of their own: others of this table begin with them, and every line that is said writes them all
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="chats", db_index=False)
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="chats", db_index=False)
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
    # how far a socket of the visitor has taken the chat and stood afterwards (consumers.py says what that proves)
    visitor_got_seq = models.PositiveIntegerField(default=0, db_default=0)
    agent_seen_seq = models.PositiveIntegerField(default=0)
    page_url = models.CharField(max_length=2000, blank=True)
    page_title = models.CharField(max_length=200, blank=True)
    referrer = models.CharField(max_length=2000, blank=True)
    # what the page said when the chat began; a visitor may have changed it, so it decides where a chat goes, no more
    department = models.CharField(max_length=80, blank=True, default="", db_default="")
    locale = models.CharField(max_length=35, blank=True)
    timezone = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    last_message_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # since when the visitor waits, since when nobody took that upon them, and when somebody is reminded (waiting.py)
    waiting_since = models.DateTimeField(null=True, blank=True)
    unheeded_since = models.DateTimeField(null=True, blank=True)
    remind_at = models.DateTimeField(null=True, blank=True)
    # out of sight until then or until the visitor writes (actions.snoozing); itself the promise to wake it, once
    snoozed_until = models.DateTimeField(null=True, blank=True)
    snoozed_at = models.DateTimeField(null=True, blank=True)
    # without an index: one would be written with every message of every chat
    snoozed_by = models.ForeignKey(
        "accounts.Agent", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    unscoped: ClassVar[models.Manager["ChatSession"]] = models.Manager()
    objects = WorkspaceManager["ChatSession"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["visitor"], condition=Q(status="open"), name="one_open_chat_per_visitor"
            ),
            models.CheckConstraint(
                condition=Q(delivered_seq__lte=F("last_seq")), name="delivered_within_chat"
            ),
            models.CheckConstraint(condition=Q(visitor_seen_seq__lte=F("last_seq")), name="seen_within_chat"),
            models.CheckConstraint(
                condition=Q(snoozed_until=None) | Q(status="open"), name="open_chats_alone_are_snoozed"
            ),
            models.CheckConstraint(
                condition=Q(waiting_since=None) | Q(status="open"), name="open_chats_alone_wait"
            ),
            models.CheckConstraint(
                condition=Q(unheeded_since=None, remind_at=None)
                | Q(unheeded_since__isnull=False, waiting_since__isnull=False),
                name="who_is_unheeded_waits",
            ),
            STARS,
        ]
        indexes = [
            models.Index(fields=["visitor", "-started_at"], name="chat_newest_of_visitor"),
            models.Index(fields=["site", "status", "-last_message_at"], name="chat_list"),
            models.Index(fields=["workspace", "status", "-last_message_at", "-id"], name="chat_in_order"),
            # whose time to be kept is over (retention.py)
            models.Index(
                fields=["workspace", "closed_at"], condition=Q(closed_at__isnull=False), name="chat_closed"
            ),
            models.Index(fields=["last_message_at"], name="chat_moved"),
            models.Index(
                fields=["snoozed_until"], condition=Q(snoozed_until__isnull=False), name="chat_snoozed"
            ),
            models.Index(fields=["remind_at"], condition=Q(remind_at__isnull=False), name="chat_to_remind"),
        ]

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN

    @property
    def is_snoozed(self) -> bool:
        return self.snoozed_until is not None


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
    chat = models.ForeignKey(ChatSession, on_delete=models.CASCADE, related_name="messages", db_index=False)
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
    # so that nobody looks for files of the many lines that have none
    has_files = models.BooleanField(default=False)
    mirror_state = models.CharField(max_length=8, choices=Mirror.choices, default=Mirror.NONE)
    mirror_problem = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    # filled by livechat.access.with_files, in their order
    files: "Sequence[Attachment]" = ()

    unscoped: ClassVar[models.Manager["Message"]] = models.Manager()
    objects = WorkspaceManager["Message"]("chat__workspace")

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


class MessageVersion(models.Model):
    """What a message said before a change, and who changed it when: the audit copy. It never leaves the console."""

    class Change(models.TextChoices):
        """`kept`: withdrawn from the visitor, its words kept as a note."""

        EDITED = "edited"
        WITHDRAWN = "withdrawn"
        KEPT = "kept"

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="versions")
    change = models.CharField(max_length=9, choices=Change.choices)
    body = models.TextField(blank=True)
    segments = models.JSONField(default=list)
    by_kind = models.CharField(max_length=7, choices=Message.Author.choices)
    by_agent = models.ForeignKey(
        "accounts.Agent", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField()

    unscoped: ClassVar[models.Manager["MessageVersion"]] = models.Manager()
    objects = WorkspaceManager["MessageVersion"]("message__chat__workspace")

    class Meta:
        # who missed the ring of a change is found by it
        indexes = [models.Index(fields=["changed_at"], name="message_changed")]


class Attachment(models.Model):
    """A file of a message, or one that was uploaded and not sent yet. What it is was found by looking into it."""

    class State(models.TextChoices):
        READY = "ready"
        FETCHING = "fetching"
        FAILED = "failed"
        GONE = "gone"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="attachments")
    message = models.ForeignKey(Message, null=True, on_delete=models.CASCADE, related_name="attachments")
    place = models.PositiveSmallIntegerField(default=0)
    # whose upload it is: a visitor's token_hash or a member; neither for what came from Slack
    uploader = models.CharField(max_length=64, blank=True)
    member = models.ForeignKey(
        "accounts.Member", null=True, on_delete=models.SET_NULL, related_name="uploads"
    )
    name = models.CharField(max_length=150)
    size = models.PositiveBigIntegerField(default=0)
    content_type = models.CharField(max_length=100, blank=True)
    storage_key = models.CharField(max_length=64, blank=True)
    thumbnail_key = models.CharField(max_length=64, blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.READY)
    problem = models.CharField(max_length=300, blank=True)
    # what it is called where it came from, e.g. slack:T1:F1
    external_id = models.CharField(max_length=80, blank=True, db_default="")
    created_at = models.DateTimeField(auto_now_add=True)
    # when it came in, failed or went; who missed the ring of that is found by it
    changed_at = models.DateTimeField(null=True, db_index=True)

    unscoped: ClassVar[models.Manager["Attachment"]] = models.Manager()
    objects = WorkspaceManager["Attachment"]("site__workspace")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="ready") | ~Q(storage_key=""), name="what_is_ready_lies_somewhere"
            ),
        ]
        indexes = [
            models.Index(fields=["uploader", "created_at"], name="upload_of_visitor"),
            models.Index(fields=["created_at"], condition=Q(message=None), name="upload_not_sent"),
            models.Index(fields=["external_id"], condition=~Q(external_id=""), name="file_from_outside"),
        ]

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY


class StorageOrphan(models.Model):
    """A place in the storage that no row speaks of: noted before anything lies there, and removed later by a job."""

    key = models.CharField(primary_key=True, max_length=64)
    remove_after = models.DateTimeField(db_index=True)


class Picture(models.Model):
    """A face, an emoji or a logo, as we show it: WebP, named by the hash of where it came from."""

    key = models.CharField(max_length=64, primary_key=True)
    content = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)


class Availability(models.Model):
    """Whether a site answers, as last told to its visitors, and since when and until when a widget of it was open."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, primary_key=True, related_name="availability")
    asked_since = models.DateTimeField()
    asked_at = models.DateTimeField(db_index=True)
    is_online = models.BooleanField()


class ConsoleVisit(models.Model):
    """When somebody last had the console open."""

    member = models.OneToOneField(
        "accounts.Member", on_delete=models.CASCADE, primary_key=True, related_name="console_visit"
    )
    seen_at = models.DateTimeField(db_index=True)


class Visit(models.Model):
    """When the visitor of an open chat last had the website open."""

    chat = models.OneToOneField(ChatSession, on_delete=models.CASCADE, primary_key=True, related_name="visit")
    seen_at = models.DateTimeField(db_index=True)
