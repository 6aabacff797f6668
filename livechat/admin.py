"""The operator's pages for the chat domain: to find and read. Chats are changed by the people they belong to."""

from django.contrib import admin

from accounts.operator_site import ReadOnlyAdmin
from livechat.models import (
    Attachment,
    Availability,
    ChatFigures,
    ChatRead,
    ChatSession,
    ChatTag,
    ConsoleVisit,
    Desk,
    Erasure,
    Export,
    IdentityKey,
    MailStop,
    Message,
    MessageVersion,
    Picture,
    SavedReply,
    SearchDue,
    SearchLine,
    Site,
    StorageOrphan,
    Tag,
    TranscriptMail,
    Visit,
    Visitor,
    VisitorMail,
)


@admin.register(Site)
class SiteAdmin(ReadOnlyAdmin):
    list_display = ("name", "workspace", "public_token", "snippet_seen_at", "created_at")
    search_fields = ("name", "public_token", "workspace__name")


@admin.register(Visitor)
class VisitorAdmin(ReadOnlyAdmin):
    list_display = ("display_name", "site", "created_at")
    search_fields = ("=id", "name", "site__name")
    exclude = ("answers", "attributes")


@admin.register(IdentityKey)
class IdentityKeyAdmin(ReadOnlyAdmin):
    list_display = ("kid", "site", "created_at", "ends_at")
    search_fields = ("kid", "site__name")
    exclude = ("secret",)


@admin.register(ChatSession)
class ChatSessionAdmin(ReadOnlyAdmin):
    list_display = ("id", "site", "visitor", "status", "agent", "last_seq", "last_message_at")
    list_filter = ("status",)
    search_fields = ("=id", "site__name", "visitor__name")
    date_hierarchy = "started_at"
    exclude = ("rating_comment",)


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """What was said is the customer's: the operator sees how a message travelled, not its words."""

    list_display = ("id", "chat", "seq", "author_kind", "is_note", "mirror_state", "created_at")
    list_filter = ("mirror_state", "author_kind", "is_note")
    search_fields = ("=id", "=chat__id")
    exclude = ("body", "segments")


@admin.register(MessageVersion)
class MessageVersionAdmin(ReadOnlyAdmin):
    list_display = ("id", "message", "change", "by_kind", "changed_at")
    list_filter = ("change", "by_kind")
    search_fields = ("=message__id",)
    exclude = ("body", "segments")


@admin.register(Attachment)
class AttachmentAdmin(ReadOnlyAdmin):
    """How a file travelled; neither its name nor what is in it."""

    list_display = ("id", "site", "content_type", "size", "state", "problem", "created_at")
    list_filter = ("state", "content_type")
    search_fields = ("=id", "=message__id", "site__name")
    exclude = ("name",)


@admin.register(StorageOrphan)
class StorageOrphanAdmin(ReadOnlyAdmin):
    list_display = ("key", "remove_after")


@admin.register(Availability)
class AvailabilityAdmin(ReadOnlyAdmin):
    list_display = ("site", "is_online", "asked_since", "asked_at")
    list_filter = ("is_online",)
    search_fields = ("site__name",)


@admin.register(ConsoleVisit)
class ConsoleVisitAdmin(ReadOnlyAdmin):
    list_display = ("member", "seen_at")
    list_select_related = ("member__user", "member__workspace")
    search_fields = ("member__user__email",)


@admin.register(Visit)
class VisitAdmin(ReadOnlyAdmin):
    list_display = ("chat", "seen_at")
    search_fields = ("=chat__id",)


@admin.register(TranscriptMail)
class TranscriptMailAdmin(ReadOnlyAdmin):
    list_display = ("chat", "asked_at", "try_at", "tries")
    search_fields = ("=chat__id",)
    exclude = ("address",)


@admin.register(Picture)
class PictureAdmin(ReadOnlyAdmin):
    list_display = ("key", "created_at")
    search_fields = ("=key",)
    exclude = ("content",)


@admin.register(ChatRead)
class ChatReadAdmin(ReadOnlyAdmin):
    list_display = ("member__user", "chat_id", "seq")
    list_select_related = ("member__user",)
    search_fields = ("=chat__id", "member__user__email")


@admin.register(Desk)
class DeskAdmin(ReadOnlyAdmin):
    list_display = ("member__user", "tells", "has_sound")
    list_select_related = ("member__user",)
    search_fields = ("member__user__email",)


@admin.register(Erasure)
class ErasureAdmin(ReadOnlyAdmin):
    list_display = ("id", "workspace", "why", "by", "chats", "messages", "created_at")
    list_filter = ("why",)
    search_fields = ("=id", "workspace__name")
    date_hierarchy = "created_at"


@admin.register(Export)
class ExportAdmin(ReadOnlyAdmin):
    list_display = ("id", "workspace", "asked_by", "state", "problem", "tries", "size", "created_at")
    list_filter = ("state",)
    search_fields = ("=id", "workspace__name")


@admin.register(ChatFigures)
class ChatFiguresAdmin(ReadOnlyAdmin):
    list_display = ("chat_id", "site", "agent", "day", "answered_in", "resolved_in", "rating")
    search_fields = ("=chat__id", "site__name")


@admin.register(VisitorMail)
class VisitorMailAdmin(ReadOnlyAdmin):
    list_display = ("chat_id", "kind", "due_at", "tries")
    list_filter = ("kind",)
    search_fields = ("=chat__id",)


@admin.register(MailStop)
class MailStopAdmin(ReadOnlyAdmin):
    list_display = ("workspace", "created_at")
    search_fields = ("workspace__name",)
    exclude = ("address_hash",)


@admin.register(SavedReply)
class SavedReplyAdmin(ReadOnlyAdmin):
    list_display = ("name", "title", "workspace", "site", "changed_at", "deleted_at")
    search_fields = ("=id", "name", "title", "workspace__name")


@admin.register(SearchLine)
class SearchLineAdmin(ReadOnlyAdmin):
    """Whether something is found, not its words."""

    list_display = ("id", "workspace", "chat_id", "message_id")
    search_fields = ("=chat__id", "=message__id")
    exclude = ("words",)


@admin.register(SearchDue)
class SearchDueAdmin(ReadOnlyAdmin):
    list_display = ("id", "chat_id", "message_id")
    search_fields = ("=chat_id", "=message_id")


@admin.register(Tag)
class TagAdmin(ReadOnlyAdmin):
    list_display = ("name", "workspace", "colour", "merged_into", "deleted_at")
    search_fields = ("=id", "name", "workspace__name")


@admin.register(ChatTag)
class ChatTagAdmin(ReadOnlyAdmin):
    list_display = ("chat_id", "tag", "created_at")
    search_fields = ("=chat__id", "tag__name")
