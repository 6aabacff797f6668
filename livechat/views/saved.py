"""Saved replies: the list, one of them with its preview, and what a chat's reply box offers."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access import agent_of
from accounts.errors import NotFound, Refused
from accounts.gate import MemberRequest
from accounts.permissions import may
from accounts.views.shared import console_view
from livechat import queries, saved_choice, segments
from livechat.access import chat_for, saved_reply_for
from livechat.actions import saved as actions
from livechat.inside import is_note
from livechat.models import ChatSession, SavedReply, Site
from livechat.saved import MAX_SAVED
from livechat.saved_forms import SavedReplyForm, values_of
from livechat.variables import VARIABLES, Facts, filled_in

PREVIEWS = 20


@console_view("replies.read")
def replies(request: MemberRequest) -> HttpResponse:
    words = request.GET.get("q", "")[:200]
    context = {
        "replies": saved_choice.of_workspace(request.member.workspace, words),
        "words": words,
        "may_edit": may(request.member, "replies.edit"),
        "deleted": _deleted(request),
    }
    return render(request, "console/replies.html", context)


def _deleted(request: MemberRequest) -> SavedReply | None:
    """The one that was deleted a moment ago, for the undo beside it."""
    try:
        found = saved_reply_for(request.member, request.GET.get("deleted", ""))
    except NotFound:
        return None
    return found if found.deleted_at else None


@console_view("replies.edit", "GET", "HEAD", "POST")
def reply_new(request: MemberRequest) -> HttpResponse:
    form = _form(request, None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form, None)
    return _write(request, form, None)


@console_view("replies.read", "GET", "HEAD")
def reply(request: MemberRequest, reply_id: uuid.UUID) -> HttpResponse:
    found = _in_use(request, reply_id)
    return _page(request, _form(request, found), found)


@console_view("replies.edit", "POST")
def reply_change(request: MemberRequest, reply_id: uuid.UUID) -> HttpResponse:
    found = saved_reply_for(request.member, reply_id)
    form = _form(request, found)
    return _write(request, form, found) if form.is_valid() else _page(request, form, found)


@console_view("replies.edit", "POST")
def reply_delete(request: MemberRequest, reply_id: uuid.UUID) -> HttpResponse:
    found = saved_reply_for(request.member, reply_id)
    actions.delete_saved_reply(request.member, found)
    return redirect(f"{reverse('replies')}?deleted={found.pk}")


@console_view("replies.edit", "POST")
def reply_restore(request: MemberRequest, reply_id: uuid.UUID) -> HttpResponse:
    found = saved_reply_for(request.member, reply_id)
    try:
        actions.restore_saved_reply(request.member, found)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("replies")
    messages.success(request, f"{found} is back.")
    return redirect("replies")


@console_view("replies.read", "POST")
def reply_preview(request: MemberRequest) -> HttpResponse:
    """How the text reads in a chat of the member's workspace; nothing is kept."""
    text, problem = "", ""
    try:
        found = chat_for(request.member, request.POST.get("chat", ""))
        text = filled_in(request.POST.get("body", "")[:MAX_SAVED], Facts(found, agent_of(request.member)))
    except Refused as refusal:
        problem = refusal.sentence
    context = {"shown": segments.from_text(text.strip()), "is_note": is_note(text), "problem": problem}
    return render(request, "console/replies/preview.html", context)


@console_view("chats.reply")
def chat_replies(request: MemberRequest, chat_id: uuid.UUID) -> JsonResponse:
    """For the reply box: every reply of this chat with its names filled in."""
    found = chat_for(request.member, chat_id)
    return JsonResponse(
        {"replies": [one for row in saved_choice.for_chat(found) if (one := _offer(request, found, row))]}
    )


def _offer(request: MemberRequest, chat: ChatSession, row: SavedReply) -> dict[str, str] | None:
    try:
        body = saved_choice.spoken(chat, agent_of(request.member), row)
    except Refused:
        return None  # in this chat it would be longer than a message may be
    return {"name": row.name, "title": row.title, "body": body}


def _in_use(request: MemberRequest, reply_id: uuid.UUID) -> SavedReply:
    found = saved_reply_for(request.member, reply_id)
    if found.deleted_at is not None:
        raise NotFound("This saved reply is deleted. You find the others under Replies.")
    return found


def _form(request: MemberRequest, found: SavedReply | None) -> SavedReplyForm:
    # one that was removed stays chosen where it is, and is offered to nobody else
    offered = Q(removed_at=None) | Q(pk=found.site_id if found else None)
    sites = Site.objects.in_workspace(request.member.workspace).filter(offered).order_by("name")
    data = request.POST if request.method == "POST" else None
    return SavedReplyForm(sites, data, initial=values_of(found) if found else None)


def _write(request: MemberRequest, form: SavedReplyForm, found: SavedReply | None) -> HttpResponse:
    try:
        if found is None:
            kept = actions.create_saved_reply(request.member, form.draft())
        else:
            kept = actions.change_saved_reply(request.member, found, form.draft())
    except Refused as refusal:
        form.add_error("name" if refusal.code == "taken" else None, refusal.sentence)
        return _page(request, form, found)
    messages.success(request, f"{kept} is saved. Type it in a reply, here or in Slack.")
    return redirect("replies")


def _page(request: MemberRequest, form: SavedReplyForm, found: SavedReply | None) -> HttpResponse:
    context: dict[str, Any] = {
        "several_sites": form.sites > 1 or (found is not None and found.site_id is not None),
        "form": form,
        "reply": found,
        "variables": VARIABLES,
        "chats": queries.newest_chats(request.member.workspace, PREVIEWS),
        "may_edit": may(request.member, "replies.edit"),
    }
    return render(request, "console/reply.html", context, status=422 if form.errors else 200)
