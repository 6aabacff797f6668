"""Whose Slack rows are these: connections through the member's workspace, installations through what Slack signed."""

import uuid
from typing import Any

from accounts.errors import NotFound
from accounts.models import Member
from config.prepared import Prepared
from slackapp.models import ChatLink, Connection, Delivery, Installation

_OF_TEAM = Prepared(
    # its secrets are opened when they are needed, which is seldom
    lambda app_id, team_id: Installation.objects.filter(app_id=app_id, slack_team_id=team_id).defer(
        "bot_token", "scopes"
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


def installation_for(payload: dict[str, Any]) -> Installation | None:
    """The installation a signed payload speaks of. In shared channels the outer team may be the other company's."""
    app_id, team_id, enterprise_id = _addressee(payload)
    if team_id and (found := _OF_TEAM.first(app_id=app_id, team_id=team_id)):
        return found
    of_org = Installation.objects.filter(app_id=app_id, enterprise_id=enterprise_id, slack_team_id="")
    return of_org.first() if enterprise_id else None


def _addressee(payload: dict[str, Any]) -> tuple[str, str, str]:
    authorizations = payload.get("authorizations")
    first = authorizations[0] if isinstance(authorizations, list) and authorizations else {}
    first = first if isinstance(first, dict) else {}
    team_id = first.get("team_id") or payload.get("team_id") or ""
    enterprise_id = first.get("enterprise_id") or payload.get("enterprise_id") or ""
    return str(payload.get("api_app_id") or ""), str(team_id), str(enterprise_id)


def chat_link_for(payload: dict[str, Any], channel_id: str, thread_ts: str) -> ChatLink | None:
    """The chat of a thread, with connection, workspace and the installation that `installation_for` gives."""
    app_id, team_id, enterprise_id = _addressee(payload)
    where = {"app_id": app_id, "channel_id": channel_id, "root_ts": thread_ts}
    if team_id and (found := _OF_THREAD.first(team_id=team_id, **where)):
        return found
    of_org = _OF_THREAD.first(team_id="", **where) if enterprise_id else None
    return of_org if of_org is not None and of_org.installation.enterprise_id == enterprise_id else None
