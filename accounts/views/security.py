"""Settings, Security: what the workspace asks of everybody who comes in."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts import second_factors
from accounts.actions import own_account
from accounts.errors import Refused
from accounts.gate import MemberRequest, recently_proved
from accounts.permissions import may
from accounts.views.shared import console_view


@console_view("workspace.read")
def security(request: MemberRequest) -> HttpResponse:
    context = {
        "without": second_factors.members_without(request.member.workspace),
        "have_one": second_factors.has_one(request.member.user),
        "may_edit": may(request.member, "workspace.edit"),
    }
    return render(request, "console/settings/security.html", context)


@console_view("workspace.edit", "POST")
@recently_proved
def require_second_factor(request: MemberRequest) -> HttpResponse:
    required = request.POST.get("required") == "on"
    try:
        own_account.require_second_factor(request.member, required)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(
            request,
            "Everybody here needs a second factor from now on."
            if required
            else "A second factor is up to each person from now on.",
        )
    return redirect("settings_security")
