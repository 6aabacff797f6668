"""Settings, Audit: who did what in this workspace, read by owners and admins."""

from typing import cast

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import people_in
from accounts.actions import audit
from accounts.audit_log import Asked, page_of, rows_of
from accounts.gate import MemberRequest, recently_proved
from accounts.sentences import AREAS
from accounts.sheets import download
from accounts.views.shared import console_view


@console_view("audit.read")
def audit_log(request: MemberRequest) -> HttpResponse:
    workspace, asked = request.member.workspace, Asked.of(request.GET)
    lines, older = page_of(workspace, asked)
    context = {
        "lines": lines,
        "older": asked.query(before=older) if older else "",
        "asked": asked,
        "asked_for": asked.query(),
        "people": people_in(workspace),
        "areas": AREAS,
    }
    return render(request, "console/settings/audit.html", context)


@console_view("audit.read", "POST")
@recently_proved
def audit_sheet(request: MemberRequest) -> HttpResponse:
    """Reading all of it is itself an act of the log."""
    workspace, asked = request.member.workspace, Asked.of(request.POST)
    audit(workspace, request.member.user, "workspace.audit_exported", f"workspace:{workspace.pk}")
    sheet = download(f"audit-{timezone.localdate().isoformat()}.csv", rows_of(workspace, asked))
    return cast("HttpResponse", sheet)
