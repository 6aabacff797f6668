"""The form before a chat (W6): what a site asks, and what a visitor's answers to it mean."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.errors import Refused
from accounts.names import clean_name
from livechat.models import Site
from livechat.protocol import CONTROLS, SURROGATES, BadFrame

MOST, MOST_OPTIONS = 8, 12
LONGEST_LINE, LONGEST_TEXT = 200, 2000
# fields of these keys are known without any form; a `consent` is a tick and no answer
NAME, EMAIL, CONSENT = "name", "email", "consent"
NO_ADDRESS = "That is not an e-mail address. Write one like ana@example.com."


class Kind(StrEnum):
    """As the widget draws it, and as its `form` frame answers it: a tick is true or false, the rest are texts."""

    TEXT = "text"
    EMAIL = "email"
    TEXTAREA = "textarea"
    CHECKBOX = "checkbox"
    SELECT = "select"


@dataclass(frozen=True, slots=True)
class Question:
    """`options`: what a select offers."""

    key: str
    kind: Kind
    label: str
    help: str = ""
    required: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """`consent`: what has to be agreed to before anything is stored, empty for nothing; `consent_url` tells more.

    `only_away`: asked only while nobody is there. Without questions and consent nothing is asked.
    """

    intro: str = ""
    only_away: bool = False
    questions: tuple[Question, ...] = ()
    consent: str = ""
    consent_url: str = ""

    def row(self) -> dict[str, Any]:
        """As the widget’s config carries it too; empty for a form that asks nothing."""
        if not self.questions and not self.consent:
            return {}
        row = asdict(self)
        row["questions"] = [{**one, "options": list(one["options"])} for one in row["questions"]]
        return row


def of(site: Site) -> Form:
    row = dict(site.form)
    asked = (
        Question(**{**one, "kind": Kind(one["kind"]), "options": tuple(one["options"])})
        for one in row.pop("questions", [])
    )
    return Form(questions=tuple(asked), **row)


@dataclass(frozen=True, slots=True)
class Given:
    """What a `form` frame said, cleaned. None for a name or an address that was not given."""

    name: str | None = None
    email: str | None = None
    consents: bool = False
    answers: list[dict[str, str]] = field(default_factory=list)


def read(form: Form, fields: Mapping[str, Any], *, whole: bool) -> Given:
    """Refused with a sentence for the person. `whole`: what is required has to be there.

    Name and address are taken whatever is asked; an answer to what is not asked any more is left out.
    """
    said = {key: _said(value) for key, value in fields.items()}
    for question in form.questions if whole else ():
        if question.required and not said.get(question.key):
            raise Refused("refused", f"Please answer “{question.label}”.")
    email = said.get(EMAIL)
    answers = [
        {"key": one.key, "label": one.label, "value": _answer(one, said[one.key])}
        for one in form.questions
        if one.key in said and one.key not in (NAME, EMAIL)
    ]
    return Given(
        name=clean_name(str(said[NAME])) if said.get(NAME) else None,
        email=_address(str(email)) if email else None,
        consents=said.get(CONSENT) is True,
        answers=[one for one in answers if one["value"]],
    )


def _said(value: Any) -> str | bool:
    if isinstance(value, bool):
        return value
    if not isinstance(value, str) or SURROGATES.search(value) or CONTROLS.search(value):
        raise BadFrame("An answer is a text, true or false.")
    return value.strip()[:LONGEST_TEXT]


def _answer(question: Question, said: str | bool) -> str:
    if question.kind is Kind.CHECKBOX:
        return "Yes" if said is True else "No"
    text = str(said) if isinstance(said, str) else ""
    if question.kind is Kind.SELECT and text and text not in question.options:
        raise Refused("refused", f"Please choose one of the answers to “{question.label}”.")
    if question.kind is Kind.TEXTAREA:
        return text
    return " ".join(text.split())[:LONGEST_LINE]


def _address(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        raise Refused("refused", NO_ADDRESS) from None
    if len(text) > 254:
        raise Refused("refused", NO_ADDRESS)
    return text
