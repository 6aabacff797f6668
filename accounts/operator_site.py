"""The operator's pages: who comes in, and how rows are shown there. They are read; what is secret is never shown."""

from collections.abc import Sequence
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django.contrib import admin, messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Field, Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import proof, second_factors
from accounts.fields import EncryptedTextField
from accounts.models import User
from accounts.seeing import is_operator

# whoever has one of these may act as somebody, or can try guesses against it
SECRET_NAMES = {"password", "session_key", "session_data", "storage_key", "thumbnail_key", "uploader"}
MOST_COUNTED = 10_000


def has_shown_second_factor(request: HttpRequest) -> bool:
    """In this session, not once upon a time; the factor is still theirs."""
    user = request.user
    records = get_authentication_records(request, user)
    return isinstance(user, User) and _has_mfa(records) and second_factors.has_one(user)


def _has_mfa(records: list[dict[str, Any]]) -> bool:
    return any(one["method"] == "mfa" for one in records)


class OperatorSite(admin.AdminSite):
    """For superusers who have shown a second factor. They log in where everybody does, where the limits hold."""

    site_header = site_title = "Threadbell operator"

    def has_permission(self, request: HttpRequest) -> bool:
        return is_operator(request.user) and has_shown_second_factor(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        user, goes_on = request.user, self._goes_on(request)
        if not user.is_authenticated:
            return redirect_to_login(goes_on, resolve_url("account_login"))
        if not is_operator(user):
            raise PermissionDenied(
                "These pages are for whoever runs the server. Your chats are in the console."
            )
        if not second_factors.has_one(user):
            messages.warning(
                request, "The operator’s pages want a second factor. Set one up here, then go back."
            )
            return redirect("own_security")
        if not has_shown_second_factor(request):
            return proof.ask(request, _second_ways(request))
        return redirect(goes_on)

    def _goes_on(self, request: HttpRequest) -> str:
        wanted = request.GET.get(REDIRECT_FIELD_NAME, "")
        return wanted if url_has_allowed_host_and_scheme(wanted, None) else resolve_url("admin:index")

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Where everybody changes theirs, which ends other sessions and is written down."""
        return redirect("account_change_password")


def _second_ways(request: HttpRequest) -> list[dict[str, Any]]:
    ways = get_adapter().get_reauthentication_methods(request.user)
    return [way for way in ways if way["id"].startswith("mfa_")]


def is_secret(field: Any) -> bool:
    named = field.name in SECRET_NAMES or field.name.endswith("_hash")
    return named or isinstance(field, EncryptedTextField)


class ShortPaginator(Paginator):  # type: ignore[type-arg]
    """Counting a million rows for a page that nobody turns to costs more than the page: older rows are searched for."""

    @cached_property
    def count(self) -> int:
        return len(self.object_list.order_by().values_list("pk")[:MOST_COUNTED])  # type: ignore[attr-defined]


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows are changed by the people they belong to, and by the machine."""

    show_full_result_count = False
    paginator = ShortPaginator
    list_per_page = 50
    actions: Sequence[str] | None = None

    def get_exclude(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        secret = [field.name for field in self.opts.get_fields() if is_secret(field)]
        return [*(self.exclude or ()), *secret]

    def get_list_select_related(self, request: HttpRequest) -> list[str]:
        """Whatever a column names is read with the row."""
        related = [field.name for field in self.opts.concrete_fields if _leads_on(field)]
        return [*(self.list_select_related or ()), *(name for name in related if name in self.list_display)]  # type: ignore[misc]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _leads_on(field: "Field[Any, Any]") -> bool:
    return field.is_relation
