"""Where a person lands after *Add to Slack*: what is connected, the snippet, the next steps, and the way back out."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.errors import NotFound, Refused
from accounts.gate import MemberRequest, recently_proved
from accounts.permissions import may
from accounts.views.shared import console_view
from livechat.queries import had_a_chat, snippet_of
from slackapp import onboarding
from slackapp.access import connection_for
from slackapp.actions import arrivals
from slackapp.models import Connection


@console_view("slack.read")
def welcome(request: MemberRequest, connection_id: uuid.UUID) -> HttpResponse:
    found = connection_for(request.member, connection_id)
    if found.state == Connection.State.DISCONNECTED or found.installation is None:
        return redirect("slack")
    context = {
        "connection": found,
        "snippet": snippet_of(found.site),
        "is_on_website": found.site.snippet_seen_at is not None,
        "has_chats": had_a_chat(found.site),
        "may_edit": may(request.member, "slack.edit"),
        "may_undo": not onboarding.has_chats(found),
    }
    return render(request, "console/slack/welcome.html", context)


@console_view("slack.edit", "POST")
def open_channel(request: MemberRequest, connection_id: uuid.UUID) -> HttpResponse:
    found = connection_for(request.member, connection_id)
    try:
        onboarding.open_channel(request.member, found)
    except NotFound:
        raise
    except Refused as refusal:
        arrivals.note_no_channel(found, refusal.sentence)
        messages.error(request, refusal.sentence)
    return redirect("slack_welcome", found.pk)


@console_view("slack.edit", "POST")
@recently_proved
def undo(request: MemberRequest, connection_id: uuid.UUID) -> HttpResponse:
    found = connection_for(request.member, connection_id)
    team = str(found.installation or "Slack")
    try:
        onboarding.undo(request.member, found)
    except NotFound:
        raise
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("slack_welcome", found.pk)
    messages.success(request, f"Undone. {found.site.name} no longer uses {team}.")
    return redirect("slack")


@console_view("slack.read", "POST")
def put_away(request: MemberRequest, notice_id: int) -> HttpResponse:
    arrivals.put_away(request.member, notice_id)
    return redirect("chats" if request.POST.get("back") == "chats" else "slack")
