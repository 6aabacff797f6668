"""Somebody looks at the app's page in Slack."""

from slackapp import people
from slackapp.actions import homes
from slackapp.handlers.heard import Act, Heard


def on_home_opened(heard: Heard) -> Act | None:
    """Slack tells of every opening, of both tabs; messages are sent from where they belong."""
    user_id = heard.event.get("user")
    if heard.event.get("tab") != "home" or not isinstance(user_id, str) or not user_id:
        return None
    installation, view = heard.installation, heard.event.get("view")
    seen = str(view.get("hash") or "") if isinstance(view, dict) else ""
    team_id = people.team_of(installation, user_id) or str(heard.row.payload.get("team_id") or "")
    return lambda: homes.note_opened(installation, team_id, user_id, seen)
