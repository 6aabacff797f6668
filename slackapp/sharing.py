"""One Slack team may serve several of our workspaces: they share the app's key, and know nothing of each other."""

from slackapp.models import ChatLink, Connection, Installation


def others_in(connection: Connection) -> set[str]:
    """Channels of the same Slack team that carry chats of other workspaces, those made for one chat among them."""
    used = Connection.unscoped.filter(installation=connection.installation).exclude(
        state=Connection.State.DISCONNECTED
    )
    taken = used.exclude(workspace=connection.workspace_id).exclude(channel_id="")
    rooms = ChatLink.objects.filter(installation=connection.installation).exclude(
        connection__workspace_id=connection.workspace_id
    )
    return {
        *taken.values_list("channel_id", flat=True),
        *rooms.values_list("channel_id", flat=True).distinct(),
    }


def is_shared(installation: Installation | None) -> bool:
    used = Connection.unscoped.filter(installation=installation).exclude(state=Connection.State.DISCONNECTED)
    return used.values("workspace").distinct().count() > 1
