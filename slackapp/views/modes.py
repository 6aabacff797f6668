"""How chats of a connection appear in Slack: Still or Noisy, and what Noisy chats' channels are like (S8, S9)."""

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.errors import Refused
from accounts.gate import MemberRequest, recently_proved
from accounts.views.shared import console_view
from livechat.forms import first_error
from slackapp import oauth, setup
from slackapp.access import connection_for
from slackapp.actions import modes
from slackapp.forms import ModeForm
from slackapp.models import Connection

DONE = "It holds for chats that begin from now on. Open chats stay where they are."


@console_view("slack.edit", "POST")
@recently_proved
def choose_mode(request: MemberRequest, connection_id: uuid.UUID) -> HttpResponse:
    """Where the mode needs a permission that Slack has not granted yet, the way leads there at once."""
    found, form = connection_for(request.member, connection_id), ModeForm(request.POST)
    if not form.is_valid():
        messages.error(request, first_error(form))
        return redirect("slack_connection", found.pk)
    modes.set_mode(request.member, found, form.cleaned_data["mode"], form.rooms(found))
    found = connection_for(request.member, connection_id)
    if found.installation is not None and oauth.lacking_scopes(found):
        return redirect(f"/slack/install?{urlencode({'connection': found.pk})}")
    messages.success(request, DONE)
    return redirect("slack_connection", found.pk)


@console_view("slack.edit")
def people(request: MemberRequest, connection_id: uuid.UUID) -> HttpResponse:
    """A fragment of its own: Slack is asked, and Slack may be slow."""
    found = connection_for(request.member, connection_id)
    try:
        colleagues = setup.colleagues(found)
    except Refused as refusal:
        return render(request, "console/slack/no_people.html", {"connection": found, "refusal": refusal})
    return render(request, "console/slack/people.html", {"connection": found, "people": colleagues})


@console_view("slack.edit", "POST")
def put_problem_away(request: MemberRequest, connection_id: uuid.UUID) -> HttpResponse:
    found: Connection = connection_for(request.member, connection_id)
    modes.forget_rooms_problem(request.member, found)
    return redirect("slack_connection", found.pk)
