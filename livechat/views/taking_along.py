"""Taking chats along: a transcript as text or JSON, the chats of a list as a table."""

import uuid
from typing import cast

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts import sheets
from accounts.actions import audit
from accounts.errors import Refused
from accounts.gate import MemberRequest, recently_proved
from accounts.views.shared import console_view
from livechat import taking_along
from livechat.access import chat_for
from livechat.actions import mailing
from livechat.models import ChatSession
from livechat.views.chat_list import choice_of


@console_view("chats.export")
def transcript_text(request: MemberRequest, chat_id: uuid.UUID) -> HttpResponse:
    found = _taken_along(request, chat_id)
    text = HttpResponse(taking_along.as_text(found), content_type="text/plain; charset=utf-8")
    return _named(text, f"chat-{found.pk}.txt")


@console_view("chats.export")
def transcript_data(request: MemberRequest, chat_id: uuid.UUID) -> HttpResponse:
    found = _taken_along(request, chat_id)
    data = JsonResponse(taking_along.as_data(found), json_dumps_params={"ensure_ascii": False, "indent": 1})
    return _named(data, f"chat-{found.pk}.json")


@console_view("chats.mail", "POST")
def transcript_mail(request: MemberRequest, chat_id: uuid.UUID) -> HttpResponse:
    """To the visitor, at the address that is known of them."""
    found = chat_for(request.member, chat_id)
    try:
        with transaction.atomic():
            mailing.ask(found, found.visitor.email, request.member)
        messages.success(request, f"The transcript is on its way to {found.visitor.email}.")
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return redirect("chat", chat_id)


def _taken_along(request: MemberRequest, chat_id: uuid.UUID) -> ChatSession:
    found = chat_for(request.member, chat_id)
    audit(request.member.workspace, request.member.user, "chat.transcript_taken", f"chat:{found.pk}")
    return found


@console_view("chats.export", "POST")
@recently_proved
def chats_sheet(request: MemberRequest) -> HttpResponse:
    """The chats of the choice in the address, as many as there are."""
    workspace = request.member.workspace
    audit(workspace, request.member.user, "chat.list_exported", f"workspace:{workspace.pk}")
    rows = taking_along.rows(request.member, choice_of(request))
    return cast("HttpResponse", sheets.download(f"chats-{timezone.localdate().isoformat()}.csv", rows))


def _named(response: HttpResponse, name: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
