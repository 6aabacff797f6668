"""The console's *Assign*: a colleague has the chat from now on."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.access import agent_for, agent_of
from accounts.errors import Refused
from accounts.gate import MemberRequest
from accounts.views.shared import console_view
from livechat import queries
from livechat.access import chat_for
from livechat.actions import assigning

CANNOT = "Choose a colleague who answers visitors. Nothing was changed."


@console_view("chats.assign", "POST")
def chat_assign(request: MemberRequest, chat_id: uuid.UUID) -> HttpResponse:
    found = chat_for(request.member, chat_id)
    to, by = agent_for(request.member, request.POST.get("agent")), agent_of(request.member)
    if not queries.assignable(request.member.workspace).filter(pk=to.pk).exists():
        messages.error(request, CANNOT)
        return redirect("chat", chat_id)
    try:
        if assigning.assign(found.id, to, by, request.member.user, _seen(request)):
            messages.success(request, f"{to} has this chat now.")
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return redirect("chat", chat_id)


def _seen(request: MemberRequest) -> uuid.UUID | None:
    """Who had the chat when the page was made."""
    try:
        return uuid.UUID(request.POST.get("seen", ""))
    except ValueError:
        return None
