"""Links that wait for their preview, or have one. `slackapp.models` gives it to Django."""

from django.db import models

COMPOSER = "COMPOSER"


class LinkPreview(models.Model):
    """Links of ours in one message, and how far their previews are.

    `wanted`: to be made at `due_at`. `waiting`: the poster is asked to link their account, and may do so until
    `due_at`. `shown`: nothing is due. Whether the poster may see something is asked when it is made, and never kept.
    """

    class State(models.TextChoices):
        WANTED = "wanted"
        WAITING = "waiting"
        SHOWN = "shown"

    id = models.BigAutoField(primary_key=True)
    installation = models.ForeignKey(
        "slackapp.Installation", on_delete=models.CASCADE, related_name="link_previews"
    )
    # who posted it
    slack_team_id = models.CharField(max_length=32)
    slack_user_id = models.CharField(max_length=32)
    # in the composer both are Slack's own words for it
    channel_id = models.CharField(max_length=32)
    ts = models.CharField(max_length=200)
    # what newer events name the place by; empty where the message itself is meant
    unfurl_id = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=30, blank=True)
    # to the letter as Slack told them
    urls = models.JSONField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.WANTED)
    due_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["installation", "channel_id", "ts"], name="one_link_preview_per_message"
            )
        ]
        indexes = [
            models.Index(
                fields=["installation", "due_at"],
                condition=models.Q(due_at__isnull=False),
                name="link_preview_due",
            ),
            models.Index(
                fields=["slack_team_id", "slack_user_id"],
                condition=models.Q(state="waiting"),
                name="link_preview_of_person",
            ),
        ]

    @property
    def in_composer(self) -> bool:
        return self.channel_id == COMPOSER


class PreviewedChat(models.Model):
    """A chat that a message in Slack shows something of, below `url`; with `message_id` the words of that message.

    Noted before Slack is told; `is_shown` once it was, or may have been.
    """

    id = models.BigAutoField(primary_key=True)
    preview = models.ForeignKey(LinkPreview, on_delete=models.CASCADE, related_name="chats")
    chat = models.ForeignKey("livechat.ChatSession", on_delete=models.CASCADE, related_name="+")
    message_id = models.UUIDField(null=True, db_index=True)
    url = models.CharField(max_length=500)
    is_shown = models.BooleanField(default=False, db_default=False)
