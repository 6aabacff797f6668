from typing import ClassVar

from django.db import models


class Line(models.Model):
    """The one row that the echo inserts."""

    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager["Line"]] = models.Manager()

    class Meta:
        app_label = "controls"
