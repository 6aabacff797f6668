"""How far an erasure is in Slack, and what of it is left to people."""

import uuid

from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.gate import MemberRequest
from accounts.views.shared import console_view
from slackapp import erasures
from slackapp.actions.erasure import put_away


@console_view("visitors.erase")
def all_of_them(request: MemberRequest) -> HttpResponse:
    found = erasures.newest(request.member.workspace)
    return render(request, "console/slack/erasures.html", {"erasures": found})


@console_view("visitors.erase")
def one(request: MemberRequest, erasure_id: uuid.UUID) -> HttpResponse:
    found = erasures.progress_of(request.member, erasure_id)
    page = "erasure_progress.html" if request.htmx else "erasure.html"
    return render(request, f"console/slack/{page}", {"progress": found})


@console_view("visitors.erase", "POST")
def done(request: MemberRequest, copy_id: int) -> HttpResponse:
    return redirect("erasure", put_away(request.member, copy_id).pk)
