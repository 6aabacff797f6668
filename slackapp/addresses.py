"""Where something stands in Slack, as an address that Slack opens (as chat.getPermalink builds them)."""

from livechat.models import ChatSession
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


def newer(chat: ChatSession) -> str:
    """Where the visitor is now, for whoever answers in an earlier chat; empty where Slack shows no place of it."""
    links = ChatLink.objects.select_related("connection", "installation")
    link = links.filter(chat__visitor_id=chat.visitor_id, chat__status=ChatSession.Status.OPEN).first()
    if link is None:
        return ""
    if link.is_noisy and link.room_name:
        return f"The visitor is in #{link.room_name} now. Please answer there."
    address = thread_of(link)
    return f"The visitor has a newer chat. Please answer there: {address}" if address else ""
