"""Whether the team sees who is on a site (C7): a column of Site."""

from django.db import models


class MayShowOnlookers(models.Model):
    """Off by default: it keeps a connection open with every page on which a visitor is."""

    shows_onlookers = models.BooleanField(default=False, db_default=False)

    class Meta:
        abstract = True
