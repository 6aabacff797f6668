"""When people are reminded of waiting visitors (S20), and of whom they were. `slackapp.models` gives it to Django."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.scoping import WorkspaceManager


class Step(models.TextChoices):
    """From quiet to loud; each is told later than the one before."""

    THREAD = "thread"
    CHANNEL = "channel"
    MENTION = "mention"
    MAIL = "mail"


class ReminderPlan(models.Model):
    """After how many open minutes each step comes on a site; None: never. A site without a row has the defaults.

    `people` are mentioned, each `<team id>:<user id>` of Slack; `members` get the mail, by id: none means owners and
    admins.
    """

    site = models.OneToOneField(
        "livechat.Site", on_delete=models.CASCADE, primary_key=True, related_name="reminder_plan"
    )
    thread_minutes = models.PositiveIntegerField(null=True, blank=True, default=5)
    channel_minutes = models.PositiveIntegerField(null=True, blank=True, default=15)
    mention_minutes = models.PositiveIntegerField(null=True, blank=True)
    mail_minutes = models.PositiveIntegerField(null=True, blank=True)
    people = models.JSONField(default=list, blank=True)
    members = models.JSONField(default=list, blank=True)

    unscoped: ClassVar[models.Manager["ReminderPlan"]] = models.Manager()
    objects = WorkspaceManager["ReminderPlan"]("site__workspace")

    @property
    def waits(self) -> list[tuple[Step, timedelta]]:
        """What is told and after how long, in its order."""
        minutes = [(step, getattr(self, f"{step}_minutes")) for step in Step]
        return [(step, timedelta(minutes=after)) for step, after in minutes if after is not None]


class Reminder(models.Model):
    """One step of one wait, written once. What goes to Slack is a Delivery then; a mail is promised by this row."""

    class State(models.TextChoices):
        """`passed`: a louder one was due as well. `sending`: somebody has taken it, and it is not tried again."""

        TOLD = "told"
        PASSED = "passed"
        PROMISED = "promised"
        SENDING = "sending"
        FAILED = "failed"

    id = models.BigAutoField(primary_key=True)
    chat = models.ForeignKey("livechat.ChatSession", on_delete=models.CASCADE, related_name="reminders")
    # the chat's `unheeded_since` of that wait
    since = models.DateTimeField()
    step = models.CharField(max_length=7, choices=Step.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.TOLD)
    # of a mail: when it is tried (again), how often it was, and who has it already
    try_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    mailed = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chat", "since", "step"], name="one_reminder_per_step_of_a_wait")
        ]
        indexes = [models.Index(fields=["try_at"], condition=Q(state="promised"), name="reminder_to_mail")]
