"""Search: the page, and further answers of it."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.gate import MemberRequest
from accounts.views.shared import console_view
from livechat.models import ChatSession, Message
from livechat.search.finding import Hit, Search, chats_of
from livechat.search.language import LONGEST, Query, read
from livechat.search.snippets import Part, snippet


@dataclass(frozen=True, slots=True)
class Line:
    message: Message
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class Found:
    """A chat as the page shows it. Without lines its visitor's name or page is the answer."""

    chat: ChatSession
    name: list[Part]
    page: list[Part]
    lines: list[Line]


@console_view("chats.read")
def search(request: MemberRequest) -> HttpResponse:
    typed = request.GET.get("q", "").replace("\0", "")[:LONGEST]
    query = read(typed, timezone.get_current_timezone())
    looked = Search(request.member.workspace, query)
    answer = looked.page(_place(request.GET.get("further", "")))
    context: dict[str, Any] = {
        "typed": typed,
        "query": query,
        "named": _shown(request, query, answer.named),
        "found": _shown(request, query, answer.hits),
        "answer": answer,
        "hopeless": looked.hopeless,
    }
    fragment = request.htmx and "further" in request.GET
    return render(request, "console/search/more.html" if fragment else "console/search.html", context)


def _place(typed: str) -> int | None:
    """Whatever is no place of the index begins at the top."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 18 else None


def _shown(request: MemberRequest, query: Query, hits: list[Hit]) -> list[Found]:
    workspace = request.member.workspace
    chats = chats_of(workspace, hits)
    wanted = [pk for hit in hits for pk in hit.messages]
    messages = (
        Message.objects.in_workspace(workspace).select_related("agent").in_bulk(wanted) if wanted else {}
    )
    return [_found(chats[hit.chat_id], query, _of(hit, messages)) for hit in hits if hit.chat_id in chats]


def _of(hit: Hit, messages: dict[uuid.UUID, Message]) -> list[Message]:
    return [messages[pk] for pk in hit.messages if pk in messages]


def _found(chat: ChatSession, query: Query, messages: list[Message]) -> Found:
    lines = [Line(message, snippet(" ".join(message.body.split()), query)) for message in messages]
    return Found(chat, snippet(chat.visitor.display_name, query), snippet(chat.page_title, query), lines)
