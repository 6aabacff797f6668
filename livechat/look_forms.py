"""What an owner chooses for the look of a chat, and its sentences."""

import re
from typing import Any

from django import forms

from accounts.names import clean_name
from livechat import look
from livechat.forms import PlainForm
from livechat.look import DEFAULT, Look
from livechat.models import Site

HEX = re.compile(r"#[0-9a-f]{6}")


def _choice(label: str, choices: dict[str, str]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=list(choices.items()), widget=forms.RadioSelect)


def _pixels(label: str) -> forms.IntegerField:
    wrong = f"Write a number of pixels from 0 to {look.FURTHEST}."
    errors = dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong)
    return forms.IntegerField(label=label, min_value=0, max_value=look.FURTHEST, error_messages=errors)


def _switch(label: str, hint: str = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, help_text=hint)


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
    theme = _choice("Light or dark", look.THEMES)
    faces = _switch("Show faces of the team")
    corner = _choice("Corner", look.CORNERS)
    shape = _choice("Shape", look.SHAPES)
    icon = _choice("Icon", look.ICONS)
    label = forms.CharField(
        label="Words on the launcher",
        max_length=look.LONGEST_LABEL,
        required=False,
        help_text="Shown with the shape “With words”, for example “Ask us”.",
    )
    side = _pixels("From the side")
    bottom = _pixels("From the bottom")
    layer = forms.IntegerField(
        label="Layer (z-index)",
        min_value=1,
        max_value=look.TOPMOST,
        help_text="Lower it only if something of your page has to lie above the chat.",
    )
    on_phones = _switch("Show the launcher on phones", "Your page can still open the chat by itself.")

    def clean_title(self) -> str:
        return clean_name(self.cleaned_data["title"])

    def clean_label(self) -> str:
        return clean_name(self.cleaned_data["label"])

    def clean_colour(self) -> str:
        colour = str(self.cleaned_data["colour"]).lower()
        if not HEX.fullmatch(colour):
            raise forms.ValidationError("Choose a colour, or write it like #4f46e5.")
        return colour

    def clean(self) -> None:
        if self.cleaned_data.get("shape") == "label" and not self.cleaned_data.get("label"):
            self.add_error("label", "Write the words that stand on the launcher, or choose another shape.")

    def chosen(self, before: Look) -> Look:
        """The picture has a form of its own."""
        names = set(self.cleaned_data) - {"title", "greeting", "colour"}
        return Look(picture=before.picture, **{name: self.cleaned_data[name] for name in names})


def look_form_of(site: Site) -> LookForm:
    chosen = look.of(site)
    rest = {name: getattr(chosen, name) for name in LookForm.base_fields if hasattr(DEFAULT, name)}
    return LookForm(initial={"title": site.title, "greeting": site.greeting, "colour": site.colour} | rest)


class TextsForm(PlainForm):
    """One field for each of TEXTS that this site's panel ever says; an empty one means the usual words."""

    def __init__(self, site: Site, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = look.texts_of(site)
        for name, words in look.TEXTS.items():
            if not words.is_shown(site):
                continue
            self.fields[name] = forms.CharField(
                label=words.label,
                required=False,
                max_length=words.longest,
                widget=forms.TextInput(attrs={"placeholder": words.usual}),
            )

    def chosen(self) -> dict[str, str]:
        """Only what is not the usual anyway; what was not offered stays as it was."""
        written = {
            name: clean_name(str(self.cleaned_data[name]), look.TEXTS[name].longest) for name in self.fields
        }
        kept = {name: said for name, said in self.before.items() if name not in self.fields}
        return kept | {
            name: said for name, said in written.items() if said and said != look.TEXTS[name].usual
        }
