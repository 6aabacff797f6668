"""Which chats and sites a command is about, and whether whoever typed it may change something there."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import F, OuterRef, QuerySet, Subquery

from accounts.errors import Refused
from accounts.permissions import may
from livechat.models import ChatSession, Message, Site
from slackapp import rights
from slackapp.asked import Asked
from slackapp.models import ChatLink, Connection
from slackapp.presses.chats import NOT_ALLOWED
from slackapp.speakers import Speaker

NOTHING_HERE = (
    "No visitors' chats arrive in this channel. Type it in the channel where they do, or link your Slack account, "
    "then it works everywhere: {url}"
)
NOT_AGENT = "Only owners, admins and agents do this. Ask an owner of your workspace in the console."


def connections(asked: Asked) -> list[Connection]:
    """Those that whoever asks may hear of, here; one at least. Site, workspace and installation loaded."""
    found = list(rights.connections_for(asked.installation, asked.members(), asked.channel_id))
    if not found:
        raise Refused("nothing_here", NOTHING_HERE.format(url=f"{settings.CONSOLE_URL}/console/slack"))
    return found


def speaker(asked: Asked, connection: Connection) -> Speaker:
    """As whom they act there. Raises Refused for guests and partners, and for members who only read."""
    member = asked.member_in(connection.workspace)
    if member is not None and not may(member, "chats.reply"):
        raise Refused("not_allowed", NOT_AGENT)
    found = asked.speaker(connection)
    if found.refusal:
        raise Refused("not_allowed", NOT_ALLOWED)
    return found


def sites_of(connections: Iterable[Connection]) -> dict[Site, Connection]:
    """Each site once, with the first of its connections."""
    found: dict[Site, Connection] = {}
    for connection in connections:
        found.setdefault(connection.site, connection)
    return found


def _last_words() -> Subquery:
    """What the visitor wrote last, by way of the link: it is whoever sees the chat's who reads it."""
    lines = ChatLink.objects.filter(
        pk=OuterRef("pk"), chat__messages__author_kind=Message.Author.VISITOR, chat__messages__deleted_at=None
    )
    return Subquery(lines.order_by("-chat__messages__seq").values("chat__messages__body")[:1])


def open_chats(connections: Iterable[Connection]) -> QuerySet[ChatLink]:
    """Who waits the longest comes first, then who spoke last; what is snoozed comes at the end."""
    links = ChatLink.objects.filter(
        connection__in=list(connections), chat__status=ChatSession.Status.OPEN, chat__visitor__blocked_at=None
    )
    loaded = ("chat__visitor", "chat__site", "chat__agent", "connection__workspace", "installation")
    return (
        links.select_related(*loaded)
        .annotate(last_words=_last_words())
        .order_by(
            F("chat__snoozed_until").asc(nulls_first=True),
            F("chat__waiting_since").asc(nulls_last=True),
            "-chat__last_message_at",
        )
    )
