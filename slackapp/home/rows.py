"""The rows of Home tabs."""

from django.db import models
from django.db.models import Q


class HomeTab(models.Model):
    """One person's Home tab in Slack. No word that it shows is kept here, but `notice`, which is our own.

    `due_at`: when it is to be written next, if it is; `built_at`: when what it shows was read. `shown` is the digest of
    that, `hash` Slack's name for it. `notice` tells the person what came of a press, until they look again.
    """

    id = models.BigAutoField(primary_key=True)
    installation = models.ForeignKey("slackapp.Installation", on_delete=models.CASCADE, related_name="homes")
    slack_team_id = models.CharField(max_length=32, blank=True)
    slack_user_id = models.CharField(max_length=32)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    built_at = models.DateTimeField(null=True)
    shown = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=100, blank=True)
    notice = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["installation", "slack_user_id"], name="one_home_per_person")
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="home_due"),
            models.Index(fields=["opened_at"], name="home_opened"),
        ]
