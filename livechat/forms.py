"""What a person types into the console's forms, in words the domain understands."""

from typing import Any

from django import forms

from accounts import names
from livechat.access import normal_origin
from livechat.models import MAX_BODY

MAX_ORIGINS = 50
MOST_FILES = 10
NAMELESS = "Give the site a name, for example your shop’s."
CHOOSE_MOMENT = "Choose the day and the time until which the chat is snoozed."


class PlainForm(forms.Form):
    """Fields say what is wrong to screen readers too: `aria-invalid`, and the ids of hint and error."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.use_required_attribute = True


class SiteNameForm(PlainForm):
    name = forms.CharField(
        label="Name",
        max_length=80,
        help_text="For you and your team, and for visitors where a person’s name is not known.",
        error_messages={"required": NAMELESS},
    )

    def clean_name(self) -> str:
        name = names.clean_name(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError(NAMELESS)
        return name


def one_origin(line: str) -> str:
    """A line as somebody types it: `shop.example`, `https://shop.example/`. Raises with the line and the mend."""
    named = "://" in line or "." in line or line.startswith("localhost")
    origin = normal_origin(line if "://" in line else f"https://{line}") if named else None
    if origin is None or "*" in line or len(line.split()) != 1:
        raise forms.ValidationError(
            f"“{line[:80]}” is not a website’s address. Write it like https://shop.example, without a path or a star."
        )
    return origin


class OriginsForm(PlainForm):
    origins = forms.CharField(
        label="Websites",
        required=False,
        max_length=10_000,
        strip=True,
        widget=forms.Textarea(
            attrs={"rows": 3, "spellcheck": "false", "placeholder": "https://shop.example"}
        ),
        help_text="One a line. Leave it empty while you try things out: then any website may show this chat.",
    )

    def clean_origins(self) -> list[str]:
        lines = self.cleaned_data["origins"].replace(",", "\n").split("\n")
        origins = list(dict.fromkeys(one_origin(line.strip()) for line in lines if line.strip()))
        if len(origins) > MAX_ORIGINS:
            raise forms.ValidationError(
                f"That is more than {MAX_ORIGINS} websites. Make another site for the rest."
            )
        return origins


class LineForm(forms.Form):
    """What somebody writes into a chat."""

    body = forms.CharField(
        strip=False,
        error_messages={"required": "Write something first."},
    )

    def clean_body(self) -> str:
        # browsers send CR LF for a line's end; one code point is what the visitor's page counts
        body = str(self.cleaned_data["body"]).replace("\r\n", "\n").strip()
        if not body and self.fields["body"].required:
            raise forms.ValidationError("Write something first.")
        if len(body) > MAX_BODY:
            raise forms.ValidationError(
                f"The reply is longer than {MAX_BODY:,} characters. Please send it in parts."
            )
        return body

    def problem(self) -> str:
        return " ".join(str(error) for errors in self.errors.values() for error in errors)


class ReplyForm(LineForm):
    """The reply box. Without a script the page's own id still makes a double click send once."""

    kind = forms.ChoiceField(choices=[("reply", "Reply"), ("note", "Note")], required=False)
    client_message_id = forms.UUIDField(
        required=False, error_messages={"invalid": "This page is out of date. Reload it and send again."}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # a file needs no words; whose it is, access finds out
        self.files_sent = self.data.getlist("files")[:MOST_FILES] if hasattr(self.data, "getlist") else []
        self.fields["body"].required = not self.files_sent


class SnoozeForm(PlainForm):
    until = forms.DateTimeField(
        input_formats=["%Y-%m-%dT%H:%M"],
        error_messages={"required": CHOOSE_MOMENT, "invalid": CHOOSE_MOMENT},
    )

    def problem(self) -> str:
        """Also for an hour that the reader's clock skips or shows twice."""
        return CHOOSE_MOMENT


def first_error(form: forms.Form) -> str:
    return str(next(iter(form.errors.values()))[0])
