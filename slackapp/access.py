"""Whose Slack rows are these: connections through the member's workspace, installations through what Slack signed."""

import re
import uuid
from collections.abc import Iterable
from typing import Any

from accounts.errors import NotFound
from accounts.models import Member
from config.prepared import Prepared
from livechat.models import Attachment, ChatSession, Message, Site
from slackapp.models import ChatLink, Connection, Delivery, Installation, LeftCopy
from slackapp.shared_files import external_id

SLACK_USER = re.compile(r"[UW][A-Z0-9]{2,30}")
_OF_TEAM = Prepared(
    # its secrets are opened when they are needed, which is seldom
    lambda app_id, team_id: Installation.objects.filter(app_id=app_id, slack_team_id=team_id).defer(
        "bot_token", "refresh_token", "scopes"
    )[:1]
)
_OF_THREAD = Prepared(
    lambda app_id, team_id, channel_id, root_ts: (
        ChatLink.objects.select_related("connection__workspace", "installation")
        .filter(
            installation__app_id=app_id,
            installation__slack_team_id=team_id,
            channel_id=channel_id,
            root_ts=root_ts,
        )
        .defer("installation__bot_token", "installation__refresh_token", "installation__scopes")[:1]
    )
)


_OF_FORMER_THREAD = Prepared(
    lambda app_id, team_id, channel_id, root_ts: (
        ChatLink.objects.select_related("connection__workspace", "installation")
        .filter(
            former_threads__installation__app_id=app_id,
            former_threads__installation__slack_team_id=team_id,
            former_threads__channel_id=channel_id,
            former_threads__root_ts=root_ts,
        )
        .defer("installation__bot_token", "installation__scopes")[:1]
    )
)
_OF_ROOM = Prepared(
    lambda app_id, team_id, channel_id: (
        ChatLink.objects.select_related("connection__workspace", "installation")
        .filter(
            installation__app_id=app_id,
            installation__slack_team_id=team_id,
            channel_id=channel_id,
            mode=Connection.Mode.NOISY,
        )
        .defer("installation__bot_token", "installation__scopes")[:1]
    )
)


def connection_for(member: Member, connection_id: object) -> Connection:
    """With site and installation loaded."""
    try:
        wanted = uuid.UUID(str(connection_id))
    except ValueError:
        raise NotFound from None
    connections = Connection.objects.in_workspace(member.workspace).select_related("site", "installation")
    connection = connections.filter(pk=wanted).first()
    if connection is None:
        raise NotFound
    return connection


def members_of(member: Member, ids: Iterable[str]) -> list[Member]:
    """Those of the asking member's workspace; other ids name nobody."""
    known = Member.objects.in_workspace(member.workspace)
    return list(known.filter(pk__in=[one for text in ids if (one := _uuid_or_none(text))]).order_by("pk"))


def people_of(site: Site, member: Member, named: Iterable[str]) -> list[str]:
    """Of `<team id>:<user id>`, those of Slack teams that the site is connected to."""
    connections = Connection.objects.in_workspace(member.workspace).filter(site=site)
    live = connections.exclude(state=Connection.State.DISCONNECTED).select_related("installation")
    teams = {one.team_id for one in live}
    parts = [one.partition(":") for one in named]
    return [f"{team}:{user}" for team, _, user in parts if team in teams and SLACK_USER.fullmatch(user)]


def _uuid_or_none(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def delivery_for(member: Member, delivery_id: object) -> Delivery:
    if not str(delivery_id).isdecimal():
        raise NotFound
    deliveries = Delivery.objects.select_related("link__connection", "lane", "message")
    delivery = deliveries.filter(
        pk=int(str(delivery_id)), link__connection__workspace=member.workspace
    ).first()
    if delivery is None:
        raise NotFound
    return delivery


def left_copy_for(member: Member, copy_id: int) -> LeftCopy:
    found = LeftCopy.objects.select_related("link").filter(
        pk=copy_id, link__connection__workspace=member.workspace
    )
    copy = found.first()
    if copy is None:
        raise NotFound
    return copy


def installation_for(payload: dict[str, Any]) -> Installation | None:
    """The installation a signed payload speaks of. In shared channels the outer team may be the other company's."""
    app_id, team_id, enterprise_id = _addressee(payload)
    if team_id and (found := _OF_TEAM.first(app_id=app_id, team_id=team_id)):
        return found
    of_org = Installation.objects.filter(app_id=app_id, enterprise_id=enterprise_id, slack_team_id="")
    return of_org.first() if enterprise_id else None


def organisation_of(payload: dict[str, Any]) -> str:
    """The Enterprise Grid organisation of the installation that a signed event is for; empty outside of one.

    The event's own ids are no help: in shared channels they may be the other company's.
    """
    return str(_authorization(payload).get("enterprise_id") or "")


def _addressee(payload: dict[str, Any]) -> tuple[str, str, str]:
    first = _authorization(payload)
    team_id = first.get("team_id") or payload.get("team_id") or ""
    enterprise_id = first.get("enterprise_id") or payload.get("enterprise_id") or ""
    return str(payload.get("api_app_id") or ""), str(team_id), str(enterprise_id)


def _authorization(payload: dict[str, Any]) -> dict[str, Any]:
    authorizations = payload.get("authorizations")
    first = authorizations[0] if isinstance(authorizations, list) and authorizations else {}
    return first if isinstance(first, dict) else {}


def visitor_said(chat_id: uuid.UUID, quoted: str) -> bool:
    """Whether these are words of the chat's visitor; however lines and blanks fell."""
    wanted = " ".join(quoted.split())
    said = Message.unscoped.filter(chat=chat_id, author_kind=Message.Author.VISITOR, deleted_at=None)
    bodies = said.values_list("body", flat=True)
    return bool(wanted) and any(wanted in " ".join(body.split()) for body in bodies)


def file_of_chat(chat_id: uuid.UUID, file_id: uuid.UUID) -> Attachment | None:
    """What a promise of this chat names."""
    return Attachment.unscoped.filter(pk=file_id, message__chat_id=chat_id).first()


def copies_of_file(installation: Installation, file_id: str) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Chats and attachments that were brought from a file of this team."""
    files = Attachment.unscoped.filter(external_id=external_id(installation, file_id), message__isnull=False)
    return list(files.values_list("message__chat_id", "pk"))


def chat_link_for(payload: dict[str, Any], channel_id: str, thread_ts: str) -> ChatLink | None:
    """The chat of a thread, also of one whose card was deleted, with connection, workspace and the installation that

    `installation_for` gives.
    """
    where = {"channel_id": channel_id, "root_ts": thread_ts}
    return _chat_link(_OF_THREAD, payload, **where) or _chat_link(_OF_FORMER_THREAD, payload, **where)


def room_link_for(payload: dict[str, Any], channel_id: str) -> ChatLink | None:
    """As `chat_link_for`, the chat that has this channel to itself."""
    return _chat_link(_OF_ROOM, payload, channel_id=channel_id)


def carries_chats(installation: Installation, channel_id: str) -> bool:
    return ChatLink.objects.filter(installation=installation, channel_id=channel_id).exists()


def link_of_line(installation: Installation, channel_id: str, ts: str) -> ChatLink | None:
    """The chat of a person's line that is recorded."""
    links = ChatLink.objects.select_related("connection__workspace", "installation")
    return links.filter(
        chat__messages__slack_links__installation=installation,
        chat__messages__slack_links__channel_id=channel_id,
        chat__messages__slack_links__ts=ts,
        chat__messages__slack_links__from_slack=True,
    ).first()


def link_of_copy(installation: Installation, channel_id: str, ts: str) -> ChatLink | None:
    """The chat of any line or copy of one; of a line that was not heard of yet, the newest chat of its channel."""
    links = ChatLink.objects.select_related("connection__workspace", "installation")
    of_copy = links.filter(
        chat__messages__slack_links__installation=installation,
        chat__messages__slack_links__channel_id=channel_id,
        chat__messages__slack_links__ts=ts,
    )
    return (
        of_copy.first()
        or links.filter(installation=installation, channel_id=channel_id).order_by("-root_ts").first()
    )


def chats_that_stand(ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these chats are not erased; nothing else is told of them."""
    return set(ChatSession.unscoped.filter(pk__in=list(ids)).values_list("pk", flat=True))


def _chat_link(which: Prepared[ChatLink], payload: dict[str, Any], **where: str) -> ChatLink | None:
    app_id, team_id, enterprise_id = _addressee(payload)
    if team_id and (found := which.first(app_id=app_id, team_id=team_id, **where)):
        return found
    of_org = which.first(app_id=app_id, team_id="", **where) if enterprise_id else None
    return of_org if of_org is not None and of_org.installation.enterprise_id == enterprise_id else None


def connections_of(installation: Installation) -> list[Connection]:
    """Those in use, whosever they are, with site and workspace: for whoever asks next what somebody may see of them."""
    used = Connection.unscoped.filter(installation=installation).exclude(state=Connection.State.DISCONNECTED)
    return list(used.select_related("site", "workspace").order_by("workspace__name", "created_at"))
