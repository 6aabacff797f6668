"""The rows by which work for and from Slack is ordered, paced and kept until it is done."""

from django.db import models
from django.db.models import Q


class Lane(models.Model):
    """One strictly ordered line of work, claimed by lease.

    `out:<chat>`: its lines and all they wait for; `side:<chat>`: what no line should wait for, such as invitations;
    `late:<chat>`: what has its moment, such as archiving; `seen:<chat>`: reactions that say what the visitor has;
    `in:<team>:<channel>:<thread>`: what Slack tells; `own:<installation>`: its chores; `home:<installation>`: its
    people's Home tabs.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=120)
    due_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    # of an inbound lane that waits for a moment: the newest event that was there when it began to
    told_until = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="lane_due"),
            models.Index(fields=["told_until"], condition=Q(told_until__isnull=False), name="lane_told"),
        ]
        # not `unique=True`, which brings a second index for LIKE on PostgreSQL
        constraints = [models.UniqueConstraint(fields=["key"], name="one_lane_per_key")]


class ChannelBudget(models.Model):
    """Slack's one message a second per channel, bursts of three: `next_slot_at` is the next unreserved slot.

    Methods with a limit over the whole team stand here under their own names; of those only the pauses count.
    """

    id = models.BigAutoField(primary_key=True)
    installation = models.ForeignKey(
        "slackapp.Installation", on_delete=models.CASCADE, related_name="budgets"
    )
    channel_id = models.CharField(max_length=32)
    next_slot_at = models.DateTimeField()
    paused_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["installation", "channel_id"], name="one_budget_per_channel")
        ]


class InboundEvent(models.Model):
    """A verified webhook, recorded before it is answered. `event_id` unique: Slack's retries are harmless."""

    class State(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        DEAD = "dead"

    id = models.BigAutoField(primary_key=True)
    event_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)
    lane_key = models.CharField(max_length=120)
    payload = models.JSONField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)
    # when the door it came through had been opened, if that was a short while before (door.py)
    door_opened_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["lane_key", "id"], condition=Q(state="pending"), name="inbound_open")]
        constraints = [models.UniqueConstraint(fields=["event_id"], name="one_event_per_id")]


class Heartbeat(models.Model):
    """When a door that Slack speaks to was last known to be open: the web process's, or that of Socket Mode.

    `since`: from when on it was, without a pause. `problem`: why it is shut, where that is known, also of one that
    never was open and has neither moment.
    """

    door = models.CharField(max_length=8, primary_key=True)
    at = models.DateTimeField(null=True)
    since = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True, default="", db_default="")
