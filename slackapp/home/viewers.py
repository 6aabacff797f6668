"""Who looks at a Home tab, and what they may know: members their workspaces, colleagues the channels they are in."""

from dataclasses import dataclass

from accounts.access import members_of
from accounts.models import Member
from slackapp import keys, people
from slackapp.access import connections_of
from slackapp.models import Connection, Installation, SlackIdentity

PAGE, MOST_PAGES = 500, 10


@dataclass(frozen=True, slots=True)
class Viewer:
    """`members`: who they are in the workspaces that use this installation, once their account is linked.

    Whoever is a member of one of these knows of the others no more than any stranger; whoever is of none may see what
    their channels show them anyway.
    """

    installation: Installation
    user_id: str
    who: SlackIdentity | None
    members: list[Member]
    connections: list[Connection]

    @property
    def is_outside(self) -> bool:
        """Guests, people of other companies, apps, and whoever Slack says nothing of."""
        who, home = self.who, self.installation.slack_team_id
        if who is None or who.is_guest or who.is_outsider or who.is_bot or who.is_gone:
            return True
        return bool(home) and who.slack_team_id != home

    @property
    def is_linked(self) -> bool:
        return self.who is not None and self.who.user_id is not None

    def member_of(self, connection: Connection) -> Member | None:
        return next((one for one in self.members if one.workspace_id == connection.workspace_id), None)

    def connections_for(self, member: Member) -> list[Connection]:
        return [one for one in self.connections if one.workspace_id == member.workspace_id]


def viewer_of(installation: Installation, team_id: str, user_id: str, *, may_ask: bool) -> Viewer:
    """Raises AskSlack or SlackAway as `people.identity` does."""
    who = people.identity(installation, team_id, user_id, may_ask=may_ask)
    connections = connections_of(installation)
    used = {connection.workspace_id for connection in connections}
    user = who.user if who is not None and who.user_id is not None else None
    members = members_of(user) if user is not None and user.is_active else []
    found = [member for member in members if member.workspace_id in used]
    return Viewer(installation, user_id, who, found, connections)


def may_answer_as_colleague(connection: Connection) -> bool:
    """Where nothing of a thread goes out, answering is for the console's people."""
    return connection.policy != Connection.Policy.ALERTS and connection.state == Connection.State.READY


def is_in_channel(installation: Installation, connection: Connection, user_id: str) -> bool:
    """Asks Slack, which alone knows; raises SlackError."""
    cursor = None
    for _ in range(MOST_PAGES):
        where = {"channel": connection.channel_id, "limit": PAGE, "cursor": cursor}
        answer = keys.call(installation, "conversations.members", **where)
        if user_id in (answer.get("members") or []):
            return True
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            break
    return False
