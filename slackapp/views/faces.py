"""The console's Team page: the faces that visitors see, and on a connection's page whose lines reach them."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.access import agent_for
from accounts.actions import disguise_agent
from accounts.gate import MemberRequest, recently_proved
from accounts.permissions import may, refusal
from accounts.team import team_of
from accounts.views.shared import console_view
from slackapp import faces
from slackapp.access import connection_for
from slackapp.actions import people
from slackapp.forms import FaceForm


@console_view("members.read")
def team(request: MemberRequest) -> HttpResponse:
    about = {"faces": faces.faces_of(request.member.workspace), **team_of(request.member)}
    return render(request, "console/team.html", about)


@console_view("members.read", "GET", "HEAD", "POST")
def face(request: MemberRequest, agent_id: uuid.UUID) -> HttpResponse:
    agent = agent_for(request.member, agent_id)
    may_edit = may(request.member, "faces.edit") or faces.may_change(request.member, agent)
    if request.method == "POST" and not may_edit:
        raise PermissionDenied(refusal("faces.edit"))
    form = FaceForm(request.POST if request.method == "POST" else None, agent=agent)
    if form.is_valid():
        disguise_agent(agent, **form.cleaned_data, actor=request.member.user)
        messages.success(request, f"Visitors now see {agent.public_name or 'your company’s name'}.")
        return redirect("face", agent.pk)
    about = {"face": faces.face_of(agent), "form": form, "may_edit": may_edit}
    return render(request, "console/team/face.html", about, status=422 if form.errors else 200)


@console_view("slack.edit", "POST")
@recently_proved
def let_answer(request: MemberRequest, connection_id: uuid.UUID) -> HttpResponse:
    found = connection_for(request.member, connection_id)
    people.let_answer(
        request.member, found, guests="guests" in request.POST, partners="partners" in request.POST
    )
    messages.success(request, "It holds for every line from now on.")
    return redirect("slack_connection", found.pk)
