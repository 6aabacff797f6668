"""Chats: a transcript, the reply, the close."""

import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from accounts.access import agent_of
from accounts.errors import NotFound, Refused
from accounts.gate import MemberRequest
from accounts.permissions import may
from accounts.views.shared import console_view, say_no
from livechat import queries, saved_choice, snooze, visitor_facts
from livechat.access import chat_for, uploads_of_member
from livechat.actions.messages import post_agent_message, post_note
from livechat.chat_lists import tab_of
from livechat.forms import ReplyForm
from livechat.inside import is_note
from livechat.models import ChatSession
from livechat.views.chat_list import choice_of, is_small, list_context
from livechat.views.tags import tags_of

REPLY_ERROR = "#reply-error"


@console_view("chats.read")
def chat(request: MemberRequest, chat_id: uuid.UUID) -> HttpResponse:
    found = chat_for(request.member, chat_id)
    if request.htmx:
        context = _chat_context(request, found) | {"choice": choice_of(request, found)}
        return render(request, "console/chats/detail_fragment.html", context)
    context = list_context(request, found) | _chat_context(request, found)
    return render(request, "console/chats.html", context)


@console_view("chats.read")
def chat_lines(request: MemberRequest, chat_id: uuid.UUID) -> HttpResponse:
    try:
        found = chat_for(request.member, chat_id)
    except NotFound:
        if not request.htmx:
            raise
        messages.info(request, "That chat is no longer here.")
        return HttpResponseClientRedirect(reverse("chats"))
    return show_lines(request, found)


@console_view("chats.read")
def chat_earlier(request: MemberRequest, chat_id: uuid.UUID) -> HttpResponse:
    """The lines before `?before=`, for a page that shows what follows."""
    found = chat_for(request.member, chat_id)
    return render(request, "console/chats/earlier.html", _chat_context(request, found))


@console_view("chats.reply", "POST")
def chat_reply(request: MemberRequest, chat_id: uuid.UUID) -> HttpResponse:
    found = chat_for(request.member, chat_id)
    form = ReplyForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused("bad_form", form.problem())
        _post(request, found, form.cleaned_data, form.files_sent)
    except Refused as refusal:
        if request.htmx:
            return say_no(request, refusal, REPLY_ERROR)
        messages.error(request, refusal.sentence)
    return (
        show_lines(request, chat_for(request.member, chat_id)) if request.htmx else redirect("chat", chat_id)
    )


def _post(request: MemberRequest, found: ChatSession, data: dict[str, Any], file_ids: list[str]) -> None:
    agent = agent_of(request.member)
    body = saved_choice.expanded(found, agent, data["body"]) or data["body"]
    post = post_note if data["kind"] == "note" or is_note(body) else post_agent_message
    key = data["client_message_id"]
    # who sends again sends files that are gone already: they went with the first
    repeated = key and found.messages.filter(client_message_id=key).exists()
    files = [] if repeated else uploads_of_member(request.member, found.site_id, file_ids)
    post(found.id, agent, body, client_message_id=key, files=files)


def show_lines(request: MemberRequest, found: ChatSession) -> HttpResponse:
    """The transcript as it is now, for htmx."""
    return render(request, "console/chats/lines_fragment.html", _chat_context(request, found))


def _chat_context(request: MemberRequest, found: ChatSession) -> dict[str, Any]:
    before = _before(request, found)
    return {
        "chat": found,
        "window": queries.window(found, before, _since(request)),
        "about_visitor": lambda: visitor_facts.about(found),
        "before": before,
        "may_reply": may(request.member, "chats.reply"),
        "chat_tags": tags_of(found),
        "may_tag": may(request.member, "chats.tag"),
        "may_mail": may(request.member, "chats.mail"),
        "may_export": may(request.member, "chats.export"),
        "may_block": may(request.member, "chats.block"),
        **_snoozing(found),
        # read only where the page offers it
        "assignable": queries.assignable(request.member.workspace),
        "may_erase": may(request.member, "visitors.erase"),
        "may_replay": may(request.member, "deliveries.replay"),
        "may_audit": may(request.member, "chats.audit"),
        "member_id": request.member.pk,
        "client_message_id": uuid.uuid4(),
    }


def _snoozing(found: ChatSession) -> dict[str, Any]:
    now = timezone.now()
    return {
        "tab": tab_of(found),
        "snooze_choices": snooze.choices(found.site, timezone.get_current_timezone(), now),
        "snooze_now": now,
        "snooze_from": now + timedelta(hours=1),
    }


def _since(request: MemberRequest) -> int | None:
    """`?from=<seq>`: where the lines of a page begin that holds older ones, too."""
    number = request.GET.get("from") or request.POST.get("from") or ""
    return int(number) if is_small(number) else None


def _before(request: MemberRequest, found: ChatSession) -> int | None:
    """`?before=<seq>` continues upwards, `?at=<message id>` opens the window around a linked message."""
    if is_small(number := request.GET.get("before", "")):
        return int(number)
    try:
        return queries.before_of(found, uuid.UUID(request.GET["at"])) if "at" in request.GET else None
    except ValueError:
        return None
