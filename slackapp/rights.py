"""Who of a Slack may see and do what with a workspace's chats, beside answering in a thread.

A Slack team may serve several workspaces, and most of its people have nothing to do with visitors: anybody may type a
command anywhere. So chats are shown to two sorts of people: to a member of the workspace who is linked to this person
of Slack, wherever they ask; and to whoever asks in a channel where these chats are, as they stand there anyway.
"""

from django.db.models import Q, QuerySet

from accounts.models import Member
from accounts.permissions import may
from slackapp.models import ChatLink, Connection, Installation, SlackIdentity


def members_of(team_id: str, user_id: str) -> list[Member]:
    """The accounts of ours that a person in Slack is linked to, with workspace and user, one for each workspace."""
    who = SlackIdentity.objects.filter(slack_team_id=team_id, slack_user_id=user_id).first()
    if who is None or who.user_id is None:
        return []
    members = Member.unscoped.filter(user_id=who.user_id, user__is_active=True, workspace__ending_since=None)
    return list(members.select_related("user", "workspace").order_by("created_at"))


def is_answering(team_id: str, user_id: str, connection: Connection) -> bool:
    """Whether this person is linked to a member of the connection's workspace who may answer its visitors."""
    members = members_of(team_id, user_id)
    return any(one.workspace_id == connection.workspace_id and may(one, "chats.reply") for one in members)


def is_connected(installation: Installation) -> bool:
    """Whether any site uses it."""
    connections = Connection.unscoped.filter(installation=installation)
    return connections.exclude(state=Connection.State.DISCONNECTED).exists()


def connections_for(
    installation: Installation, members: list[Member], channel_id: str
) -> QuerySet[Connection]:
    """Those of whose chats somebody with these accounts may hear in this channel; site and workspace loaded."""
    here = Q(channel_id=channel_id) | Q(chat_links__channel_id=channel_id) if channel_id else Q(pk=None)
    theirs = Q(workspace__in=[one.workspace_id for one in members])
    found = Connection.unscoped.filter(here | theirs, installation=installation)
    found = found.exclude(state=Connection.State.DISCONNECTED).distinct()
    return found.select_related("site", "workspace", "installation").order_by("site__name", "position")


def chat_of_room(installation: Installation, channel_id: str) -> ChatLink | None:
    """The chat that has this channel to itself."""
    links = ChatLink.objects.select_related("connection__workspace", "installation", "chat__visitor")
    found = links.filter(installation=installation, channel_id=channel_id, mode=Connection.Mode.NOISY)
    return found.exclude(channel_id="").first()
