"""What somebody without an account asks the operator."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings

from accounts.names import clean_name
from livechat.forms import PlainForm

SUBJECTS = {
    "question": "A question",
    "problem": "Something does not work",
    "privacy": "My data: to see, correct or delete it",
    "security": "A hole in the security",
}
MOST = 5000


class SupportForm(PlainForm):
    name = forms.CharField(
        label="Your name, if you like",
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label="Your e-mail address",
        help_text="The answer goes there, and it is used for nothing else.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": "Without an address nobody can answer you."},
    )
    about = forms.ChoiceField(label="What is it about?", choices=list(SUBJECTS.items()))
    text = forms.CharField(
        label="Your message",
        max_length=MOST,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text="Please leave passwords and keys out.",
        error_messages={"required": "Write what you would like to ask."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.initial.get("about") not in SUBJECTS:
            self.initial["about"] = "question"

    def subject(self) -> str:
        """One line, of our words alone."""
        return f"Support: {SUBJECTS[self.cleaned_data['about']]} ({urlsplit(settings.PUBLIC_URL).netloc})"

    def letter(self) -> str:
        name = clean_name(self.cleaned_data["name"], 80) or "Somebody"
        sender = f"{name} <{self.cleaned_data['email']}>"
        return f"{self.cleaned_data['text']}\n\n-- \n{sender}\nwrote this at {settings.PUBLIC_URL}/support.\n"
