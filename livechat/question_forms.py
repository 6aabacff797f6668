"""What an owner asks of visitors, as the page with the questions posts it: rows of questions, and the rest."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.http import QueryDict

from livechat import away, questions
from livechat.away import Away
from livechat.forms import PlainForm
from livechat.models import Site
from livechat.questions import EMAIL, LONGEST_LINE, MOST, MOST_OPTIONS, NAME, Form, Kind, Question

# what a row may be; the first two fill in what is known of every visitor
KINDS = {
    "name": "Name",
    "email": "E-mail address",
    "text": "One line",
    "textarea": "Long text",
    "checkbox": "Tick",
    "select": "Choice",
}
LONGEST_LABEL, LONGEST_HELP = 100, 200
NEVER = "0"


@dataclass(frozen=True, slots=True)
class Row:
    """A question as it stands in the page. `number` names its fields, `error` is a sentence."""

    number: str
    kind: str = "text"
    key: str = ""
    label: str = ""
    help: str = ""
    required: bool = False
    options: str = ""
    error: str = ""


BLANK = Row("#")


def rows_of(form: Form) -> list[Row]:
    return [_row(str(place), one) for place, one in enumerate(form.questions)]


def _row(number: str, one: Question) -> Row:
    kind = one.key if one.key in (NAME, EMAIL) else one.kind.value
    return Row(number, kind, one.key, one.label, one.help, one.required, "\n".join(one.options))


def sent_rows(data: QueryDict) -> list[Row]:
    """In the order of the page; one without words is no question."""
    known: set[str] = set()
    found = [_sent(data, number[:4]) for number in data.getlist("question")[: MOST * 2]]
    kept = [_checked(row, known) for row in found if row.label]
    return [replace(row, number=str(place)) for place, row in enumerate(kept)]


def _sent(data: QueryDict, number: str) -> Row:
    said = {name: data.get(f"q{number}-{name}", "").strip() for name in ("kind", "key", "label", "help")}
    lines = [" ".join(line.split()) for line in data.get(f"q{number}-options", "").splitlines()]
    options = "\n".join(dict.fromkeys(line[:LONGEST_LINE] for line in lines if line))
    return Row(number, **said, required=f"q{number}-required" in data, options=options)


def _checked(row: Row, known: set[str]) -> Row:
    error = _problem(row, known)
    known.add(row.kind)
    return replace(row, error=error)


def _problem(row: Row, known: set[str]) -> str:
    if row.kind not in KINDS:
        return "Choose what kind of answer it takes."
    if row.kind in (NAME, EMAIL) and row.kind in known:
        return f"“{KINDS[row.kind]}” is asked for already. Remove one of them."
    if len(row.label) > LONGEST_LABEL or len(row.help) > LONGEST_HELP:
        return f"Keep the question within {LONGEST_LABEL} characters, and the help within {LONGEST_HELP}."
    count = len(row.options.splitlines())
    if row.kind == Kind.SELECT and not 2 <= count <= MOST_OPTIONS:
        return f"Write two to {MOST_OPTIONS} answers to choose from, one a line."
    return ""


def question_of(row: Row) -> Question:
    key = row.kind if row.kind in (NAME, EMAIL) else _key(row.key)
    kind = Kind.TEXT if row.kind == NAME else Kind(row.kind)
    options = tuple(row.options.splitlines()) if kind is Kind.SELECT else ()
    return Question(key, kind, row.label, row.help, row.required, options)


def _key(key: str) -> str:
    """Kept from one saving to the next, so that answers stay those to this question."""
    is_ours = key.startswith("q_") and len(key) == 10 and key.isascii() and key[2:].isalnum()
    return key if is_ours else f"q_{secrets.token_hex(4)}"


class AsksForm(PlainForm):
    intro = forms.CharField(
        label="Words above the questions",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For example why you ask. Leave it empty to show none.",
    )
    only_away = forms.BooleanField(label="Ask only while nobody is there", required=False)
    consent = forms.CharField(
        label="What visitors agree to",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Shown with a tick before the first message. Until it is ticked nothing of the visitor is stored. "
        "Leave it empty to ask for no consent.",
    )
    consent_url = forms.URLField(
        label="Your privacy notice",
        max_length=500,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": "Write the whole address, for example https://shop.example/privacy."},
    )
    hide = forms.BooleanField(
        label="Hide the chat while nobody is there",
        required=False,
        help_text="Whoever has written before still finds it.",
    )
    ask_email = forms.BooleanField(
        label="Ask for an e-mail address after a message",
        required=False,
        help_text="While nobody is there, and only if none is known yet.",
    )
    mail_after = forms.ChoiceField(
        label="Mail an answer that the visitor has not seen",
        choices=[(NEVER, "Never"), *((str(one), f"After {one} minutes") for one in away.MAIL_AFTER)],
        help_text="If they have left the website and left an address. One mail carries all answers since the last one.",
    )
    asks_rating = forms.BooleanField(
        label="Ask for a rating when a chat has ended",
        required=False,
        help_text="One to five stars and a comment. Agents see it on the chat’s card in Slack and here.",
    )

    def clean_consent_url(self) -> str:
        url = str(self.cleaned_data["consent_url"])
        if url and not url.startswith(("https://", "http://")):
            raise forms.ValidationError("Write the whole address, for example https://shop.example/privacy.")
        return url

    def form_with(self, rows: list[Row]) -> Form:
        said = {name: self.cleaned_data[name] for name in ("intro", "only_away", "consent", "consent_url")}
        return Form(questions=tuple(question_of(row) for row in rows), **said)

    def away(self) -> Away:
        said: Mapping[str, Any] = self.cleaned_data
        return Away(said["hide"], said["ask_email"], int(said["mail_after"]))


def asks_form_of(site: Site) -> AsksForm:
    form, absent = questions.of(site), away.of(site)
    said = {name: getattr(form, name) for name in ("intro", "only_away", "consent", "consent_url")}
    said |= {"hide": absent.hide, "ask_email": absent.ask_email, "mail_after": str(absent.mail_after)}
    return AsksForm(initial=said | {"asks_rating": site.asks_rating})
