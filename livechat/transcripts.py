"""Chats and messages as the frames of protocol 1. Pure renderings of rows; nothing here reads or writes."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from accounts.models import Agent
from livechat.files.links import For, Part, link
from livechat.models import Attachment, ChatSession, Message, Site, Visitor
from livechat.person import Person
from livechat.segments import Segment


def moment(value: datetime | None) -> str | None:
    """ISO 8601, UTC, milliseconds."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def picture_url(key: str) -> str | None:
    """Pictures from elsewhere are shown from here: a visitor's browser speaks to nobody else."""
    return f"{settings.FILES_URL}/pictures/{key}.webp" if key else None


def shown(segments: list[Segment]) -> list[Segment]:
    """Segments as browsers get them: a picture's key becomes its address."""
    return [_shown(segment) for segment in segments]


def _shown(segment: Segment) -> Segment:
    if "picture" in segment:
        kept = {name: value for name, value in segment.items() if name != "picture"}
        return {**kept, "url": picture_url(str(segment["picture"]))}
    if segment.get("items") and segment["type"] == "quote":
        return {**segment, "items": shown(segment["items"])}
    if segment.get("items"):
        return {**segment, "items": [shown(item) for item in segment["items"]]}
    return segment


def agent_face(agent: Agent | None, site: Site) -> dict[str, Any]:
    """Somebody unknown appears under the company's name, never under somebody else's."""
    if agent is None:
        return {"kind": "agent", "id": None, "name": site.name, "avatar_url": None, "title": None}
    return {
        "kind": "agent",
        "id": str(agent.id),
        "name": agent.public_name or site.name,
        "avatar_url": picture_url(agent.public_picture),
        "title": agent.public_title or None,
    }


def author(message: Message, site: Site) -> dict[str, Any]:
    if message.author_kind == Message.Author.AGENT:
        return agent_face(message.agent, site)
    name = site.name if message.author_kind in (Message.Author.BOT, Message.Author.SYSTEM) else None
    return {"kind": message.author_kind, "id": None, "name": name, "avatar_url": None, "title": None}


def message_state(message: Message, site: Site) -> dict[str, Any]:
    """The latest state; needs `message.agent` and `message.files` loaded.

    A deleted message keeps its place and loses its words and files.
    """
    gone = message.deleted_at is not None
    return {
        "id": str(message.id),
        "seq": message.seq,
        "author": author(message, site),
        "body": "" if gone else message.body,
        "segments": [] if gone else shown(message.segments),
        "attachments": [] if gone else [attachment_state(file) for file in message.files],
        "created_at": moment(message.created_at),
        "edited_at": moment(message.edited_at),
        "deleted": gone,
    }


def attachment_state(file: Attachment) -> dict[str, Any]:
    """Addresses only once there is something to fetch; they are good for ten minutes at least."""
    whole = link(file.site_id, file.pk, file.name, For.VISITOR) if file.is_ready else None
    small = (
        link(file.site_id, file.pk, file.name, For.VISITOR, Part.THUMBNAIL) if file.thumbnail_key else None
    )
    return {
        "id": str(file.pk),
        "name": file.name,
        "size": file.size,
        "content_type": file.content_type,
        "url": whole,
        "thumbnail_url": small,
        "width": file.width,
        "height": file.height,
        "state": file.state,
    }


def message_frame(message: Message, site: Site) -> dict[str, Any]:
    return {
        "type": "message",
        "chat": str(message.chat_id),
        "rev": message.rev,
        "message": message_state(message, site),
    }


def chat_state(chat: ChatSession, site: Site) -> dict[str, Any]:
    return {
        "id": str(chat.id),
        "status": chat.status,
        "agent": agent_face(chat.agent, site) if chat.agent_id else None,
        "delivered_seq": chat.delivered_seq,
        "seen_seq": chat.agent_seen_seq,
        "visitor_seen_seq": chat.visitor_seen_seq,
        "rating": chat.rating,
    }


def visitor_state(visitor: Visitor | None, person: Person | None = None) -> dict[str, bool]:
    """What is known of them, so that it is not asked twice; never the answers themselves.

    `person`: whom the website names, who may have no row yet.
    """
    return {
        "answered": visitor is not None and visitor.answered_at is not None,
        "consented": visitor is not None and visitor.consented_at is not None,
        "email": bool(visitor and visitor.email) or bool(person and person.email),
    }


def chat_frame(chat: ChatSession, site: Site) -> dict[str, Any]:
    return {"type": "chat", "chat": chat_state(chat, site)}


def ack_frame(message: Message) -> dict[str, Any]:
    return {
        "type": "ack",
        "chat": str(message.chat_id),
        "client_message_id": str(message.client_message_id),
        "id": str(message.id),
        "seq": message.seq,
        "rev": message.rev,
        "created_at": moment(message.created_at),
    }
