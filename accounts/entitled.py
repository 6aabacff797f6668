"""What a workspace may have: columns of Workspace that billing alone writes. An empty limit is none."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from django.db import models


@dataclass(frozen=True, slots=True)
class Entitlements:
    """`most_seats` counts whoever may answer, and open invitations for such; viewers are free.

    `most_chats` is what a month of the plan holds. It never keeps a visitor's message out.
    """

    plan_name: str
    most_sites: int | None
    most_seats: int | None
    most_chats: int | None
    most_keep_days: int | None
    white_label: bool


SELF_HOSTED = Entitlements("Unlimited (self-hosted)", None, None, None, None, white_label=True)


class Entitled(models.Model):
    plan_name = models.CharField(max_length=40, default=SELF_HOSTED.plan_name)
    most_sites = models.PositiveIntegerField(null=True, blank=True)
    most_seats = models.PositiveIntegerField(null=True, blank=True)
    most_chats = models.PositiveIntegerField(null=True, blank=True)
    most_keep_days = models.PositiveIntegerField(null=True, blank=True)
    white_label = models.BooleanField(default=True, db_default=True)

    class Meta:
        abstract = True

    @property
    def entitlements(self) -> Entitlements:
        return Entitlements(**{field.name: getattr(self, field.name) for field in fields(Entitlements)})


def columns(entitlements: Entitlements) -> dict[str, Any]:
    return asdict(entitlements)
