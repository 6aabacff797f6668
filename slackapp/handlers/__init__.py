"""The one table of what Slack's events mean to us; a kind that is not in it is answered, counted and left."""

from slackapp.handlers import rooms
from slackapp.handlers.changed import on_changed, on_deleted
from slackapp.handlers.channels import (
    on_channel_found,
    on_channel_lost,
    on_id_changed,
    on_joined,
    on_member_left,
    on_renamed,
    on_team_closed,
    on_team_opened,
)
from slackapp.handlers.files import on_file_deleted
from slackapp.handlers.gaps import on_rate_limited
from slackapp.handlers.heard import Act, Handler, Heard
from slackapp.handlers.homes import on_home_opened
from slackapp.handlers.leaving import on_tokens_revoked, on_uninstalled
from slackapp.handlers.links import on_link_shared
from slackapp.handlers.messages import on_message
from slackapp.handlers.parted import is_over, on_late_line
from slackapp.handlers.people import on_emoji_changed, on_user_change
from slackapp.handlers.reactions import on_reaction, on_reaction_removed
from slackapp.interactivity import BLOCK_ACTIONS
from slackapp.presses import on_press

# of messages; whatever else a subtype says, `on_message` knows
BY_SUBTYPE: dict[str, Handler] = {
    "message_changed": on_changed,
    "message_deleted": on_deleted,
}


def _on_message(heard: Heard) -> Act | None:
    if is_over(heard):
        return on_late_line(heard)
    return BY_SUBTYPE.get(str(heard.event.get("subtype")), on_message)(heard)


ENDED = ("channel_archive", "group_archive", "channel_deleted", "group_deleted")
LEFT = ("channel_left", "group_left")
HANDLERS: dict[str, Handler] = {
    "message": _on_message,
    "reaction_added": on_reaction,
    "reaction_removed": on_reaction_removed,
    "file_deleted": on_file_deleted,
    "user_change": on_user_change,
    "user_profile_changed": on_user_change,
    "emoji_changed": on_emoji_changed,
    "link_shared": on_link_shared,
    "app_uninstalled": on_uninstalled,
    "tokens_revoked": on_tokens_revoked,
    "app_rate_limited": on_rate_limited,
    "member_left_channel": rooms.lost_or(on_member_left),
    "member_joined_channel": on_joined,
    "channel_unarchive": on_channel_found,
    "group_unarchive": on_channel_found,
    "channel_rename": on_renamed,
    "group_rename": on_renamed,
    "channel_id_changed": on_id_changed,
    "team_access_granted": on_team_opened,
    "team_access_revoked": on_team_closed,
    "app_home_opened": on_home_opened,
    BLOCK_ACTIONS: on_press,
    **{kind: rooms.ended_or(on_channel_lost) for kind in ENDED},
    **{kind: rooms.lost_or(on_channel_lost) for kind in LEFT},
}
