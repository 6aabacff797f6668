"""Visitors whose website says who they are (W14): columns of Site and Visitor, and the keys that prove the word."""

import secrets
import uuid
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.fields import EncryptedTextField
from accounts.scoping import WorkspaceManager


def new_key_id() -> str:
    return f"k_{secrets.token_hex(6)}"


def new_secret() -> str:
    """256 bits, as many as HS256 can use."""
    return secrets.token_urlsafe(32)


class ChecksIdentity(models.Model):
    class IdentityMode(models.TextChoices):
        """`mark`: whoever brings no good token chats all the same, as somebody unverified."""

        OFF = "off", "Off"
        MARK = "mark", "Mark"
        REQUIRE = "require", "Require"

    identity_mode = models.CharField(
        max_length=7, choices=IdentityMode.choices, default=IdentityMode.OFF, db_default="off"
    )

    class Meta:
        abstract = True

    @property
    def checks_identity(self) -> bool:
        return self.identity_mode != self.IdentityMode.OFF

    @property
    def requires_identity(self) -> bool:
        return self.identity_mode == self.IdentityMode.REQUIRE


class MayBeVerified(models.Model):
    """`external_id`: the website's own id of them, empty for somebody unknown. It comes from a checked token alone.

    `joined_to`: whose history an unknown visitor's chats went to when they
    logged in; such a row is empty, and is there so that an old tab of theirs starts nothing new.
    """

    external_id = models.CharField(max_length=255, blank=True, default="", db_default="")
    verified_at = models.DateTimeField(null=True, blank=True)
    joined_to = models.ForeignKey(
        "livechat.Visitor", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        abstract = True

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None


IDENTIFIED = [
    models.UniqueConstraint(
        fields=["site", "external_id"],
        condition=~Q(external_id=""),
        name="one_visitor_per_person_of_a_site",
    ),
    models.CheckConstraint(
        condition=Q(verified_at=None, external_id="") | (Q(verified_at__isnull=False) & ~Q(external_id="")),
        name="who_is_verified_has_an_id",
    ),
]


class IdentityKey(models.Model):
    """What a website's server signs identity tokens with. `ends_at` is null for the newest, and may lie ahead."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey("livechat.Site", on_delete=models.CASCADE, related_name="identity_keys")
    kid = models.CharField(max_length=16, unique=True, default=new_key_id, editable=False)
    secret = EncryptedTextField()
    created_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateTimeField(null=True, blank=True)

    unscoped: ClassVar[models.Manager["IdentityKey"]] = models.Manager()
    objects = WorkspaceManager["IdentityKey"]("site__workspace")

    def is_live(self, now: datetime | None = None) -> bool:
        return self.ends_at is None or self.ends_at > (now or timezone.now())

    def __str__(self) -> str:
        return self.kid
