"""The operator's pages for the chat domain: to find and read. Chats are changed by the people they belong to."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from livechat.models import ChatSession, Message, Site, Visitor


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Site)
class SiteAdmin(ReadOnlyAdmin):
    list_display = ("name", "workspace", "public_token", "snippet_seen_at", "created_at")
    list_select_related = ("workspace",)
    search_fields = ("name", "public_token", "workspace__name")


@admin.register(Visitor)
class VisitorAdmin(ReadOnlyAdmin):
    list_display = ("display_name", "site", "created_at")
    list_select_related = ("site",)
    search_fields = ("=id", "name", "site__name")
    exclude = ("token_hash",)


@admin.register(ChatSession)
class ChatSessionAdmin(ReadOnlyAdmin):
    list_display = ("id", "site", "visitor", "status", "agent", "last_seq", "last_message_at")
    list_filter = ("status",)
    list_select_related = ("site", "visitor", "agent")
    search_fields = ("=id", "site__name", "visitor__name")
    date_hierarchy = "started_at"


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """What was said is the customer's: the operator sees how a message travelled, not its words."""

    list_display = ("id", "chat", "seq", "author_kind", "is_note", "mirror_state", "created_at")
    list_filter = ("mirror_state", "author_kind", "is_note")
    search_fields = ("=id", "=chat__id")
    exclude = ("body", "segments")
