"""What a person types into the console's Slack pages."""

from typing import Any

from django import forms

from accounts.models import Agent
from slackapp.access import SLACK_USER
from slackapp.actions.modes import MOST_RESPONDERS, Rooms
from slackapp.models import Connection

WORD = "disconnect"
GRACES = [
    (0, "At once"),
    (15, "15 minutes"),
    (60, "1 hour"),
    (240, "4 hours"),
    (1440, "1 day"),
    (10080, "7 days"),
]


class ConnectForm(forms.Form):
    site = forms.UUIDField()
    mode = forms.ChoiceField(choices=Connection.Mode.choices)


class ChannelForm(forms.Form):
    channel = forms.CharField(max_length=32, error_messages={"required": "Choose a channel first."})


class TeamForm(forms.Form):
    team = forms.CharField(max_length=32, error_messages={"required": "Choose a workspace first."})


class NewChannelForm(forms.Form):
    """Slack's own rules beyond these (a name that is taken) are Slack's to refuse."""

    name = forms.RegexField(
        regex=r"\A[a-z0-9_-]{1,80}\Z",
        label="Name",
        error_messages={
            "required": "Give the channel a name, for example website-chat.",
            "invalid": "Slack takes small letters, digits, hyphens and underscores in a channel’s name.",
        },
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        if data is not None:
            data = {"name": str(data.get("name", "")).strip().lstrip("#").lower().replace(" ", "-")}
        super().__init__(data, label_suffix="", **kwargs)


class DisconnectForm(forms.Form):
    word = forms.CharField(required=False, max_length=40)

    def clean_word(self) -> str:
        word = str(self.cleaned_data["word"])
        if word.strip().lower() != WORD:
            raise forms.ValidationError(f"Type {WORD} to confirm.")
        return word


class ModeForm(forms.Form):
    """`responders` counts only where the list of people was shown; Slack may have been away."""

    mode = forms.ChoiceField(
        choices=Connection.Mode.choices, error_messages={"required": "Choose Still or Noisy."}
    )
    private = forms.BooleanField(required=False)
    grace = forms.TypedChoiceField(choices=GRACES, coerce=int, required=False, empty_value=None)
    people_shown = forms.BooleanField(required=False)

    def rooms(self, connection: Connection) -> Rooms:
        shown = self.cleaned_data["people_shown"]
        chosen = self.data.getlist("responders") if hasattr(self.data, "getlist") else []
        known = [one for one in chosen if SLACK_USER.fullmatch(one)][:MOST_RESPONDERS]
        responders = known if shown else list(connection.responders)
        grace = self.cleaned_data["grace"]
        minutes = connection.grace_minutes if grace is None else int(grace)
        return Rooms(self.cleaned_data["private"], minutes, responders)


class FaceForm(forms.Form):
    """What a visitor sees in place of somebody's own name, title and photo; empty gives those back."""

    alias = forms.CharField(label="Public name", max_length=80, required=False)
    title = forms.CharField(label="Title", max_length=120, required=False)
    hide_photo = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, *, agent: Agent) -> None:
        chosen = {"alias": agent.alias, "title": agent.alias_title, "hide_photo": agent.hide_photo}
        super().__init__(data, initial=chosen, label_suffix="")
        for name, own in (("alias", agent.name), ("title", agent.title)):
            self.fields[name].widget.attrs |= {"placeholder": own, "autocomplete": "off", "dir": "auto"}
            self.fields[name].help_text = f"Leave it empty to show {own}." if own else ""
