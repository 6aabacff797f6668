"""C5: one of the people of a workspace: their role, whether they stay, and who owns it."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.access import colleague_for
from accounts.actions import members as actions
from accounts.errors import Refused
from accounts.forms import RoleForm
from accounts.gate import MemberRequest, recently_proved
from accounts.models import Role
from accounts.permissions import ROLE_WORDS, may_manage, roles_to_give
from accounts.views.shared import console_view, sentence_of

WORDS = {"remove": "remove", "transfer": "transfer", "leave": "leave"}


@console_view("members.edit")
def member(request: MemberRequest, member_id: uuid.UUID) -> HttpResponse:
    return _page(request, member_id, None)


def _page(request: MemberRequest, member_id: uuid.UUID, form: RoleForm | None) -> HttpResponse:
    found = colleague_for(request.member, member_id)
    may_change = may_manage(request.member, found)
    roles = roles_to_give(request.member) if may_change else []
    context = {
        "found": found,
        "form": form or RoleForm(roles=roles, role=found.role),
        "role_words": ROLE_WORDS,
        "may_change": may_change,
        "is_me": found.pk == request.member.pk,
        "may_transfer": request.member.role == Role.OWNER and found.pk != request.member.pk,
        "words": WORDS,
    }
    return render(request, "console/team/member.html", context, status=422 if form is not None else 200)


@console_view("members.edit", "POST")
@recently_proved
def member_role(request: MemberRequest, member_id: uuid.UUID) -> HttpResponse:
    found = colleague_for(request.member, member_id)
    form = RoleForm(request.POST, roles=list(Role), role=found.role)
    if not form.is_valid():
        return _page(request, member_id, form)
    role = Role(form.cleaned_data["role"])
    try:
        actions.change_role(request.member, found, role)
        messages.success(request, f"{found.user} is {role.label.lower()} now.")
    except Refused as refusal:
        messages.error(request, sentence_of(request, refusal))
    return redirect("team")


@console_view("members.edit", "POST")
@recently_proved
def member_remove(request: MemberRequest, member_id: uuid.UUID) -> HttpResponse:
    found = colleague_for(request.member, member_id)
    if not _confirmed(request, "remove"):
        return redirect("member", found.pk)
    try:
        actions.take_out(request.member, found)
        messages.success(request, f"{found.user} is out of the team. Their open chats are free.")
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return redirect("team")


@console_view("members.transfer", "POST")
@recently_proved
def member_transfer(request: MemberRequest, member_id: uuid.UUID) -> HttpResponse:
    found = colleague_for(request.member, member_id)
    if not _confirmed(request, "transfer"):
        return redirect("member", found.pk)
    try:
        actions.transfer(request.member, found)
        messages.success(request, f"{found.user} owns {request.member.workspace} now. You are an admin.")
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return redirect("team")


@console_view("members.read", "GET", "POST")
def team_leave(request: MemberRequest) -> HttpResponse:
    if request.method != "POST" or not _confirmed(request, "leave"):
        return render(request, "console/team/leave.html", {"word": WORDS["leave"]})
    try:
        actions.take_out(request.member, request.member)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("team")
    messages.success(request, f"You have left {request.member.workspace}.")
    return redirect("chats")


def _confirmed(request: MemberRequest, kind: str) -> bool:
    if request.POST.get("word", "").strip().lower() == WORDS[kind]:
        return True
    messages.error(request, f"Type {WORDS[kind]} to confirm. Nothing was changed.")
    return False
