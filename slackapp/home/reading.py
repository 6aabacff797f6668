"""What one person may be told on their Home tab, read from the rows. Asks Slack at most who they are and where."""

from django.conf import settings
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Agent, Member, Workspace
from accounts.permissions import may
from livechat import presence, standing
from livechat.models import ChatSession, Message, Site
from livechat.queries import setup_of
from slackapp.actions.people import external_id
from slackapp.addresses import thread_of
from slackapp.home.facts import ChatLine, Facts, Lines, Presence, Section, Step
from slackapp.home.viewers import Viewer, is_in_channel, may_answer_as_colleague
from slackapp.models import ChatLink, Connection, HomeTab

EXCERPT = 140
# lines of each list, by the number of sections: together they stay within Slack's 100 blocks
ROOM = {0: 0, 1: 20, 2: 10, 3: 5}
MOST_SECTIONS, MOST_SITES = 3, 3


def facts_of(viewer: Viewer, home: HomeTab) -> Facts:
    if viewer.is_outside:
        return Facts(is_outside=True)
    if viewer.members:
        sections = [
            _of_member(viewer, member, _room(viewer.members)) for member in viewer.members[:MOST_SECTIONS]
        ]
        return Facts(False, True, home.notice, sections, max(0, len(viewer.members) - MOST_SECTIONS))
    by_workspace = _channels_of(viewer)
    found = [_of_colleague(viewer, those, _room(by_workspace)) for those in by_workspace[:MOST_SECTIONS]]
    return Facts(False, viewer.is_linked, home.notice, found, max(0, len(by_workspace) - MOST_SECTIONS))


def _room(of: list[Member] | list[list[Connection]]) -> int:
    return ROOM[min(len(of), MOST_SECTIONS)]


# --- members ------------------------------------------------------------------------------------------------------


def _of_member(viewer: Viewer, member: Member, room: int) -> Section:
    connections = viewer.connections_for(member)
    chats, own = _open_chats(connections), _faces(viewer, member.workspace, member)
    sites = _sites(connections) if may(member, "availability.say") else []
    answers, manages = may(member, "chats.reply"), may(member, "slack.edit")
    broken = next((one for one in connections if one.state == Connection.State.BROKEN), None)
    return Section(
        title=member.workspace.name,
        mine=_lines(_of(chats, own), room),
        waiting=_lines(_waiting(chats), room),
        may_take=answers,
        in_console=True,
        sites=[_presence(site) for site in sites[:MOST_SITES]],
        more_sites=max(0, len(sites) - MOST_SITES),
        settings_id=str(connections[0].pk) if manages else "",
        steps=_steps(member.workspace) if manages else [],
        trouble=broken.problem if broken is not None and manages else "",
    )


def _sites(connections: list[Connection]) -> list[Site]:
    return list({connection.site_id: connection.site for connection in connections}.values())


def _presence(site: Site) -> Presence:
    found = presence.standing(site)
    forced = found.why is standing.Why.SAID
    return Presence(site.pk, site.name, found.word, standing.words(site, found), forced)


def _steps(workspace: Workspace) -> list[Step]:
    """The list goes once all is done."""
    setup, console = setup_of(workspace), f"{settings.CONSOLE_URL}/console"
    if setup.done:
        return []
    site = f"{console}/sites/{setup.site.pk}" if setup.site is not None else f"{console}/sites"
    return [
        Step("Connect Slack and choose a channel", setup.slack, f"{console}/slack"),
        Step("Put the chat on your website", setup.seen, site),
        Step("Get your first chat", setup.chat, site),
    ]


# --- colleagues without an account --------------------------------------------------------------------------------


def _channels_of(viewer: Viewer) -> list[list[Connection]]:
    """Connections whose channel they are in and where their answers reach visitors, by workspace."""
    found: dict[object, list[Connection]] = {}
    for connection in viewer.connections:
        open_ = may_answer_as_colleague(connection) and _open_chats([connection]).exists()
        if open_ and is_in_channel(viewer.installation, connection, viewer.user_id):
            found.setdefault(connection.workspace_id, []).append(connection)
    return list(found.values())


def _of_colleague(viewer: Viewer, connections: list[Connection], room: int) -> Section:
    workspace = connections[0].workspace
    chats = _open_chats(connections).filter(_within(connections))
    mine = _of(chats, _faces(viewer, workspace, None))
    waiting = _lines(_waiting(chats), room, by_channel=True)
    return Section(workspace.name, _lines(mine, room), waiting, may_take=True, in_console=False)


def _within(connections: list[Connection]) -> Q:
    """Chats that stand in these channels now; a connection may have had others."""
    here = [connection.channel_id for connection in connections]
    return Q(slack_link__channel_id__in=here) | Q(slack_link__lobby_channel_id__in=here)


# --- chats --------------------------------------------------------------------------------------------------------


def _open_chats(connections: list[Connection]) -> QuerySet[ChatSession]:
    """Of connections of one workspace."""
    workspace = connections[0].workspace
    last = Message.objects.in_workspace(workspace).filter(
        chat=OuterRef("pk"), seq__isnull=False, deleted_at=None
    )
    chats = ChatSession.objects.in_workspace(workspace).filter(
        status=ChatSession.Status.OPEN, slack_link__connection__in=connections
    )
    links = ("slack_link__connection", "slack_link__installation")
    return chats.select_related("site", "visitor", *links).annotate(
        last_body=Subquery(last.order_by("-seq").values("body")[:1])
    )


def _waiting(chats: QuerySet[ChatSession]) -> QuerySet[ChatSession]:
    """Nobody has them; whoever waits the longest first."""
    found = chats.filter(agent=None, snoozed_until=None, visitor__blocked_at=None)
    return found.order_by(Coalesce("waiting_since", "started_at"), "pk")


def _of(chats: QuerySet[ChatSession], faces: list[Agent]) -> QuerySet[ChatSession]:
    """Who waits for them first, then where somebody wrote last; what is snoozed comes at the end."""
    asleep = F("snoozed_until").asc(nulls_first=True)
    return chats.filter(agent__in=faces).order_by(
        asleep, F("waiting_since").asc(nulls_last=True), "-last_message_at", "pk"
    )


def _faces(viewer: Viewer, workspace: Workspace, member: Member | None) -> list[Agent]:
    """As whom they have chats: by their account, and by what they did in Slack."""
    assert viewer.who is not None
    of_slack = Q(external_id=external_id(viewer.who.slack_team_id, viewer.who.slack_user_id))
    faces = Agent.objects.in_workspace(workspace)
    return list(faces.filter(of_slack | Q(member=member) if member is not None else of_slack))


def _lines(chats: QuerySet[ChatSession], room: int, *, by_channel: bool = False) -> Lines:
    shown = [_line(chat, by_channel) for chat in chats[:room]]
    return Lines(shown, chats.count() - room if len(shown) == room else 0)


def _line(chat: ChatSession, by_channel: bool) -> ChatLine:
    """A lobby tells its people that somebody waits, not what they say: that stands in the chat's own channel."""
    link: ChatLink = chat.slack_link
    words = "" if by_channel and link.is_noisy else " ".join((chat.__dict__["last_body"] or "").split())
    return ChatLine(
        chat_id=chat.pk,
        name=chat.visitor.display_name,
        site=chat.site.name,
        words=words if len(words) <= EXCERPT else words[: EXCERPT - 1] + "…",
        at=chat.waiting_since or chat.last_message_at or chat.started_at,
        waits=chat.waiting_since is not None,
        thread_url=thread_of(link),
        is_snoozed=chat.snoozed_until is not None,
    )
