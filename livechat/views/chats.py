"""Chats: the list, a transcript, the reply, the close."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.access import agent_of
from accounts.errors import Refused
from accounts.permissions import may
from accounts.views_support import MemberRequest
from livechat import queries
from livechat.access import chat_for
from livechat.actions.chats import close_chat
from livechat.actions.messages import post_agent_message
from livechat.forms import ReplyForm
from livechat.models import ChatSession
from livechat.views.support import console_view, say_no

REPLY_ERROR = "#reply-error"


@console_view("chats.read")
def console_home(request: MemberRequest) -> HttpResponse:
    return redirect("chats")


@console_view("chats.read")
def chats(request: MemberRequest) -> HttpResponse:
    return render(request, "console/chats.html", _list_context(request) | _setup(request))


@console_view("chats.read")
def chat_list(request: MemberRequest) -> HttpResponse:
    return render(request, "console/chats/list_fragment.html", _list_context(request))


@console_view("chats.read")
def chat_setup(request: MemberRequest) -> HttpResponse:
    """The first-run checklist: asked for again while anything is open."""
    return render(request, "console/chats/setup.html", _setup(request))


@console_view("chats.read")
def chat(request: MemberRequest, chat_id: uuid.UUID) -> HttpResponse:
    found = chat_for(request.member, chat_id)
    context = _list_context(request, found) | _chat_context(request, found)
    return render(request, "console/chats.html", context)


@console_view("chats.read")
def chat_lines(request: MemberRequest, chat_id: uuid.UUID) -> HttpResponse:
    return _lines(request, chat_for(request.member, chat_id))


@console_view("chats.reply", "POST")
def chat_reply(request: MemberRequest, chat_id: uuid.UUID) -> HttpResponse:
    found = chat_for(request.member, chat_id)
    form = ReplyForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused("bad_form", form.problem())
        _post(request, found, form.cleaned_data)
    except Refused as refusal:
        if request.htmx:
            return say_no(request, refusal, REPLY_ERROR)
        messages.error(request, refusal.sentence)
    return _lines(request, chat_for(request.member, chat_id)) if request.htmx else redirect("chat", chat_id)


def _post(request: MemberRequest, found: ChatSession, data: dict[str, Any]) -> None:
    post_agent_message(
        found.id,
        agent_of(request.member),
        data["body"],
        client_message_id=data["client_message_id"],
    )


@console_view("chats.close", "POST")
def chat_close(request: MemberRequest, chat_id: uuid.UUID) -> HttpResponse:
    close_chat(chat_for(request.member, chat_id).id)
    messages.success(request, "The chat is closed. Writing to it opens it again.")
    return redirect("chat", chat_id)


def _lines(request: MemberRequest, found: ChatSession) -> HttpResponse:
    return render(request, "console/chats/lines_fragment.html", _chat_context(request, found))


def _list_context(request: MemberRequest, current: ChatSession | None = None) -> dict[str, Any]:
    wanted = request.GET.get("tab") or (current.status if current else "open")
    status = ChatSession.Status.CLOSED if wanted == "closed" else ChatSession.Status.OPEN
    number = request.GET.get("page", "1")
    page = queries.chat_page(request.member.workspace, status, int(number) if _small(number) else 1)
    return {"page": page, "current": current}


def _chat_context(request: MemberRequest, found: ChatSession) -> dict[str, Any]:
    before = _before(request, found)
    return {
        "chat": found,
        "window": queries.window(found, before),
        "before": before,
        "may_reply": may(request.member, "chats.reply"),
        "may_replay": may(request.member, "deliveries.replay"),
        "client_message_id": uuid.uuid4(),
    }


def _before(request: MemberRequest, found: ChatSession) -> int | None:
    """`?before=<seq>` continues upwards, `?at=<message id>` opens the window around a linked message."""
    if _small(number := request.GET.get("before", "")):
        return int(number)
    try:
        return queries.before_of(found, uuid.UUID(request.GET["at"])) if "at" in request.GET else None
    except ValueError:
        return None


def _small(number: str) -> bool:
    return number.isascii() and number.isdigit() and len(number) < 8


def _setup(request: MemberRequest) -> dict[str, Any]:
    setup = queries.setup_of(request.member.workspace)
    return {
        "setup": setup,
        "snippet": queries.snippet_of(setup.site) if setup.site else "",
        "may_connect": may(request.member, "slack.edit"),
    }
