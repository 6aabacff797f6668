"""What we know of Slack, what Slack told us (InboundEvent) and what Slack is still to be told (Delivery)."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.fields import EncryptedTextField
from accounts.scoping import WorkspaceManager


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
    bot_user_id = models.CharField(max_length=32)
    bot_id = models.CharField(max_length=32)
    scopes = models.JSONField(default=list)
    installed_by_slack_user_id = models.CharField(max_length=32)
    installed_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.ACTIVE)
    problem = models.CharField(max_length=300, blank=True)
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

    class State(models.TextChoices):
        PENDING = "pending"
        READY = "ready"
        BROKEN = "broken"
        DISCONNECTED = "disconnected"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="connections")
    site = models.ForeignKey("livechat.Site", on_delete=models.CASCADE, related_name="connections")
    installation = models.ForeignKey(
        Installation, null=True, blank=True, on_delete=models.PROTECT, related_name="connections"
    )
    mode = models.CharField(max_length=5, choices=Mode.choices, default=Mode.STILL)
    channel_id = models.CharField(max_length=32, blank=True)
    channel_name = models.CharField(max_length=100, blank=True)
    is_default = models.BooleanField(default=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.PENDING)
    problem = models.CharField(max_length=300, blank=True)
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


class SlackIdentity(models.Model):
    """A person in Slack as users.info last told. Identity is (team_id, user_id), never e-mail."""

    id = models.BigAutoField(primary_key=True)
    slack_team_id = models.CharField(max_length=32)
    slack_user_id = models.CharField(max_length=32)
    name = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=120, blank=True)
    avatar_url = models.CharField(max_length=500, blank=True)
    is_outsider = models.BooleanField(default=False)
    user = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="slack_identities"
    )
    fetched_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["slack_team_id", "slack_user_id"], name="one_identity_per_slack_user"
            )
        ]


class Lane(models.Model):
    """One strictly ordered line of work: `out:<chat>` or `in:<team>:<channel>:<thread>`. Claimed by lease."""

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=120, unique=True)
    due_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="lane_due")]


class ChannelBudget(models.Model):
    """Slack's one message a second per channel, bursts of three: `next_slot_at` is the next unreserved slot."""

    id = models.BigAutoField(primary_key=True)
    installation = models.ForeignKey(Installation, on_delete=models.CASCADE, related_name="budgets")
    channel_id = models.CharField(max_length=32)
    next_slot_at = models.DateTimeField()
    paused_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["installation", "channel_id"], name="one_budget_per_channel")
        ]


class ChatLink(models.Model):
    """Which thread carries a chat. `root_ts` is empty until the card is known to be posted."""

    chat = models.OneToOneField(
        "livechat.ChatSession", on_delete=models.CASCADE, primary_key=True, related_name="slack_link"
    )
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="chat_links")
    installation = models.ForeignKey(Installation, on_delete=models.CASCADE, related_name="chat_links")
    channel_id = models.CharField(max_length=32)
    root_ts = models.CharField(max_length=32, null=True)
    lane = models.OneToOneField(Lane, on_delete=models.PROTECT, related_name="chat_link")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["installation", "channel_id", "root_ts"], name="one_chat_per_thread"
            )
        ]


class MessageLink(models.Model):
    """A message's copy in Slack, whichever side wrote it. Lines that were joined into one post share its ts."""

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey("livechat.Message", on_delete=models.CASCADE, related_name="slack_links")
    installation = models.ForeignKey(Installation, on_delete=models.CASCADE, related_name="+")
    channel_id = models.CharField(max_length=32)
    ts = models.CharField(max_length=32)
    from_slack = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["installation", "channel_id", "ts"],
                condition=Q(from_slack=True),
                name="one_message_per_slack_ts",
            ),
            models.UniqueConstraint(fields=["message", "channel_id", "ts"], name="one_link_per_copy"),
        ]


class Delivery(models.Model):
    """A promise to Slack. Those of one lane go out in id order, one in flight; an unknown outcome is resolved first."""

    class Kind(models.TextChoices):
        CARD = "card"
        LINE = "line"

    class State(models.TextChoices):
        PENDING = "pending"
        SENDING = "sending"
        SENT = "sent"
        DEAD = "dead"

    id = models.BigAutoField(primary_key=True)
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, related_name="deliveries")
    link = models.ForeignKey(ChatLink, on_delete=models.CASCADE, related_name="deliveries")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    message = models.OneToOneField(
        "livechat.Message", null=True, on_delete=models.CASCADE, related_name="slack_delivery"
    )
    state = models.CharField(max_length=7, choices=State.choices, default=State.PENDING)
    # parts of a long message already posted, and the first delivery of the joined post this one travels in
    parts_sent = models.PositiveSmallIntegerField(default=0)
    joined_into = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="joined")
    # the reserved moment in the channel's budget, while the lane waits for it
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


class InboundEvent(models.Model):
    """A verified webhook, recorded before it is answered. `event_id` unique: Slack's retries are harmless."""

    class State(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        DEAD = "dead"

    id = models.BigAutoField(primary_key=True)
    event_id = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=60)
    lane_key = models.CharField(max_length=120)
    payload = models.JSONField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["lane_key", "id"], condition=Q(state="pending"), name="inbound_open")]


class OAuthState(models.Model):
    """One use, ten minutes, bound to a browser and a purpose. Only the hash of the state is kept."""

    id = models.BigAutoField(primary_key=True)
    state_hash = models.CharField(max_length=64, unique=True)
    browser_hash = models.CharField(max_length=64)
    purpose = models.CharField(max_length=20)
    user = models.ForeignKey("accounts.User", null=True, on_delete=models.CASCADE, related_name="+")
    connection = models.ForeignKey(Connection, null=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)
