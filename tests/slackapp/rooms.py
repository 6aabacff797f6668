"""What the tests of Noisy mode do: connect a site that way, look at a chat's channel as people in Slack see it."""

from typing import Any

from accounts.models import Member
from livechat.models import ChatSession, Site
from slackapp import actions, setup
from slackapp.actions.modes import Rooms, set_mode
from slackapp.models import ChatLink, Connection, Delivery
from tests.slackapp.peer import Json, Slack, fresh, install, link_of, settle, text_of


def noisy(slack: Slack, member: Member, site: Site, rooms: Rooms | None = None) -> Connection:
    """A site whose chats get channels of their own, announced in #lobby."""
    connection = actions.start_connection(member, site, Connection.Mode.NOISY)
    set_mode(member, connection, Connection.Mode.NOISY, rooms or Rooms())
    install(slack, member, fresh(connection))
    setup.create_channel(member, fresh(connection), "lobby")
    return fresh(connection)


def channels(slack: Slack, team: str = "Acme") -> dict[str, Json]:
    return {str(channel["name"]): dict(channel) for channel in slack.team(team)["channels"]}


def room_of(slack: Slack, chat: ChatSession) -> Json:
    """The chat's channel, with everything in it."""
    wanted = link_of(chat).channel_id
    return next(channel for channel in channels(slack).values() if channel["id"] == wanted)


def said_in(slack: Slack, channel_id: str) -> list[str]:
    """The lines of visitors and console in a channel, in Slack's order."""
    found = slack.look("messages", channel=channel_id, team="Acme")["messages"]
    kinds = [(m, (m.get("metadata") or {}).get("event_type")) for m in found]
    return [text_of(m) for m, kind in kinds if kind in ("chat_message", "chat_part")]


def of_kind(slack: Slack, channel_id: str, kind: str) -> list[Json]:
    found = slack.look("messages", channel=channel_id, team="Acme")["messages"]
    return [m for m in found if (m.get("metadata") or {}).get("event_type") == kind]


def lobby_lines(slack: Slack, connection: Connection) -> list[Json]:
    return of_kind(slack, connection.channel_id, "chat_lobby")


def answer(slack: Slack, chat: ChatSession, text: str, user: str = "bob", **more: Any) -> Json:
    said = slack.act("say", user=user, channel=link_of(chat).channel_id, text=text, team="Acme", **more)
    settle(slack)
    return said


def press(slack: Slack, connection: Connection, message: Json, action_id: str, user: str = "bob") -> Json:
    where = {"channel": connection.channel_id, "ts": message["ts"], "team": "Acme"}
    pressed = slack.act("click", user=user, action_id=action_id, **where)
    settle(slack)
    return pressed


def open_promises(chat: ChatSession) -> list[str]:
    states = (Delivery.State.PENDING, Delivery.State.SENDING)
    found = Delivery.objects.filter(link=chat.pk, state__in=states).order_by("pk")
    return [row.kind for row in found]


def room_state(chat: ChatSession) -> str:
    return ChatLink.objects.get(pk=chat.pk).room
