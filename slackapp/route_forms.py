"""What an owner types about routes: conditions, and a case to try them on."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from config import zones
from livechat.hours_forms import WithHours
from slackapp.models import Connection
from slackapp.routes import Conditions, Place

LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE)


class RouteForm(WithHours):
    """The fields of a route, and as many lines of hours as there are: `hours-0-days`, `hours-1-days`, …"""

    name = forms.CharField(
        max_length=60, error_messages={"required": "Give the route a name, for example Sales."}
    )
    mode = forms.ChoiceField(choices=Connection.Mode.choices, required=False)
    pages = forms.CharField(max_length=300, required=False)
    language = forms.CharField(max_length=35, required=False)
    department = forms.CharField(max_length=80, required=False)
    installation = forms.UUIDField(
        required=False, error_messages={"invalid": "Choose one of the Slack workspaces that are listed."}
    )

    def clean_pages(self) -> str:
        pages = str(self.cleaned_data["pages"])
        if pages and not re.match(r"/|https?://[^/]", pages):
            raise forms.ValidationError(
                "Begin the page’s address with / or https://, for example /pricing or https://shop.example/de/*."
            )
        if re.search(r"[?#\s]", pages):
            raise forms.ValidationError(
                "Pages are compared without spaces and without what follows ? or #. Leave that out; "
                "* stands for anything."
            )
        return pages

    def clean_language(self) -> str:
        language = str(self.cleaned_data["language"]).replace("_", "-")
        if language and not LANGUAGE.fullmatch(language):
            raise forms.ValidationError("Write the language as browsers do, for example de or pt-BR.")
        return language

    def conditions(self) -> Conditions:
        data = self.cleaned_data
        texts = {name: data[name] for name in ("pages", "language", "department")}
        return Conditions(**texts, hours=data["hours"], zone=data["zone"] if data["hours"] else "")


class TryForm(forms.Form):
    """Junk is no error here: whoever tries sees where such a chat would go."""

    url = forms.CharField(max_length=2000, required=False)
    language = forms.CharField(max_length=35, required=False)
    department = forms.CharField(max_length=80, required=False)
    at = forms.CharField(max_length=20, required=False)
    zone = forms.CharField(max_length=64, required=False)

    def place(self) -> Place:
        data = self.cleaned_data
        return Place(data["url"], data["language"], self._moment(), data["department"])

    def _moment(self) -> datetime:
        """The time on the clock of that zone; now where it says nothing that we can read."""
        zone = self.cleaned_data["zone"]
        try:
            moment = datetime.fromisoformat(self.cleaned_data["at"])
        except ValueError:
            return timezone.now()
        return moment.replace(tzinfo=ZoneInfo(zone if zone in zones.known() else "UTC"))
