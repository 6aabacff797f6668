"""What is or was in Slack of visitors who are erased: places without words. `slackapp.models` gives it to Django."""

from django.db import models
from django.db.models import Q


class ErasedCopy(models.Model):
    """A post in Slack of a chat that is gone here. It stays when the work is done: late events of it mean nothing.

    `ts` is its name in Slack; of a `file`, which we have shared, its id. `ours`: the app deletes it or puts other
    words in its place. `theirs`, `channel`: only a person can. `thread`: what stands in it is still to be read, so
    that nothing of ours is overlooked. `search`: a post that may have arrived between `ts` and `thread_ts`; `room`: a
    channel that may have been made. Both are known by `sought` alone (`slackapp.past`). `preview`: what the app shows
    of the chat below a person's message.
    """

    class Kind(models.TextChoices):
        OURS = "ours"
        THEIRS = "theirs"
        CHANNEL = "channel"
        THREAD = "thread"
        FILE = "file"
        SEARCH = "search"
        ROOM = "room"
        PREVIEW = "preview"

    class State(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        LEFT = "left"

    id = models.BigAutoField(primary_key=True)
    erasure = models.ForeignKey("livechat.Erasure", on_delete=models.CASCADE, related_name="copies")
    installation = models.ForeignKey("slackapp.Installation", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    channel_id = models.CharField(max_length=32)
    ts = models.CharField(max_length=32, blank=True)
    thread_ts = models.CharField(max_length=32, blank=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.PENDING)
    reason = models.CharField(max_length=300, blank=True)
    sought = models.CharField(max_length=64, blank=True, default="", db_default="")
    # of what is read: where reading goes on
    cursor = models.CharField(max_length=300, blank=True)
    due_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["installation", "channel_id", "ts", "kind"], name="one_erased_copy_per_post"
            )
        ]
        indexes = [
            models.Index(
                fields=["installation", "due_at"], condition=Q(state="pending"), name="erased_copy_due"
            )
        ]


# without a key nothing is asked of Slack any more
LEFT_TO_PEOPLE = Q(state=ErasedCopy.State.LEFT) | Q(
    state=ErasedCopy.State.PENDING, installation__state="revoked"
)


class PastPlace(models.Model):
    """Where something of a chat stands that its link names no more: as ErasedCopy, should its visitor be erased."""

    id = models.BigAutoField(primary_key=True)
    link = models.ForeignKey("slackapp.ChatLink", on_delete=models.CASCADE, related_name="past_places")
    installation = models.ForeignKey("slackapp.Installation", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=7, choices=ErasedCopy.Kind.choices)
    channel_id = models.CharField(max_length=32)
    ts = models.CharField(max_length=32, blank=True)
    thread_ts = models.CharField(max_length=32, blank=True)
    sought = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["link", "installation", "kind", "channel_id", "ts", "sought"], name="one_past_place"
            )
        ]
