"""Copies in Slack that only a person can change: listed on a connection's page until somebody says that it is done."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.gate import MemberRequest
from accounts.views.shared import console_view
from slackapp.access import left_copy_for
from slackapp.actions import changes


@console_view("deliveries.replay", "POST")
def copy_done(request: MemberRequest, copy_id: int) -> HttpResponse:
    """Pressing it twice is harmless."""
    copy = left_copy_for(request.member, copy_id)
    changes.note_copy_done(request.member, copy)
    messages.success(request, "Done. The copy is off the list.")
    return redirect("slack_connection", copy.link.connection_id)
