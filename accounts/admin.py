"""The operator's pages for people and workspaces: to find, to read, and to switch an account off."""

from typing import Any

from allauth.account import admin as of_addresses  # noqa: F401  registers what is replaced below
from allauth.account.models import EmailAddress
from allauth.mfa import admin as of_factors  # noqa: F401
from allauth.mfa.models import Authenticator
from allauth.usersessions import admin as of_sessions  # noqa: F401
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth import admin as of_groups  # noqa: F401
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.urls import path

from accounts.actions import operating
from accounts.models import Agent, AuditChain, AuditEntry, Invitation, Member, User, Workspace
from accounts.operator_site import ReadOnlyAdmin
from accounts.views import seeing

# their own pages show keys of sessions and factors; groups decide nothing here
admin.site.unregister([Authenticator, EmailAddress, Group, UserSession])


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Superusers are made on the server's command line alone."""

    list_display = ("email", "name", "is_active", "is_superuser", "date_joined", "last_login")
    list_filter = ("is_active", "is_superuser")
    search_fields = ("=id", "email", "name")
    ordering = ("-date_joined",)
    fields = ("email", "name", "is_active", "is_superuser", "date_joined", "last_login")
    readonly_fields = ("email", "name", "is_superuser", "date_joined", "last_login")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody shuts themselves out."""
        return obj is None or obj.pk != request.user.pk

    def get_urls(self) -> list[Any]:
        own = self.admin_site.admin_view
        return [
            path("stop/", own(seeing.stop), name="accounts_user_stop"),
            path("<uuid:user_id>/see/", own(seeing.begin), name="accounts_user_see"),
            *super().get_urls(),
        ]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)
        operating.let_in(request.user, obj, obj.is_active)


class MemberInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Member
    fields = readonly_fields = ("user", "role", "created_at")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("user")


@admin.register(Workspace)
class WorkspaceAdmin(ReadOnlyAdmin):
    list_display = ("name", "plan_name", "created_at", "ends_at")
    search_fields = ("=id", "name")
    ordering = ("-created_at",)
    inlines = (MemberInline,)


@admin.register(Member)
class MemberAdmin(ReadOnlyAdmin):
    list_display = ("user", "workspace", "role", "created_at")
    list_filter = ("role",)
    search_fields = ("=id", "user__email", "workspace__name")


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("email", "workspace", "role", "invited_by", "created_at", "expires_at")
    list_filter = ("role",)
    search_fields = ("email", "workspace__name")


@admin.register(Agent)
class AgentAdmin(ReadOnlyAdmin):
    list_display = ("name", "alias", "workspace", "title", "external_id", "is_gone")
    list_filter = ("is_gone",)
    search_fields = ("=id", "name", "external_id", "workspace__name")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "workspace", "actor_name", "verb", "subject", "place")
    search_fields = ("verb", "subject", "actor_name", "workspace__name")
    date_hierarchy = "created_at"


@admin.register(AuditChain)
class AuditChainAdmin(ReadOnlyAdmin):
    list_display = ("workspace", "count", "kept_from")
    search_fields = ("workspace__name",)


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnlyAdmin):
    list_display = ("email", "user", "verified", "primary")
    list_filter = ("verified",)
    search_fields = ("email", "user__email")


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    search_fields = ("user__email",)
    exclude = ("data",)


@admin.register(UserSession)
class UserSessionAdmin(ReadOnlyAdmin):
    list_display = ("user", "created_at", "last_seen_at", "user_agent")
    search_fields = ("user__email",)
    exclude = ("data", "ip")
