"""A5: which of somebody's workspaces their pages are about, and beginning another."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts.access import members_of
from accounts.actions import create_workspace
from accounts.errors import NotFound, Refused
from accounts.forms import WorkspaceForm
from accounts.gate import MemberRequest, choose_workspace
from accounts.limits import hit
from accounts.models import User
from accounts.views.shared import console_view, too_many


@console_view("workspace.read")
def workspaces(request: MemberRequest) -> HttpResponse:
    context = {"mine": members_of(request.member.user), "form": WorkspaceForm()}
    return render(request, "console/workspaces.html", context)


@console_view("workspace.read")
def workspaces_menu(request: MemberRequest) -> HttpResponse:
    """What the rail's menu fetches when it is opened first, so that no page pays for it."""
    return render(request, "console/workspaces_menu.html", {"mine": members_of(request.member.user)})


@login_required
@require_POST
def workspace_enter(request: HttpRequest, workspace_id: uuid.UUID) -> HttpResponse:
    """A workspace in which somebody is no member does not exist for them."""
    try:
        choose_workspace(request, workspace_id)
    except NotFound:
        return render(request, "404.html", status=404)
    return redirect("chats")


@login_required
@require_POST
def workspace_new(request: HttpRequest) -> HttpResponse:
    """Also for those who are in none."""
    user, form = request.user, WorkspaceForm(request.POST)
    assert isinstance(user, User)
    if not form.is_valid():
        return render(request, "accounts/new_workspace.html", {"form": form}, status=422)
    if wait := hit("workspaces_per_user", str(user.pk)):
        return too_many(request, wait)
    try:
        member = create_workspace(form.cleaned_data["name"], user, agent_name=user.name)
    except Refused as refusal:
        form.add_error("name", refusal.sentence)
        return render(request, "accounts/new_workspace.html", {"form": form}, status=422)
    choose_workspace(request, member.workspace_id)
    messages.success(request, f"{member.workspace} is ready.")
    return redirect("chats")
