"""Who wrote a line in Slack: a person, the app itself, or something else."""

from typing import Any

from slackapp.models import Installation

SPOKEN = (None, "file_share", "thread_broadcast", "me_message")
SLACKBOT = "USLACKBOT"


def is_spoken(line: dict[str, Any]) -> bool:
    """By a person, not by an app or Slack itself."""
    by_person = not line.get("bot_id") and line.get("user") not in (None, SLACKBOT)
    return line.get("subtype") in SPOKEN and by_person


def is_our_own(installation: Installation, line: dict[str, Any]) -> bool:
    profile = line.get("bot_profile")
    app_id = line.get("app_id") or (profile.get("app_id") if isinstance(profile, dict) else None)
    return (
        line.get("user") == installation.bot_user_id
        or line.get("bot_id") == installation.bot_id
        or app_id == installation.app_id
    )
