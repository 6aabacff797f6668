"""What we know of Slack, what Slack told us (InboundEvent) and what Slack is still to be told (Delivery)."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.fields import EncryptedTextField
from accounts.scoping import WorkspaceManager
from slackapp.erased import ErasedCopy as ErasedCopy
from slackapp.erased import PastPlace as PastPlace
from slackapp.home.rows import HomeTab as HomeTab
from slackapp.left import LeftCopy as LeftCopy
from slackapp.persons import EmojiList as EmojiList
from slackapp.persons import Roster as Roster
from slackapp.persons import SlackIdentity as SlackIdentity
from slackapp.previews.rows import LinkPreview as LinkPreview
from slackapp.previews.rows import PreviewedChat as PreviewedChat
from slackapp.reminded import Reminder as Reminder
from slackapp.reminded import ReminderPlan as ReminderPlan
from slackapp.shown_cards import ShownCard as ShownCard
from slackapp.work import ChannelBudget as ChannelBudget
from slackapp.work import Heartbeat as Heartbeat
from slackapp.work import InboundEvent as InboundEvent
from slackapp.work import Lane as Lane


class Installation(models.Model):
    """What OAuth gave us for one Slack team or org. Belongs to no workspace: reached only through a Connection."""

    class State(models.TextChoices):
        ACTIVE = "active"
        NEEDS_REAUTH = "needs_reauth"
        REVOKED = "revoked"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slack_team_id = models.CharField(max_length=32, blank=True)
    enterprise_id = models.CharField(max_length=32, blank=True)
    app_id = models.CharField(max_length=32)
    team_name = models.CharField(max_length=120, blank=True)
    team_url = models.CharField(max_length=200, blank=True)
    bot_token = EncryptedTextField(blank=True)
    # where tokens rotate: the pair's other half, the access token's end, and when it is to be renewed
    refresh_token = EncryptedTextField(blank=True, default="")
    expires_at = models.DateTimeField(null=True, blank=True)
    renew_at = models.DateTimeField(null=True, blank=True)
    bot_user_id = models.CharField(max_length=32)
    bot_id = models.CharField(max_length=32)
    scopes = models.JSONField(default=list)
    installed_by_slack_user_id = models.CharField(max_length=32)
    installed_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    # a key we no longer want is kept until Slack has been told so, or until the second moment; then all else goes
    farewell_at = models.DateTimeField(null=True, blank=True)
    farewell_until = models.DateTimeField(null=True, blank=True)
    delete_at = models.DateTimeField(null=True, blank=True)
    # Slack called the key dead and told no more: it is asked once again then (last_look.py)
    doubted_until = models.DateTimeField(null=True, blank=True)
    # tries in a row of whatever is due for this installation
    tries = models.PositiveSmallIntegerField(default=0)
    # since then some of what was said may be missing (catch_up.py), and when Slack is next asked about it
    gaps_since = models.DateTimeField(null=True, blank=True)
    catch_up_at = models.DateTimeField(null=True, blank=True)
    # seconds between two pages, as Slack has taught this time
    catch_up_pace = models.FloatField(default=0, db_default=0)
    state = models.CharField(max_length=12, choices=State.choices, default=State.ACTIVE)
    problem = models.CharField(max_length=300, blank=True)
    # how many channels were named so far: their names never meet, whichever site of the team asks
    rooms_named = models.PositiveIntegerField(default=0)
    # while Slack itself is in trouble nobody posts: the moment of the next attempt and how many failed in a row
    paused_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise_id", "slack_team_id", "app_id"], name="one_installation_per_team"
            ),
        ]

    def __str__(self) -> str:
        return self.team_name or self.slack_team_id or self.enterprise_id


class Connection(models.Model):
    """How a site uses an installation: channel, mode, policy, health. First match wins, one default per site."""

    class Mode(models.TextChoices):
        STILL = "still", "Still"
        NOISY = "noisy", "Noisy"

    class Policy(models.TextChoices):
        """What of a thread goes to the visitor; `slackapp.policies` says it in words."""

        REPLIES = "replies", "Replies go out"
        SILENT = "silent", "Silent thread"
        ALERTS = "alerts", "Alerts only"

    class State(models.TextChoices):
        PENDING = "pending"
        READY = "ready"
        BROKEN = "broken"
        DISCONNECTED = "disconnected"

    class Trouble(models.TextChoices):
        """Why a connection is broken, as far as it tells what mends it (`slackapp.healing`)."""

        NONE = ""
        LEFT = "left"
        ARCHIVED = "archived"
        DELETED = "deleted"
        TEAM = "team"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="connections")
    site = models.ForeignKey("livechat.Site", on_delete=models.CASCADE, related_name="connections")
    installation = models.ForeignKey(
        Installation, null=True, blank=True, on_delete=models.PROTECT, related_name="connections"
    )
    mode = models.CharField(max_length=5, choices=Mode.choices, default=Mode.STILL)
    policy = models.CharField(max_length=7, choices=Policy.choices, default=Policy.REPLIES)
    channel_id = models.CharField(max_length=32, blank=True)
    channel_name = models.CharField(max_length=100, blank=True)
    is_default = models.BooleanField(default=True)
    # of a site's several routes: `conditions` as `slackapp.routes.Conditions.row` gives them; the default has none
    name = models.CharField(max_length=60, blank=True, default="", db_default="")
    position = models.PositiveIntegerField(default=0, db_default=0)
    conditions = models.JSONField(default=dict, blank=True)
    # Noisy mode: who is invited to each chat's channel, how long a closed one stays, why new chats are threads instead
    responders = models.JSONField(default=list, blank=True)
    private_rooms = models.BooleanField(default=False)
    grace_minutes = models.PositiveIntegerField(default=60)
    rooms_problem = models.CharField(max_length=300, blank=True)
    # whether reactions say that the visitor got and saw an answer
    receipts = models.BooleanField(default=True, db_default=True)
    # whose lines go to visitors beside those of the team's own people
    allow_guests = models.BooleanField(default=False)
    allow_partners = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=State.choices, default=State.PENDING)
    problem = models.CharField(max_length=300, blank=True)
    trouble = models.CharField(max_length=8, choices=Trouble.choices, blank=True, default="", db_default="")
    # when we try again by ourselves, how often in a row, and when that last helped
    heal_at = models.DateTimeField(null=True, blank=True)
    heal_tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    healed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # which team of an organisation's installation; the installation's own team otherwise
    slack_team_id = models.CharField(max_length=32, blank=True, default="", db_default="")
    # the name of the channel that is being made: if the answer is lost, the channel of this name may be ours
    channel_sought = models.CharField(max_length=100, blank=True, default="", db_default="")
    last_event_at = models.DateTimeField(null=True, blank=True)
    last_post_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    unscoped: ClassVar[models.Manager["Connection"]] = models.Manager()
    objects = WorkspaceManager["Connection"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site"],
                condition=Q(is_default=True) & ~Q(state="disconnected"),
                name="one_default_connection_per_site",
            ),
        ]

    @property
    def team_id(self) -> str:
        """The Slack team whose people answer here; empty while none is chosen."""
        return self.slack_team_id or (self.installation.slack_team_id if self.installation else "")


class ChatLink(models.Model):
    """Which thread (Still) or channel (Noisy) carries a chat, whatever its connection has become since.

    `root_ts` is the card's, empty until it is known to be posted. `channel_id` is where lines go: empty while a
    Noisy chat's channel is still to be made. The lobby is the connection's channel of that time.
    """

    class Room(models.TextChoices):
        """How a Noisy chat's own channel is; `none` for threads."""

        NONE = "none"
        WANTED = "wanted"
        OPEN = "open"
        CLOSING = "closing"
        ARCHIVED = "archived"
        LOST = "lost"

    chat = models.OneToOneField(
        "livechat.ChatSession", on_delete=models.CASCADE, primary_key=True, related_name="slack_link"
    )
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="chat_links")
    installation = models.ForeignKey(Installation, on_delete=models.CASCADE, related_name="chat_links")
    channel_id = models.CharField(max_length=32)
    root_ts = models.CharField(max_length=32, null=True)
    lane = models.OneToOneField(Lane, on_delete=models.PROTECT, related_name="chat_link")
    mode = models.CharField(
        max_length=5, choices=Connection.Mode.choices, default=Connection.Mode.STILL, db_default="still"
    )
    room = models.CharField(max_length=8, choices=Room.choices, default=Room.NONE, db_default="none")
    # the name that was given for good, then Slack's word for it
    room_name = models.CharField(max_length=100, blank=True, default="", db_default="")
    lobby_channel_id = models.CharField(max_length=32, blank=True, default="", db_default="")
    lobby_ts = models.CharField(max_length=32, null=True)
    # lines since this ts may be missing here; Slack's cursor while they are being read
    missing_since = models.CharField(max_length=32, blank=True, default="", db_default="")
    missing_cursor = models.CharField(max_length=300, blank=True, default="", db_default="")
    # of a thread: the last line read so far; of a channel, which Slack lists backwards: what was found so far
    missing_read = models.CharField(max_length=32, blank=True, default="", db_default="")
    missing_found = models.JSONField(null=True, blank=True)
    # when Slack was last asked what was said before a line (said_before.py)
    asked_before_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["installation", "channel_id", "root_ts"], name="one_chat_per_thread"
            ),
            models.UniqueConstraint(
                fields=["installation", "channel_id"],
                condition=Q(mode="noisy") & ~Q(channel_id=""),
                name="one_chat_per_room",
            ),
        ]
        # of a shared channel Slack need not name the company whose chats are there
        indexes = [models.Index(fields=["channel_id"], name="chats_by_channel")]

    @property
    def is_noisy(self) -> bool:
        return self.mode == Connection.Mode.NOISY


class FormerThread(models.Model):
    """A thread that carried a chat until its card was deleted. People may still answer there."""

    id = models.BigAutoField(primary_key=True)
    link = models.ForeignKey(ChatLink, on_delete=models.CASCADE, related_name="former_threads")
    installation = models.ForeignKey(Installation, on_delete=models.CASCADE, related_name="+")
    channel_id = models.CharField(max_length=32)
    root_ts = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["installation", "channel_id", "root_ts"], name="one_chat_per_former_thread"
            )
        ]


class MessageLink(models.Model):
    """A message's copy in Slack, whichever side wrote it. Lines that were joined into one post share its ts.

    Without a message it remembers what Slack told of a person's line before the line itself: see Early.
    """

    class Early(models.TextChoices):
        """`gone`: deleted, so the line is dropped when it comes. `inside`: locked, so it becomes a note."""

        GONE = "gone"
        INSIDE = "inside"

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(
        "livechat.Message", null=True, on_delete=models.CASCADE, related_name="slack_links"
    )
    installation = models.ForeignKey(Installation, on_delete=models.CASCADE, related_name="+")
    channel_id = models.CharField(max_length=32)
    ts = models.CharField(max_length=32)
    from_slack = models.BooleanField()
    # the newest edit that was heard, as `slackapp.editions.of` tells it; older ones come too late
    edition = models.CharField(max_length=70, blank=True)
    early = models.CharField(max_length=6, choices=Early.choices, blank=True)
    # how far Slack shows that the visitor has a person's answer (receipts.py; empty: not at all), and who wrote that
    receipt = models.CharField(max_length=9, blank=True, default="", db_default="")
    slack_user_id = models.CharField(max_length=32, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["installation", "channel_id", "ts"],
                condition=Q(from_slack=True),
                name="one_message_per_slack_ts",
            ),
            models.CheckConstraint(
                condition=Q(message__isnull=False) | (Q(from_slack=True) & ~Q(early="")),
                name="links_without_message_say_why",
            ),
            models.UniqueConstraint(fields=["message", "channel_id", "ts"], name="one_link_per_copy"),
        ]
        indexes = [models.Index(fields=["message"], condition=Q(receipt="waiting"), name="receipt_waiting")]


class Delivery(models.Model):
    """A promise to Slack. Those of one lane go out in id order, one in flight; an unknown outcome is resolved first."""

    class Kind(models.TextChoices):
        CARD = "card"
        CARD_STATE = "card_state"
        ASSIGNED = "assigned"
        LINE = "line"
        EDIT = "edit"
        REMARK = "remark"
        ROOM = "room"
        INVITE = "invite"
        LOBBY = "lobby"
        LOBBY_STATE = "lobby_state"
        TOPIC = "topic"
        PIN = "pin"
        CLOSING = "closing"
        RENAME = "rename"
        ARCHIVE = "archive"
        RECEIPT = "receipt"
        MOVED = "moved"
        UPLOAD = "upload"
        FILES = "files"
        FILE_LINK = "file_link"
        UNSHARE = "unshare"
        FETCH = "fetch"
        LATE_SHARE = "late_share"
        REMIND = "remind"
        REMIND_LOBBY = "remind_lobby"
        WOKEN = "woken"

    class State(models.TextChoices):
        PENDING = "pending"
        SENDING = "sending"
        SENT = "sent"
        DEAD = "dead"

    id = models.BigAutoField(primary_key=True)
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, related_name="deliveries")
    link = models.ForeignKey(ChatLink, on_delete=models.CASCADE, related_name="deliveries")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    message = models.ForeignKey(
        "livechat.Message", null=True, on_delete=models.CASCADE, related_name="slack_deliveries"
    )
    # what else a kind must know; never a secret, never somebody's words
    args = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.PENDING)
    # parts of a long message already posted, and the first delivery of the joined post this one travels in
    parts_sent = models.PositiveSmallIntegerField(default=0)
    joined_into = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="joined")
    # not before this moment: the reserved one in the channel's budget, or the one that the promise is about
    slot_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    first_tried_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["lane", "id"], condition=Q(state__in=["pending", "sending"]), name="delivery_open"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["message"], condition=Q(kind="line"), name="one_line_per_message")
        ]


class OAuthState(models.Model):
    """One use, ten minutes, bound to a browser and a purpose. Only the hash of the state is kept."""

    id = models.BigAutoField(primary_key=True)
    state_hash = models.CharField(max_length=64, unique=True)
    browser_hash = models.CharField(max_length=64)
    purpose = models.CharField(max_length=20)
    user = models.ForeignKey("accounts.User", null=True, on_delete=models.CASCADE, related_name="+")
    connection = models.ForeignKey(Connection, null=True, on_delete=models.CASCADE, related_name="+")
    # a path of ours to go on to, checked before it is written
    leads_to = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)


class Notice(models.Model):
    """What owners should know though nothing is broken; the console shows it until somebody puts it away."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="slack_notices"
    )
    text = models.CharField(max_length=300)
    created_at = models.DateTimeField(auto_now_add=True)
    put_away_at = models.DateTimeField(null=True)

    unscoped: ClassVar[models.Manager["Notice"]] = models.Manager()
    objects = WorkspaceManager["Notice"]()
