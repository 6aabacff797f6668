"""Chats and messages as the frames of protocol 1. Pure renderings of rows; nothing here reads or writes."""

from datetime import UTC, datetime
from typing import Any

from accounts.models import Agent
from livechat.models import ChatSession, Message, Site


def moment(value: datetime | None) -> str | None:
    """ISO 8601, UTC, milliseconds."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def agent_face(agent: Agent | None, site: Site) -> dict[str, Any]:
    """Somebody unknown appears under the company's name, never under somebody else's."""
    if agent is None:
        return {"kind": "agent", "id": None, "name": site.name, "avatar_url": None, "title": None}
    return {
        "kind": "agent",
        "id": str(agent.id),
        "name": agent.name or site.name,
        "avatar_url": agent.avatar_url or None,
        "title": agent.title or None,
    }


def author(message: Message, site: Site) -> dict[str, Any]:
    if message.author_kind == Message.Author.AGENT:
        return agent_face(message.agent, site)
    name = site.name if message.author_kind in (Message.Author.BOT, Message.Author.SYSTEM) else None
    return {"kind": message.author_kind, "id": None, "name": name, "avatar_url": None, "title": None}


def message_state(message: Message, site: Site) -> dict[str, Any]:
    """The latest state; needs `message.agent` loaded. A deleted message keeps its place and loses its words."""
    gone = message.deleted_at is not None
    return {
        "id": str(message.id),
        "seq": message.seq,
        "author": author(message, site),
        "body": "" if gone else message.body,
        "segments": [] if gone else message.segments,
        "attachments": [],
        "created_at": moment(message.created_at),
        "edited_at": moment(message.edited_at),
        "deleted": gone,
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
