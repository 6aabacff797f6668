"""What somebody in Slack may see of what their links lead to.

Everybody in the conversation reads a preview, so it is the poster's rights that count, here and now: a link of another
workspace, of nothing, and of something they may not see are the same.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from accounts.access import members_of
from accounts.errors import NotFound
from accounts.models import Member
from accounts.permissions import may
from livechat.access import chat_for, site_for
from livechat.models import ChatSession, Message
from slackapp.models import Connection, Installation, LinkPreview, MessageLink, SlackIdentity
from slackapp.previews import addresses, cards
from slackapp.previews.addresses import Address, Kind


@dataclass(frozen=True, slots=True)
class Shown:
    """One link's preview. `chat`: whose visitor it speaks of; `message_id`: whose words it shows."""

    unfurl: dict[str, Any]
    chat: ChatSession | None = None
    message_id: uuid.UUID | None = None


def members_here(installation: Installation, team_id: str, user_id: str) -> list[Member] | None:
    """As whom this person may look, in the workspaces that are answered from this Slack; None for somebody unlinked."""
    linked = SlackIdentity.objects.select_related("user").filter(
        slack_team_id=team_id, slack_user_id=user_id, user__isnull=False
    )
    identity = linked.first()
    if identity is None or identity.user is None:
        return None
    if not identity.user.is_active:
        return []
    return [member for member in members_of(identity.user) if _is_answered_from(installation, member)]


def _is_answered_from(installation: Installation, member: Member) -> bool:
    used = Connection.objects.in_workspace(member.workspace).filter(installation=installation)
    return used.exclude(state=Connection.State.DISCONNECTED).exists()


def shown(preview: LinkPreview, members: list[Member]) -> dict[str, Shown]:
    """By address, for those of the message's links that the poster may see."""
    found = {}
    for url in preview.urls:
        address = addresses.read(url)
        one = _first(preview, members, address) if address is not None else None
        if one is not None:
            found[url] = one
    return found


def _first(preview: LinkPreview, members: list[Member], address: Address) -> Shown | None:
    for member in members:
        try:
            return _LOOKS[address.kind](preview, member, address)
        except NotFound:
            continue
    return None


def _chat(preview: LinkPreview, member: Member, address: Address) -> Shown:
    _must(member, "chats.read")
    chat = chat_for(member, address.id)
    message = _message(chat, address.message_id)
    if message is None:
        return Shown(cards.chat(chat), chat)
    if message.is_note and not _stands_here(preview, message):
        return Shown(cards.chat(chat, note=True), chat)
    return Shown(cards.chat(chat, message), chat, message.pk)


def _message(chat: ChatSession, message_id: uuid.UUID | None) -> Message | None:
    """Of this chat, and not withdrawn."""
    if message_id is None:
        return None
    return chat.messages.select_related("agent").filter(pk=message_id, deleted_at=None).first()


def _stands_here(preview: LinkPreview, note: Message) -> bool:
    """A note is shown only where it was written: whoever is in that channel can read it there already."""
    copies = MessageLink.objects.filter(message=note, installation=preview.installation_id, from_slack=True)
    return copies.filter(channel_id=preview.channel_id).exists()


def _site(preview: LinkPreview, member: Member, address: Address) -> Shown:
    _must(member, "sites.read")
    return Shown(cards.site(site_for(member, address.id)))


def _reports(preview: LinkPreview, member: Member, address: Address) -> Shown:
    """The address names no workspace: it is the poster's first that is answered from here."""
    _must(member, "chats.read")
    return Shown(cards.reports(member.workspace))


def _must(member: Member, permission: str) -> None:
    if not may(member, permission):
        raise NotFound


_LOOKS = {Kind.CHAT: _chat, Kind.SITE: _site, Kind.REPORTS: _reports}
