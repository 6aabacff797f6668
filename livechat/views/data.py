"""The Data tab of the settings: how long chats are kept, what may be taken out, and what has been erased."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts import mails
from accounts.actions.keeping import keep_chats
from accounts.errors import Refused
from accounts.gate import MemberRequest, recently_proved
from accounts.keeping import MOST_DAYS
from accounts.models import Workspace
from accounts.permissions import may
from accounts.views.shared import console_view, sentence_of
from livechat import retention
from livechat.data_forms import RuleForm, rule_of
from livechat.views import exporting


@console_view("data.read")
def page(request: MemberRequest) -> HttpResponse:
    return render(request, "console/settings/data.html", _context(request, rule_of(request.member.workspace)))


@console_view("data.keep", "POST")
@recently_proved
def rule(request: MemberRequest) -> HttpResponse:
    form = RuleForm(request.POST)
    if not form.is_valid():
        return render(request, "console/settings/data.html", _context(request, form), status=422)
    before = request.member.workspace
    try:
        after = keep_chats(request.member, form.cleaned_days)
    except Refused as refusal:
        form.add_error("days", sentence_of(request, refusal))
        return render(request, "console/settings/data.html", _context(request, form), status=422)
    if (before.keep_days, before.keep_from) != (after.keep_days, after.keep_from):
        _tell(request, after)
    messages.success(request, "Saved. " + _said(after))
    return redirect("settings_data")


@console_view("data.read")
def preview(request: MemberRequest) -> HttpResponse:
    """What would go today, while somebody is choosing."""
    form = RuleForm(request.GET)
    days = form.cleaned_days if form.is_valid() else None
    count = retention.would_go(request.member.workspace, days)
    return render(request, "console/settings/would_go.html", {"form": form, "days": days, "count": count})


def _context(request: MemberRequest, form: RuleForm) -> dict[str, Any]:
    workspace = request.member.workspace
    return {
        "form": form,
        "days": workspace.keep_days,
        "holds": workspace.keep_from is not None and workspace.keep_from <= timezone.now(),
        "count": retention.would_go(workspace, workspace.keep_days),
        "may_keep": may(request.member, "data.keep"),
        "may_choose_plan": may(request.member, "billing.manage"),
        "plan_keeps": _plan_keeps(workspace),
        "most_days": min(MOST_DAYS, workspace.most_keep_days or MOST_DAYS),
        "plan_holds": workspace.plan_keep_from is not None and workspace.plan_keep_from <= timezone.now(),
        **exporting.context(request.member),
    }


def _plan_keeps(workspace: Workspace) -> int | None:
    """For how many days, where that is shorter than what is chosen."""
    days, most = workspace.keep_days, workspace.most_keep_days
    return most if most is not None and (days is None or most < days) else None


def _said(workspace: Workspace) -> str:
    if workspace.keep_days is None:
        return "Closed chats are kept for ever."
    return f"From tomorrow on, chats go {workspace.keep_days} days after they were closed."


def _tell(request: MemberRequest, workspace: Workspace) -> None:
    body = (
        f"{request.user} has changed how long {workspace.name} keeps closed chats. {_said(workspace)}\n\n"
        f"If that is not what you want, change it here: {settings.CONSOLE_URL}/console/settings/data\n"
    )
    mails.tell_owners(workspace, f"How long {workspace.name} keeps chats has changed", body)
