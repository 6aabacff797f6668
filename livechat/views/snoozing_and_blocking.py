"""A chat put out of sight for a while, and a visitor blocked: the console's buttons for both."""

import uuid
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.access import agent_of
from accounts.errors import Refused
from accounts.gate import MemberRequest
from accounts.views.shared import console_view
from livechat import snooze
from livechat.access import chat_for
from livechat.actions import blocking, snoozing
from livechat.forms import SnoozeForm
from livechat.models import Site


@console_view("chats.snooze", "POST")
def chat_snooze(request: MemberRequest, chat_id: uuid.UUID) -> HttpResponse:
    found = chat_for(request.member, chat_id)
    try:
        until = _until(request, found.site)
        snoozing.snooze(found.id, agent_of(request.member), until)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return redirect("chat", chat_id)


def _until(request: MemberRequest, site: Site) -> datetime:
    """One of the usual moments, or the one that was chosen, on the reader's clock."""
    if key := request.POST.get("for", ""):
        return snooze.usual(site, key, timezone.get_current_timezone())
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        raise Refused("bad_form", form.problem())
    return snooze.checked(form.cleaned_data["until"])


@console_view("chats.snooze", "POST")
def chat_wake(request: MemberRequest, chat_id: uuid.UUID) -> HttpResponse:
    snoozing.wake(chat_for(request.member, chat_id).id)
    return redirect("chat", chat_id)


@console_view("chats.block", "POST")
def chat_block(request: MemberRequest, chat_id: uuid.UUID) -> HttpResponse:
    found = chat_for(request.member, chat_id)
    if not blocking.block(found.id, agent_of(request.member)):
        messages.info(request, "This visitor is blocked already.")
    return redirect("chat", chat_id)


@console_view("chats.block", "POST")
def chat_unblock(request: MemberRequest, chat_id: uuid.UUID) -> HttpResponse:
    if blocking.unblock(chat_for(request.member, chat_id).id, agent_of(request.member)):
        messages.success(request, "The visitor can write again.")
    return redirect("chat", chat_id)
