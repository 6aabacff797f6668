"""What a person types into the console's Slack pages."""

from typing import Any

from django import forms

from slackapp.models import Connection

WORD = "disconnect"


class ConnectForm(forms.Form):
    """Modes that are built; the others are not offered."""

    site = forms.UUIDField()
    mode = forms.ChoiceField(choices=[(Connection.Mode.STILL.value, Connection.Mode.STILL.label)])


class ChannelForm(forms.Form):
    channel = forms.CharField(max_length=32, error_messages={"required": "Choose a channel first."})


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


def first_error(form: forms.Form) -> str:
    return str(next(iter(form.errors.values()))[0])
