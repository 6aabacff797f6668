"""How chats of a connection appear in Slack. Chats that are open stay where they are: their link knows its own way."""

from dataclasses import dataclass, field

from accounts.models import Member
from slackapp.actions.settings import changing
from slackapp.models import Connection

MOST_RESPONDERS = 200


@dataclass(frozen=True, slots=True)
class Rooms:
    """What Noisy chats' channels are like. `responders`: the Slack ids of whoever is invited to each."""

    private: bool = False
    grace_minutes: int = 60
    responders: list[str] = field(default_factory=list)


def set_mode(member: Member, connection: Connection, mode: str, rooms: Rooms | None = None) -> None:
    """Counts for chats that begin afterwards. What Slack refused before is tried anew."""
    columns: dict[str, object] = {"mode": mode, "rooms_problem": ""}
    if rooms is not None:
        columns["private_rooms"] = rooms.private
        columns["grace_minutes"] = rooms.grace_minutes
        columns["responders"] = rooms.responders
    with changing(member, connection, "slack.mode_chosen", mode):
        Connection.objects.in_workspace(member.workspace).filter(pk=connection.pk).update(**columns)


def set_responders(member: Member, connection: Connection, people: list[str]) -> None:
    """Slack ids. Counts for chats that begin afterwards."""
    kept = list(dict.fromkeys(people))[:MOST_RESPONDERS]
    with changing(member, connection, "slack.responders_chosen"):
        Connection.objects.in_workspace(member.workspace).filter(pk=connection.pk).update(responders=kept)


def forget_rooms_problem(member: Member, connection: Connection) -> None:
    """The owner has read why chats became threads. It is told again if it happens again."""
    Connection.objects.in_workspace(member.workspace).filter(pk=connection.pk).update(rooms_problem="")
