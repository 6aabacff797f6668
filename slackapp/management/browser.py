"""A person's browser without a screen: follows redirects, keeps cookies, fills forms that are really on the page."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

SECONDS = 30


class Lost(Exception):
    """The page is not the one a person would expect here. Says where and what was missing."""


@dataclass
class Form:
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


class FormReader(HTMLParser):
    """Collects a page's forms with the values they would send untouched."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.forms: list[Form] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self.page, given.get("action", ""))
            self.forms.append(Form(action, given.get("method", "get").lower()))
        elif not self.forms:
            return
        elif tag == "select":
            self._select = given.get("name", "")
        elif tag == "option" and self._select:
            self._offer(self._select, given.get("value", ""), "selected" in given)
        elif tag in ("input", "button", "textarea") and given.get("name"):
            self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if tag == "button" or kind in ("radio", "checkbox", "submit", "button"):
            self._offer(given["name"], given.get("value", "on"), "checked" in given)
        else:
            self.forms[-1].fields[given["name"]] = given.get("value", "")

    def _offer(self, name: str, value: str, chosen: bool) -> None:
        self.forms[-1].choices.setdefault(name, []).append(value)
        # a list sends its first choice unless another is selected
        if chosen or (self._select and name not in self.forms[-1].fields):
            self.forms[-1].fields[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


class Browser:
    def __init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        self.url = ""
        self.forms: list[Form] = []

    def open(self, url: str) -> None:
        self._show(self.session.get(urljoin(self.url, url), timeout=SECONDS))

    def submit(self, form: Form, **values: str) -> None:
        data = form.fields | values
        send = self.session.post if form.method == "post" else self.session.get
        payload = {"data": data} if form.method == "post" else {"params": data}
        self._show(send(form.action, timeout=SECONDS, headers={"Referer": self.url}, **payload))  # type: ignore[arg-type]

    def form(self, part_of_action: str, *fields: str) -> Form:
        """The form whose action contains this and that has these fields; Lost when the page has none."""
        for form in self.forms:
            if part_of_action in form.action and all(name in form.fields | form.choices for name in fields):
                return form
        raise Lost(f"{self.url} has no form for {part_of_action} with {', '.join(fields) or 'any field'}.")

    def _show(self, response: requests.Response) -> None:
        self.url = response.url
        if response.status_code != 200:
            raise Lost(f"{response.request.method} {self.url} answered {response.status_code}.")
        reader = FormReader(self.url)
        reader.feed(response.text)
        self.forms = reader.forms
