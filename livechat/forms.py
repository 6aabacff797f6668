"""What a person types into the console's forms, in words the domain understands."""

import re
from typing import Any

from django import forms

from accounts import names
from livechat.access import normal_origin
from livechat.models import MAX_BODY, Site

MAX_ORIGINS = 50
NAMELESS = "Give the site a name, for example your shop’s."
HEX = re.compile(r"#[0-9a-f]{6}")


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


class LookForm(PlainForm):
    title = forms.CharField(
        label="Title",
        max_length=80,
        error_messages={"required": "Give the chat a title, for example “Chat with us”."},
    )
    greeting = forms.CharField(
        label="Greeting",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Shown above the first message. Leave it empty to show none.",
    )
    colour = forms.CharField(label="Colour", max_length=7, widget=forms.TextInput(attrs={"type": "color"}))

    def clean_colour(self) -> str:
        colour = str(self.cleaned_data["colour"]).lower()
        if not HEX.fullmatch(colour):
            raise forms.ValidationError("Choose a colour, or write it like #4f46e5.")
        return colour


class ReplyForm(forms.Form):
    """The reply box. Without a script the page's own id still makes a double click send once."""

    body = forms.CharField(
        strip=False,
        error_messages={"required": "Write something first."},
    )
    client_message_id = forms.UUIDField(
        required=False, error_messages={"invalid": "This page is out of date. Reload it and send again."}
    )

    def clean_body(self) -> str:
        # browsers send CR LF for a line's end; one code point is what the visitor's page counts
        body = str(self.cleaned_data["body"]).replace("\r\n", "\n").strip()
        if not body:
            raise forms.ValidationError("Write something first.")
        if len(body) > MAX_BODY:
            raise forms.ValidationError(
                f"The reply is longer than {MAX_BODY:,} characters. Please send it in parts."
            )
        return body

    def problem(self) -> str:
        return " ".join(str(error) for errors in self.errors.values() for error in errors)


def look_of(site: Site) -> dict[str, str]:
    return {"title": site.title, "greeting": site.greeting, "colour": site.colour}
