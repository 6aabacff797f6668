"""Where something stands in Slack, as an address that Slack opens (as chat.getPermalink builds them)."""

from slackapp.models import ChatLink, Connection

SOMEWHERE = "https://app.slack.com/"


def thread_of(link: ChatLink) -> str:
    """A chat's thread or own channel; empty while there is none, and where Slack no longer shows it. With connection

    and installation loaded.
    """
    base = (link.installation.team_url or SOMEWHERE).rstrip("/")
    if link.is_noisy:
        open_ = link.room in (ChatLink.Room.OPEN, ChatLink.Room.CLOSING)
        return f"{base}/archives/{link.channel_id}" if open_ and link.channel_id else ""
    is_there = link.root_ts and link.connection.trouble in (Connection.Trouble.NONE, Connection.Trouble.TEAM)
    return f"{base}/archives/{link.channel_id}/p{str(link.root_ts).replace('.', '')}" if is_there else ""
