"""What a site asks of its visitors and what they said: columns of Site, Visitor and ChatSession (W6, W7, W8)."""

from django.db import models
from django.db.models import Q

# what a label may end with, wide ones of Chinese and Japanese included: a colon after it would be one sign too many
MARKS = ("?", ":", "\uff1f", "\uff1a")


class AsksVisitors(models.Model):
    """`form`: `livechat.questions.Form.row`; `away`: `livechat.away.Away.row`."""

    form = models.JSONField(default=dict, blank=True, db_default={})
    away = models.JSONField(default=dict, blank=True, db_default={})
    asks_rating = models.BooleanField(default=True, db_default=True)

    class Meta:
        abstract = True


class MayAnswer(models.Model):
    """`answers`: a list of {"key", "label", "value"} in the order of the form, without name and e-mail address.

    `attributes`: a list of {"label", "value"}, told by the website of somebody who is logged in there.
    `consent`: the words that were agreed to. `mail_stopped_at`: since when no mail goes to them, by their own word.
    """

    email = models.EmailField(blank=True, default="", db_default="")
    answers = models.JSONField(default=list, blank=True, db_default=[])
    attributes = models.JSONField(default=list, blank=True, db_default=[])
    answered_at = models.DateTimeField(null=True, blank=True)
    consent = models.CharField(max_length=1000, blank=True, default="", db_default="")
    consented_at = models.DateTimeField(null=True, blank=True)
    mail_stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def said(self) -> list[tuple[str, str]]:
        """What is told about them beside their name, as it is shown to the team: what it is, and the words."""
        address = [("E-mail", self.email)] if self.email else []
        told = [*self.answers, *self.attributes]
        return address + [(one["label"], one["value"]) for one in told]

    @property
    def said_in_lines(self) -> list[str]:
        """`Order: 4711`; what ends as a question or with its own colon gets none."""
        return [f"{what}{'' if what.endswith(MARKS) else ':'} {words}" for what, words in self.said]


def in_stars(rating: int) -> str:
    return "★" * rating + "☆" * (5 - rating)


class MayBeRated(models.Model):
    """One to five stars of the visitor's, once the chat is closed."""

    rating = models.PositiveSmallIntegerField(null=True, blank=True)
    rating_comment = models.CharField(max_length=2000, blank=True, default="", db_default="")
    rated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def stars(self) -> str:
        """`★★★★☆`, or nothing."""
        return in_stars(self.rating) if self.rating else ""


STARS = models.CheckConstraint(
    condition=Q(rating=None, rated_at=None) | Q(rating__gte=1, rating__lte=5, rated_at__isnull=False),
    name="stars_are_one_to_five",
)
