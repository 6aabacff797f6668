"""The Slack app as Slack's app manifest: pasted at api.slack.com/apps, it needs no clicking through forms."""

from typing import Any

from django.conf import settings

from slackapp import oauth, signin
from slackapp.features import features

Manifest = dict[str, Any]

DESCRIPTION = "Answer the visitors of your website from Slack threads."
# Slack wants 175 to 4,000 characters here
LONG_DESCRIPTION = (
    "Live chat on your website, answered in Slack. Each chat becomes a thread in a channel that you choose; what your "
    "team answers in the thread appears on your website at once. A line that begins with ;; stays inside."
)
COLOUR = "#4f46e5"


def manifest(name: str, *, socket_mode: bool = False) -> Manifest:
    """Version 2 of the format, for this server's PUBLIC_URL. `name` has at most 35 characters.

    With `socket_mode` Slack is given no address of ours but the one its pages send browsers back to.
    """
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": name,
            "description": DESCRIPTION,
            "long_description": LONG_DESCRIPTION,
            "background_color": COLOUR,
        },
        "features": features(name, socket_mode=socket_mode),
        "oauth_config": {
            "redirect_urls": [oauth.redirect_uri(), signin.redirect_uri()],
            # Slack wants those of signing in named here; they open nothing but who somebody is
            "scopes": {"bot": sorted(oauth.ALL_SCOPES), "user": signin.SCOPE.split()},
        },
        "settings": _settings(socket_mode),
    }


def _settings(socket_mode: bool) -> Manifest:
    events: Manifest = {"bot_events": sorted(oauth.BOT_EVENTS)}
    presses: Manifest = {"is_enabled": True}
    if not socket_mode:
        events["request_url"] = f"{settings.PUBLIC_URL}/slack/events"
        presses["request_url"] = f"{settings.PUBLIC_URL}/slack/interactivity"
        presses["message_menu_options_url"] = f"{settings.PUBLIC_URL}/slack/options"
    return {
        "event_subscriptions": events,
        "interactivity": presses,
        "org_deploy_enabled": False,
        "socket_mode_enabled": socket_mode,
        "token_rotation_enabled": False,
    }
