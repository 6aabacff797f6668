"""The Slack app as Slack's app manifest: pasted at api.slack.com/apps, it needs no clicking through forms."""

from typing import Any

from django.conf import settings

from slackapp import oauth

Manifest = dict[str, Any]

DESCRIPTION = "Answer the visitors of your website from Slack threads."
# Slack wants 175 to 4,000 characters here
LONG_DESCRIPTION = (
    "Live chat on your website, answered in Slack. Each chat becomes a thread in a channel that you choose; what your "
    "team answers in the thread appears on your website at once. A line that begins with ;; stays inside."
)
COLOUR = "#4f46e5"


def manifest(name: str) -> Manifest:
    """Version 2 of the format, for this server's PUBLIC_URL. `name` has at most 35 characters."""
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": name,
            "description": DESCRIPTION,
            "long_description": LONG_DESCRIPTION,
            "background_color": COLOUR,
        },
        "features": {"bot_user": {"display_name": name, "always_online": True}},
        "oauth_config": {
            "redirect_urls": [oauth.redirect_uri()],
            "scopes": {"bot": sorted(oauth.SCOPES)},
        },
        "settings": _settings(),
    }


def _settings() -> Manifest:
    return {
        "event_subscriptions": {
            "request_url": f"{settings.PUBLIC_URL}/slack/events",
            "bot_events": sorted(oauth.BOT_EVENTS),
        },
        "interactivity": {"is_enabled": True, "request_url": f"{settings.PUBLIC_URL}/slack/interactivity"},
        "org_deploy_enabled": False,
        "socket_mode_enabled": False,
        "token_rotation_enabled": False,
    }
