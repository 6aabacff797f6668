"""What is left to people: copies in Slack that only they can change. `slackapp.models` gives it to Django."""

from django.db import models
from django.db.models import Q


class LeftCopy(models.Model):
    """A copy in Slack of a message that was changed since, which Slack lets only a person change or delete."""

    id = models.BigAutoField(primary_key=True)
    link = models.ForeignKey("slackapp.ChatLink", on_delete=models.CASCADE, related_name="left_copies")
    message = models.ForeignKey("livechat.Message", on_delete=models.CASCADE, related_name="+")
    channel_id = models.CharField(max_length=32)
    ts = models.CharField(max_length=32)
    reason = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "channel_id", "ts"], name="one_left_copy_per_copy")
        ]
        indexes = [
            models.Index(fields=["link"], condition=Q(done_at__isnull=True), name="copies_left_to_people")
        ]
