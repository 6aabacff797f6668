"""What a person types about a saved reply."""

from typing import Any

from django import forms
from django.utils.text import slugify

from accounts import names
from livechat import variables
from livechat.actions.saved import Draft
from livechat.forms import PlainForm
from livechat.models import SavedReply, Site
from livechat.saved import MAX_SAVED, clean_shortcut


class SavedReplyForm(PlainForm):
    title = forms.CharField(
        label="Title",
        max_length=80,
        error_messages={"required": "Give the reply a title, for example “Opening hours”."},
        help_text="For your team, when they look for it.",
    )
    name = forms.CharField(
        label="Shortcut",
        max_length=44,
        required=False,
        widget=forms.TextInput(
            attrs={"spellcheck": "false", "autocapitalize": "none", "placeholder": "//hours"}
        ),
        help_text="One word that your team types after //, here and in Slack. Without one the title gives it.",
    )
    body = forms.CharField(
        label="Text",
        strip=True,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        error_messages={"required": "Write what the visitor is to read."},
        help_text="A text that begins with ;; is a note for your team.",
    )
    site: "forms.ModelChoiceField[Site]" = forms.ModelChoiceField(
        label="For", queryset=None, empty_label="All sites", required=False
    )

    def __init__(self, sites: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]
        self.sites = sites.count()

    def clean_title(self) -> str:
        return names.clean_name(self.cleaned_data["title"])

    def clean_body(self) -> str:
        body = str(self.cleaned_data["body"]).replace("\r\n", "\n")
        if len(body) > MAX_SAVED:
            raise forms.ValidationError(f"The text is longer than {MAX_SAVED:,} characters. Make two of it.")
        if wrong := variables.unknown_in(body):
            raise forms.ValidationError(
                f"{{{{{wrong[0]}}}}} is no variable. These are: {', '.join(variables.VARIABLES)}."
            )
        return body

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        typed = data.get("name") or slugify(data.get("title", ""), allow_unicode=True)[:40]
        data["name"] = clean_shortcut(typed)
        if not data["name"] and "title" in data:
            self.add_error("name", "A shortcut is one word of up to 40 letters, digits and hyphens.")
        return data

    def draft(self) -> Draft:
        return Draft(**{name: self.cleaned_data[name] for name in ("title", "name", "body", "site")})


def values_of(reply: SavedReply) -> dict[str, Any]:
    return {"title": reply.title, "name": f"//{reply.name}", "body": reply.body, "site": reply.site_id}
