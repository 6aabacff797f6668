"""The parts that pages are made of, each once: in development alone, for whoever builds the next page."""

from pathlib import Path

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render

from accounts.errors import Refused
from accounts.gate import MemberRequest
from accounts.views.shared import console_view

ICONS = Path(settings.BASE_DIR) / "templates" / "console" / "icons"
COLOURS = """page surface sunken hover line line-strong text text-2 text-3 accent accent-soft
    good good-soft warn warn-soft bad bad-soft note"""
KINDS = ("button button-primary", "button", "button button-quiet", "button button-danger", "button-link")


class Sample(forms.Form):
    name = forms.CharField(label="A field", help_text="What it is for, in one sentence.", required=False)
    wrong = forms.EmailField(label="A field that was refused", required=False)
    choice = forms.ChoiceField(label="A choice", choices=[("a", "The first"), ("b", "The second")])


@console_view("chats.read")
def styleguide(request: MemberRequest) -> HttpResponse:
    if not settings.DEBUG:
        raise Http404
    context = {
        "icons": sorted(f"console/icons/{path.name}" for path in ICONS.glob("*.svg")),
        "colours": [f"--{name}" for name in COLOURS.split()],
        "kinds": KINDS,
        "form": Sample({"name": "Tea house", "wrong": "nobody", "choice": "a"}),
        "refusal": Refused(
            "too_long", "The message is longer than 8,000 characters. Please send it in parts."
        ),
    }
    return render(request, "console/styleguide.html", context)
