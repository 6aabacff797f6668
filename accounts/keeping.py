"""How long a workspace keeps closed chats, and whether it is about to end: columns of Workspace, and their words."""

from datetime import datetime, timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

FEWEST_DAYS, MOST_DAYS, USUAL_DAYS = 30, 730, 365
# a rule that somebody chose begins a day later, so that a slip of the hand can be taken back
THINK_IT_OVER = timedelta(days=1)
# the rule that nobody chose begins so long after owners were told that there is something for it to do
TOLD_BEFORE = timedelta(days=14)
# what a plan keeps no longer goes so long after owners were told: time for another plan, or to take it out
PLAN_TOLD_BEFORE = timedelta(days=30)
ENDS_AFTER = timedelta(days=30)
WARNED_BEFORE = timedelta(days=3)


class Kept(models.Model):
    """`keep_days` None: for ever, as for workspaces of before there was a rule. Nothing goes before `keep_from`, which
    is unset until owners were told."""

    keep_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(FEWEST_DAYS), MaxValueValidator(MOST_DAYS)],
    )
    keep_from = models.DateTimeField(null=True, blank=True)
    # the plan may keep them shorter (`most_keep_days`); nothing goes by that before, and it is unset until owners were
    # told, and again whenever the plan changes
    plan_keep_from = models.DateTimeField(null=True, blank=True)
    # set while an owner has it deleted: closed for everybody at once, gone at `ends_at` unless they undo it
    ending_since = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True, db_index=True)
    end_asked_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # which mails about the end are on their way or sent: none, the first, the last one
    end_told = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at=None, ending_since=None)
                | models.Q(ends_at__isnull=False, ending_since__isnull=False),
                name="what_ends_says_since_when",
            )
        ]

    @property
    def is_ending(self) -> bool:
        return self.ending_since is not None

    def old_before(self, days: int | None = None) -> datetime | None:
        """Chats that were closed before then are to go; by the rule, or by another number of days."""
        days = days if days is not None else self.keep_days
        return timezone.now() - timedelta(days=days) if days is not None else None
