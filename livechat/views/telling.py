"""Of what a member is told by sound and notification: their own choice."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.gate import MemberRequest
from accounts.views.shared import console_view
from livechat.actions import reading
from livechat.models import Desk


@console_view("chats.read", "POST")
def telling(request: MemberRequest) -> HttpResponse:
    tells = request.POST.get("tells", "")
    if tells in Desk.Tells.values:
        reading.arrange(request.member, tells=tells, has_sound="sound" in request.POST)
    else:
        messages.error(request, "Choose of what you want to be told. Nothing was changed.")
    return redirect("chats")
