"""The operator's pages for Slack: to find what is stuck and why. The bot token is never shown."""

from django.contrib import admin

from livechat.admin import ReadOnlyAdmin
from slackapp.models import ChatLink, Connection, Delivery, InboundEvent, Installation, Lane, SlackIdentity


@admin.register(Installation)
class InstallationAdmin(ReadOnlyAdmin):
    list_display = ("team_name", "slack_team_id", "enterprise_id", "state", "problem", "installed_at")
    list_filter = ("state",)
    search_fields = ("team_name", "slack_team_id", "enterprise_id")
    exclude = ("bot_token",)


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin):
    list_display = (
        "site",
        "workspace",
        "installation",
        "channel_name",
        "mode",
        "state",
        "problem",
        "last_post_at",
    )
    list_filter = ("state", "mode")
    list_select_related = ("site", "workspace", "installation")
    search_fields = ("=id", "site__name", "workspace__name", "channel_id", "channel_name")


@admin.register(SlackIdentity)
class SlackIdentityAdmin(ReadOnlyAdmin):
    list_display = ("slack_team_id", "slack_user_id", "name", "is_outsider", "fetched_at")
    search_fields = ("slack_team_id", "slack_user_id", "name")


@admin.register(ChatLink)
class ChatLinkAdmin(ReadOnlyAdmin):
    list_display = ("chat", "connection", "channel_id", "root_ts")
    list_select_related = ("connection__site",)
    search_fields = ("=chat__id", "channel_id", "root_ts")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "state", "attempts", "problem", "created_at", "tried_at")
    list_filter = ("state", "kind")
    search_fields = ("=id", "=message__id", "=link__chat__id")


@admin.register(Lane)
class LaneAdmin(ReadOnlyAdmin):
    list_display = ("key", "due_at", "lease_until")
    search_fields = ("key",)


@admin.register(InboundEvent)
class InboundEventAdmin(ReadOnlyAdmin):
    """An event's payload holds what people wrote: it stays out of sight."""

    list_display = ("id", "kind", "state", "attempts", "problem", "received_at", "done_at")
    list_filter = ("state", "kind")
    search_fields = ("=event_id", "lane_key")
    exclude = ("payload",)
