"""What the card of a chat says in Slack at the moment. `slackapp.models` gives it to Django."""

from django.db import models
from django.db.models import Q


class ShownCard(models.Model):
    """One row for each chat whose card is posted; written by `slackapp.actions.cards`.

    `words` and `lobby` are fingerprints (card_blocks) of what stands there. `seq` and `online` are what they were when
    it was last looked whether the card is still true; `look_at` is when that is to be looked at in any case. `unshown`
    lines of the chat came before its present card.
    """

    link = models.OneToOneField(
        "slackapp.ChatLink", on_delete=models.CASCADE, primary_key=True, related_name="shown_card"
    )
    words = models.CharField(max_length=16, blank=True)
    lobby = models.CharField(max_length=16, blank=True)
    seq = models.PositiveIntegerField(default=0)
    online = models.BooleanField(null=True)
    unshown = models.PositiveIntegerField(default=0)
    shown_at = models.DateTimeField()
    look_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["look_at"], condition=Q(look_at__isnull=False), name="card_to_look_at"),
            models.Index(fields=["link"], condition=Q(online=True), name="card_of_somebody_online"),
        ]
