"""Somebody is there, or nobody, because a person said so: columns of a site, so that saying hello reads no more."""

from datetime import datetime

from django.db import models
from django.utils import timezone


class MayBeForced(models.Model):
    """`forced_online` is null where nobody said anything; `forced_until` is null where it holds until it is changed."""

    class Where(models.TextChoices):
        SLACK = "slack", "Slack"
        CONSOLE = "console", "the console"

    forced_online = models.BooleanField(null=True, blank=True)
    forced_until = models.DateTimeField(null=True, blank=True)
    forced_at = models.DateTimeField(null=True, blank=True)
    # an index would help nobody: a site is never looked for by this
    forced_by = models.ForeignKey(
        "accounts.Agent", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    forced_in = models.CharField(max_length=7, choices=Where.choices, blank=True, default="", db_default="")

    class Meta:
        abstract = True

    def forced_now(self, now: datetime | None = None) -> bool | None:
        """What a person said, as long as it holds."""
        is_over = self.forced_until is not None and self.forced_until <= (now or timezone.now())
        return None if is_over else self.forced_online
