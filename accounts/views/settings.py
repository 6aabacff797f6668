"""Settings of the workspace: what it is called, and its end."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.actions import ending
from accounts.errors import Refused
from accounts.gate import MemberRequest, ended, recently_proved
from accounts.permissions import may
from accounts.views.shared import console_view

SAVED = "The name is saved."
UNDONE = "The workspace stays. Slack was disconnected: connect it again on the Slack page."


class NameForm(forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=80,
        help_text="For you and your team.",
        label_suffix="",
        error_messages={"required": ending.NAMELESS},
    )


def _page(request: MemberRequest, form: NameForm, status: int = 200) -> HttpResponse:
    rights = {
        "may_edit": may(request.member, "workspace.edit"),
        "may_delete": may(request.member, "workspace.delete"),
    }
    return render(request, "console/settings/workspace.html", {"form": form, **rights}, status=status)


@console_view("workspace.read")
def workspace(request: MemberRequest) -> HttpResponse:
    return _page(request, NameForm(initial={"name": request.member.workspace.name}))


@console_view("workspace.edit", "POST")
def rename(request: MemberRequest) -> HttpResponse:
    form = NameForm(request.POST)
    try:
        if not form.is_valid():
            return _page(request, form, 422)
        ending.rename_workspace(request.member, form.cleaned_data["name"])
    except Refused as refusal:
        form.add_error("name", refusal.sentence)
        return _page(request, form, 422)
    messages.success(request, SAVED)
    return redirect("settings")


@console_view("workspace.delete", "GET", "POST")
@recently_proved
def delete(request: MemberRequest) -> HttpResponse:
    """Closed at once, gone in thirty days."""
    word = request.member.workspace.name.lower()
    if request.method == "POST" and request.POST.get("word", "").strip().lower() == word:
        request.member.workspace = ending.begin_ending(request.member)
        return redirect("settings")
    if request.method == "POST":
        messages.error(request, "Type the workspace’s name to confirm. Nothing was deleted.")
    return render(request, "console/settings/delete.html", {"word": word})


@console_view("workspace.undo", "POST")
@recently_proved
def undo(request: MemberRequest) -> HttpResponse:
    try:
        ending.undo_ending(request.member)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return ended(request, request.member)
    messages.success(request, UNDONE)
    return redirect("settings")
