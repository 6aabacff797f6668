"""Chats as files: one transcript in plain words or as JSON, and a list of chats as rows of a table."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from accounts.models import Member
from livechat import transcript_mails
from livechat.chat_lists import Choice, chats_in
from livechat.models import ChatSession, ChatTag, Message
from livechat.transcripts import moment

COLUMNS = (
    "Chat", "Site", "Visitor", "Status", "Agent", "Tags", "Started", "Last line", "Closed", "Lines", "Page",
    "Department", "Language", "Time zone",
)  # fmt: skip
AT_ONCE = 500


def tag_names(chat: ChatSession) -> list[str]:
    found = ChatTag.objects.in_workspace(chat.site.workspace).filter(chat=chat, tag__deleted_at=None)
    return list(found.order_by("pk").values_list("tag__name", flat=True))


def as_text(chat: ChatSession) -> str:
    """What the visitor saw, and no note: it may be sent on."""
    tags = tag_names(chat)
    return transcript_mails.words(chat) + (f"Tags: {', '.join(tags)}\n" if tags else "")


def as_data(chat: ChatSession) -> dict[str, Any]:
    """All that the team sees, notes included; moments in UTC."""
    lines = chat.messages.select_related("agent").prefetch_related("attachments")
    return {
        "chat": {
            "id": str(chat.pk),
            "site": chat.site.name,
            "visitor": {
                "id": str(chat.visitor_id),
                "name": chat.visitor.display_name,
                "email": chat.visitor.email,
                "answers": chat.visitor.answers,
            },
            "rating": {"stars": chat.rating, "comment": chat.rating_comment},
            "status": chat.status,
            "agent": str(chat.agent) if chat.agent else None,
            "tags": tag_names(chat),
            "started_at": moment(chat.started_at),
            "closed_at": moment(chat.closed_at),
            "page": {"url": chat.page_url, "title": chat.page_title, "referrer": chat.referrer},
            "department": chat.department,
            "locale": chat.locale,
            "timezone": chat.timezone,
        },
        "messages": [_line(chat, line) for line in lines.order_by("created_at", "seq", "pk")],
    }


def _line(chat: ChatSession, line: Message) -> dict[str, Any]:
    gone = line.deleted_at is not None
    names = {Message.Author.VISITOR.value: chat.visitor.display_name}
    return {
        "id": str(line.pk),
        "seq": line.seq,
        "author": line.author_kind,
        "name": str(line.agent) if line.agent else names.get(line.author_kind, chat.site.name),
        "note": line.is_note,
        "body": "" if gone else line.body,
        "files": [] if gone else [file.name for file in line.attachments.all()],
        "created_at": moment(line.created_at),
        "edited_at": moment(line.edited_at),
        "deleted_at": moment(line.deleted_at),
    }


def rows(member: Member, choice: Choice) -> Iterator[Sequence[Any]]:
    """The heading and a row for each chat, read as it is written; moments on the reader's clock."""
    chats, zone = _chats(member, choice), timezone.get_current_timezone()

    def local(at: datetime | None) -> str:
        return at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if at else ""

    def read() -> Iterator[Sequence[Any]]:
        yield COLUMNS
        for chat in chats.iterator(chunk_size=AT_ONCE):
            moments = (local(chat.started_at), local(chat.last_message_at), local(chat.closed_at))
            tags = ", ".join(one.tag.name for one in chat.tagged.all())
            agent = str(chat.agent) if chat.agent else ""
            who = (chat.site.name, chat.visitor.display_name, chat.status, agent, tags)
            where = (chat.page_url, chat.department, chat.locale, chat.timezone)
            yield (str(chat.pk), *who, *moments, chat.last_seq, *where)

    return read()


def _chats(member: Member, choice: Choice) -> QuerySet[ChatSession]:
    tags = ChatTag.objects.in_workspace(member.workspace).filter(tag__deleted_at=None).select_related("tag")
    found = chats_in(member, choice).select_related("site", "visitor", "agent")
    return found.prefetch_related(Prefetch("tagged", tags.order_by("pk"))).order_by("-last_message_at", "-pk")
