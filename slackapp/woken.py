"""A chat that was snoozed until a moment and is back: its thread says so, and calls whoever had put it away (S15).

What the visitor writes, and what somebody does themselves, needs no such line.
"""

from livechat.actions.waking import Why
from livechat.events import ChatWoken
from slackapp import parting
from slackapp.models import ChatLink, Connection, Delivery
from slackapp.promises import aside


def promise(fact: ChatWoken) -> None:
    """Inside the transaction that wakes the chat, so it is promised once."""
    if fact.why != Why.MOMENT or fact.chat.visitor.is_blocked:
        return
    links = ChatLink.objects.select_related("connection__installation")
    link = links.filter(pk=fact.chat.pk).first()
    if link is None or parting.has_ended(link):
        return
    told = _user_id(fact, link.connection)
    args = {"user": told} if told else {}
    aside(link, Delivery.Kind.WOKEN, **args)


def _user_id(fact: ChatWoken, connection: Connection) -> str:
    """Somebody of another team would be shown as letters and digits."""
    known = (fact.snoozed_by.external_id or "") if fact.snoozed_by else ""
    kind, _, person = known.partition(":")
    team_id, _, user_id = person.partition(":")
    return user_id if kind == "slack" and team_id == connection.team_id else ""
