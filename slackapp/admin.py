"""The operator's pages for Slack: to find what is stuck and why. The bot token is never shown."""

from django.contrib import admin

from accounts.operator_site import ReadOnlyAdmin
from slackapp.models import (
    ChannelBudget,
    ChatLink,
    Connection,
    Delivery,
    EmojiList,
    ErasedCopy,
    FormerThread,
    Heartbeat,
    HomeTab,
    InboundEvent,
    Installation,
    Lane,
    LeftCopy,
    LinkPreview,
    MessageLink,
    Notice,
    OAuthState,
    PastPlace,
    PreviewedChat,
    Reminder,
    ReminderPlan,
    Roster,
    ShownCard,
    SlackIdentity,
)


@admin.register(Installation)
class InstallationAdmin(ReadOnlyAdmin):
    list_display = ("team_name", "slack_team_id", "enterprise_id", "state", "problem", "installed_at")
    list_filter = ("state",)
    search_fields = ("team_name", "slack_team_id", "enterprise_id")


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
    search_fields = ("=id", "site__name", "workspace__name", "channel_id", "channel_name")


@admin.register(SlackIdentity)
class SlackIdentityAdmin(ReadOnlyAdmin):
    list_display = (
        "slack_team_id",
        "slack_user_id",
        "name",
        "is_guest",
        "is_outsider",
        "presence",
        "fetched_at",
    )
    list_filter = ("is_guest", "is_outsider", "is_bot", "is_gone")
    search_fields = ("slack_team_id", "slack_user_id", "name")


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("text", "workspace", "created_at", "put_away_at")
    list_filter = ("put_away_at",)


@admin.register(EmojiList)
class EmojiListAdmin(ReadOnlyAdmin):
    list_display = ("installation", "fetched_at")
    exclude = ("names",)


@admin.register(Roster)
class RosterAdmin(ReadOnlyAdmin):
    list_display = ("connection", "fetched_at")
    list_select_related = ("connection__site",)


@admin.register(ChatLink)
class ChatLinkAdmin(ReadOnlyAdmin):
    list_display = ("chat", "connection", "channel_id", "root_ts")
    list_select_related = ("connection__site",)
    search_fields = ("=chat__id", "channel_id", "root_ts")


@admin.register(FormerThread)
class FormerThreadAdmin(ReadOnlyAdmin):
    list_display = ("link", "channel_id", "root_ts")
    search_fields = ("=link__chat__id", "channel_id", "root_ts")


@admin.register(PastPlace)
class PastPlaceAdmin(ReadOnlyAdmin):
    list_display = ("link", "kind", "channel_id", "ts")
    search_fields = ("=link__chat__id", "channel_id", "ts")


@admin.register(ErasedCopy)
class ErasedCopyAdmin(ReadOnlyAdmin):
    list_display = ("erasure", "installation", "kind", "channel_id", "ts", "state", "reason", "due_at")
    list_filter = ("state", "kind")
    search_fields = ("=erasure__id", "channel_id", "ts")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "state", "attempts", "problem", "created_at", "tried_at")
    list_filter = ("state", "kind")
    search_fields = ("=id", "=message__id", "=link__chat__id")


@admin.register(LeftCopy)
class LeftCopyAdmin(ReadOnlyAdmin):
    list_display = ("message", "channel_id", "ts", "reason", "created_at", "done_at")
    list_filter = (("done_at", admin.EmptyFieldListFilter),)
    search_fields = ("=message__id", "=link__chat__id", "channel_id", "ts")


@admin.register(ShownCard)
class ShownCardAdmin(ReadOnlyAdmin):
    list_display = ("link", "shown_at", "look_at", "online")
    search_fields = ("=link__chat__id",)


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


@admin.register(ReminderPlan)
class ReminderPlanAdmin(ReadOnlyAdmin):
    list_display = ("site", "thread_minutes", "channel_minutes", "mention_minutes", "mail_minutes")


@admin.register(Reminder)
class ReminderAdmin(ReadOnlyAdmin):
    list_display = ("chat_id", "since", "step", "state", "tries", "created_at")
    list_filter = ("step", "state")
    search_fields = ("=chat__id",)


@admin.register(HomeTab)
class HomeTabAdmin(ReadOnlyAdmin):
    list_display = (
        "slack_user_id",
        "slack_team_id",
        "installation",
        "opened_at",
        "due_at",
        "tries",
        "built_at",
    )
    search_fields = ("slack_team_id", "slack_user_id")


@admin.register(LinkPreview)
class LinkPreviewAdmin(ReadOnlyAdmin):
    list_display = ("id", "installation", "channel_id", "ts", "state", "attempts", "due_at", "heard_at")
    list_filter = ("state",)
    search_fields = ("channel_id", "ts", "slack_user_id")


@admin.register(PreviewedChat)
class PreviewedChatAdmin(ReadOnlyAdmin):
    list_display = ("id", "preview_id", "chat_id", "message_id", "is_shown")
    search_fields = ("=chat__id", "=message_id")


@admin.register(ChannelBudget)
class ChannelBudgetAdmin(ReadOnlyAdmin):
    list_display = ("installation", "channel_id", "next_slot_at", "paused_until")
    search_fields = ("channel_id",)


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ("door", "at", "since", "problem")


@admin.register(MessageLink)
class MessageLinkAdmin(ReadOnlyAdmin):
    list_display = ("id", "message_id", "installation", "channel_id", "ts", "from_slack", "receipt")
    search_fields = ("=message__id", "channel_id", "ts")


@admin.register(OAuthState)
class OAuthStateAdmin(ReadOnlyAdmin):
    list_display = ("id", "purpose", "user", "connection_id", "created_at", "used_at")
    list_filter = ("purpose",)
