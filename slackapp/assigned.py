"""Somebody was given a chat: its thread or channel says so and calls them, if they are a person of this Slack."""

from accounts.models import Agent
from livechat.events import ChatAssigned
from slackapp import parting, promises, rooms
from slackapp.models import ChatLink, Connection, Delivery


def promise(fact: ChatAssigned) -> None:
    """Inside the transaction that gives the chat to them. Whoever gave it to themselves is called by nobody."""
    links = ChatLink.objects.select_related("connection__installation")
    link = links.filter(pk=fact.chat.pk).first()
    if link is None or parting.has_ended(link) or (fact.by is not None and fact.by.pk == fact.to.pk):
        return
    user_id = user_of(fact.to, link.connection)
    if not user_id:
        return
    args = {"user": user_id, "by": str(fact.by.pk) if fact.by else ""}
    Delivery.objects.create(lane_id=link.lane_id, link=link, kind=Delivery.Kind.ASSIGNED, args=args)
    promises.wake(link.lane_id)
    rooms.call_in(link, user_id)


def user_of(agent: Agent, connection: Connection) -> str:
    """Their id in Slack; empty of somebody of another team, whom Slack would show as letters and digits."""
    kind, _, person = (agent.external_id or "").partition(":")
    team_id, _, user_id = person.partition(":")
    return user_id if kind == "slack" and team_id == connection.team_id else ""
