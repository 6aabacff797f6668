"""A site that is switched off for a while or put away, and a website that was not let in: columns of a site."""

from django.db import models


class MayRest(models.Model):
    """While one of the first two is set nobody new meets the chat; whoever has one goes on with it."""

    paused_at = models.DateTimeField(null=True, blank=True)
    # out of the list as well, and can be taken back
    removed_at = models.DateTimeField(null=True, blank=True)
    # the website that asked last for the panel though the owner had not named it, for the owner to say whose it is
    refused_origin = models.CharField(max_length=260, blank=True, default="", db_default="")
    refused_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_resting(self) -> bool:
        return self.paused_at is not None or self.removed_at is not None
