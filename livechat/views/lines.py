"""A line of a transcript: its writer edits or deletes it."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.access import agent_of
from accounts.errors import NotFound, Refused
from accounts.gate import MemberRequest
from accounts.views.shared import console_view, say_no
from livechat.access import chat_for
from livechat.actions import changes
from livechat.forms import LineForm
from livechat.views.chats import REPLY_ERROR, show_lines


@console_view("chats.reply", "POST")
def line_edit(request: MemberRequest, chat_id: uuid.UUID, message_id: uuid.UUID) -> HttpResponse:
    form = LineForm(request.POST)

    def deed() -> None:
        if not form.is_valid():
            raise Refused("bad_form", form.problem())
        changes.edit_by_agent(chat_id, message_id, agent_of(request.member), form.cleaned_data["body"])

    return _change(request, chat_id, deed)


@console_view("chats.reply", "POST")
def line_delete(request: MemberRequest, chat_id: uuid.UUID, message_id: uuid.UUID) -> HttpResponse:
    return _change(
        request,
        chat_id,
        lambda: changes.withdraw_by_agent(chat_id, message_id, agent_of(request.member)),
    )


def _change(request: MemberRequest, chat_id: uuid.UUID, deed: Callable[[], Any]) -> HttpResponse:
    """Only in a chat of the member's workspace; a refusal is told where the person pressed."""
    chat_for(request.member, chat_id)
    try:
        deed()
    except NotFound:
        raise
    except Refused as refusal:
        if request.htmx:
            return say_no(request, refusal, REPLY_ERROR)
        messages.error(request, refusal.sentence)
    found = chat_for(request.member, chat_id)
    return show_lines(request, found) if request.htmx else redirect("chat", chat_id)
