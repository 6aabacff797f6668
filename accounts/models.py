"""People, our tenants and who may do what in them."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.entitled import Entitled
from accounts.keeping import Kept
from accounts.scoping import WorkspaceManager


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str | None, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower() if email else None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who logs in. `email` is null until it is verified and unique once set."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(null=True, blank=True, unique=True)
    name = models.CharField(max_length=80, blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.name or self.email or "Somebody"


class Workspace(Kept, Entitled):
    """Our tenant. Slack's is always `slack_team_id`. Entitlements are columns, written by billing alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)
    # whoever has no second factor is led to set one up before any page of the console
    requires_second_factor = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    AGENT = "agent", "Agent"
    VIEWER = "viewer", "Viewer"


class Member(models.Model):
    """A user in a workspace."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    unscoped: ClassVar[models.Manager["Member"]] = models.Manager()
    objects = WorkspaceManager["Member"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="member_once_per_workspace")
        ]


class Invitation(models.Model):
    """Somebody is asked to join, at an address. The row goes when it is accepted or taken back.

    Whoever has the link has read the mail to `email`, or got it from somebody who did: an account that it makes has
    that address, one that is there already does not get it. `link_hash` is the SHA-256 of what the link holds; each
    mail has a new one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=8, choices=Role.choices)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    link_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    unscoped: ClassVar[models.Manager["Invitation"]] = models.Manager()
    objects = WorkspaceManager["Invitation"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "email"], name="one_invitation_per_address")
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_over(self) -> bool:
        return timezone.now() >= self.expires_at


class Agent(models.Model):
    """The face a visitor sees; maybe a member, maybe only a person in Slack (`external_id` = "slack:T…:U…").

    `name`, `title` and `avatar_url` are what the person says of themselves. Without a name they are not known (yet) and
    appear under the company's. `alias`, `alias_title` and `hide_photo` are what the workspace shows instead.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="agents")
    member = models.OneToOneField(
        Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="agent"
    )
    external_id = models.CharField(max_length=80, null=True, blank=True)
    name = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=120, blank=True)
    avatar_url = models.CharField(max_length=500, blank=True)
    # our copy of the picture at avatar_url, by its key; empty until we have one
    picture = models.CharField(max_length=64, blank=True)
    alias = models.CharField(max_length=80, blank=True)
    alias_title = models.CharField(max_length=120, blank=True)
    hide_photo = models.BooleanField(default=False)
    # somebody who left the company keeps their old lines and is no face of it any more
    is_gone = models.BooleanField(default=False)

    unscoped: ClassVar[models.Manager["Agent"]] = models.Manager()
    objects = WorkspaceManager["Agent"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "external_id"], name="agent_once_per_external_id")
        ]

    def __str__(self) -> str:
        return self.name or "Somebody"

    @property
    def public_name(self) -> str:
        """What visitors read; empty for somebody unknown."""
        return self.alias or self.name

    @property
    def public_title(self) -> str:
        return self.alias_title or self.title

    @property
    def public_picture(self) -> str:
        return "" if self.hide_photo else self.picture


class AuditEntry(models.Model):
    """Who did what to which thing. Written in the transaction of the deed; the database refuses to change or delete it.

    `actor_name` stays when the user goes. `address` is a /24 or /48. `changes` is {field: [before, after]}, never a
    secret or a text of a chat. `place` and `seal` are null until the entry is sealed into its workspace's AuditChain.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="audit_entries")
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_name = models.CharField(max_length=80, blank=True)
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=120)
    changes = models.JSONField(default=dict, blank=True)
    address = models.CharField(max_length=45, blank=True)
    session = models.CharField(max_length=8, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    place = models.PositiveBigIntegerField(null=True)
    seal = models.CharField(max_length=64, blank=True)

    unscoped: ClassVar[models.Manager["AuditEntry"]] = models.Manager()
    objects = WorkspaceManager["AuditEntry"]()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-created_at"], name="audit_newest_first"),
            models.Index(fields=["workspace", "-id"], name="audit_by_cursor"),
        ]
        constraints = [models.UniqueConstraint(fields=["workspace", "place"], name="one_entry_per_place")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("An audit entry is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("An audit entry is never changed.")


class AuditChain(models.Model):
    """The end of a workspace's chain of sealed audit entries. Its row is locked alone, after the deed's commit.

    Entries written before `kept_from` may be deleted; null: none.
    """

    workspace = models.OneToOneField(
        Workspace, primary_key=True, on_delete=models.CASCADE, related_name="audit_chain"
    )
    count = models.PositiveBigIntegerField(default=0)
    seal = models.CharField(max_length=64, blank=True)
    kept_from = models.DateTimeField(null=True)

    unscoped: ClassVar[models.Manager["AuditChain"]] = models.Manager()
    objects = WorkspaceManager["AuditChain"]()
