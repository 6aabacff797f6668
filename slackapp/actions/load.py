"""Made-up chats as if they had come from Slack and gone there, for measuring. Nothing of it is at any Slack."""

import uuid
from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone

from livechat.actions.bulk import Rows
from livechat.models import ChatSession, Message, Site
from slackapp.models import ChatLink, Connection, Installation, Lane, MessageLink

AT_ONCE = 1000
LINK = ("chat_id", "connection_id", "installation_id", "channel_id", "root_ts", "lane_id")
COPY = ("message_id", "installation_id", "channel_id", "ts", "from_slack")


def connect(sites: list[Site]) -> list[Connection]:
    """Each site that is not connected yet with a channel of its own, in one team."""
    installation = Installation.objects.create(
        slack_team_id=f"TLOAD{uuid.uuid4().hex[:8].upper()}", app_id="ALOAD", installed_at=timezone.now()
    )
    return [
        Connection.unscoped.create(
            workspace_id=site.workspace_id,
            site=site,
            installation=installation,
            state=Connection.State.READY,
            channel_id=f"CLOAD{number}",
            channel_name=f"chats-{number}",
        )
        for number, site in enumerate(sites)
        if not Connection.unscoped.filter(site=site).exists()
    ]


def link(connections: list[Connection]) -> Iterator[int]:
    """Says after each block how many chats there are. Each block is a transaction."""
    rows = Rows(Lane, ("key",)), Rows(ChatLink, LINK), Rows(MessageLink, COPY)
    written = 0
    for connection in connections:
        chats = ChatSession.objects.in_workspace(connection.workspace).filter(site=connection.site_id)
        keys = list(chats.filter(slack_link=None).values_list("pk", flat=True))
        for begin in range(0, len(keys), AT_ONCE):
            with transaction.atomic():
                _link(connection, keys[begin : begin + AT_ONCE], written, *rows)
            written += len(keys[begin : begin + AT_ONCE])
            yield written


def _link(
    connection: Connection, keys: list[uuid.UUID], written: int, lanes: Rows, links: Rows, copies: Rows
) -> None:
    lanes.write([f"out:{key}"] for key in keys)
    known = dict(Lane.objects.filter(key__in=[f"out:{key}" for key in keys]).values_list("key", "pk"))
    installation, channel = str(connection.installation_id).replace("-", ""), connection.channel_id
    links.write(
        [key.hex, connection.pk.hex, installation, channel, f"{written + place}.0", known[f"out:{key}"]]
        for place, key in enumerate(keys)
    )
    said = Message.objects.in_workspace(connection.workspace).filter(chat__in=keys)
    lines = said.order_by("chat", "created_at").values_list("pk", "author_kind")
    copies.write(
        [pk.hex, installation, channel, f"{written}.{place + 1:06}", kind == Message.Author.AGENT]
        for place, (pk, kind) in enumerate(lines)
    )
