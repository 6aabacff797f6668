"""What of the threads goes to visitors: the owner's choice on a connection's page (S14)."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.errors import Refused
from accounts.gate import MemberRequest, recently_proved
from accounts.views.shared import console_view
from slackapp.access import connection_for
from slackapp.actions import changes
from slackapp.actions.marks import choose_receipts as keep_choice

DONE = "It holds for everything that your team writes or edits from now on."


@console_view("slack.edit", "POST")
@recently_proved
def choose_policy(request: MemberRequest, connection_id: uuid.UUID) -> HttpResponse:
    found = connection_for(request.member, connection_id)
    try:
        changes.choose_policy(request.member, found, request.POST.get("policy", ""))
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, DONE)
    return redirect("slack_connection", found.pk)


@console_view("slack.edit", "POST")
def choose_receipts(request: MemberRequest, connection_id: uuid.UUID) -> HttpResponse:
    """S19: one switch."""
    found = connection_for(request.member, connection_id)
    on = request.POST.get("receipts") == "on"
    keep_choice(request.member, found, on=on)
    messages.success(request, "Reactions tell from now on." if on else "No more reactions from now on.")
    return redirect("slack_connection", found.pk)
