"""G: Mallory owns Globex. Nothing of Acme is to be had there, whatever address, form or frame she sends.

Addresses and models are read from the product, so that what is added later is tried without anybody's doing.
"""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.db.models import Model
from django.http import HttpResponseNotFound
from django.http.response import HttpResponseBase
from django.test import Client
from pytest_django import Settings

from accounts.models import Agent, Member
from livechat.models import ChatSession, Message, Site
from tests.cast import chat_of, newcomer, say, shop_of
from tests.conftest import ClientOf
from tests.house.sources import APPS, files
from tests.security.addresses import Address, addresses
from tests.security.filling import Rows, everything, snapshot

pytestmark = pytest.mark.django_db
CANARY = "canary-of-acme"
KINDS = {"uuid": "UUIDField", "int": "AutoField"}
# who logs out is nobody any more
LEFT_OUT = {"account_logout"}


@pytest.fixture(autouse=True)
def nobody_is_slowed_down(settings: Settings) -> None:
    settings.LIMITS_SCALE = 100_000


@pytest.fixture
def acmes(alice: Member) -> Rows:
    """A row of every kind, whose texts are canaries."""
    return everything(CANARY, [alice.workspace, alice.user, alice, alice.agent])


@pytest.fixture
def globexs(mallory: Member) -> Rows:
    """What Mallory has herself, to hide a foreign id behind her own."""
    shop = shop_of(mallory, "Globex Shop")
    claim = newcomer(shop)
    message = say(claim, "Hello, Globex")
    return Rows("globex", [mallory.workspace, shop, chat_of(claim), message, mallory, mallory.agent], {})


@pytest.fixture
def browser(client_of: ClientOf, mallory: Member, globexs: Rows) -> Client:
    return client_of(mallory)


def keys(rows: Rows, kind: str) -> list[str]:
    of_kind = [row for row in rows.rows.values() if kind in _kind_of(row)]
    return sorted({str(row.pk) for row in of_kind})


def _kind_of(row: Model) -> str:
    name = type(row._meta.pk).__name__
    return "uuid" if name in ("UUIDField", "OneToOneField") else "int" if "Auto" in name else name


def with_foreign_ids(address: Address, acmes: Rows, globexs: Rows) -> Iterator[str]:
    """Every object of Acme in the last place; before it once Acme's own and once Mallory's."""
    if not address.wants:
        return
    *outer, (_, last) = address.wants
    before = [[*_first(acmes, name, kind), *_first(globexs, name, kind)] for name, kind in outer]
    for values in product(*before, keys(acmes, last) or ["1"]):
        yield address.filled(*values)


def _first(rows: Rows, name: str, kind: str) -> list[str]:
    """The row that a parameter of this name means, or whichever fits."""
    meant = {"chat_id": ChatSession, "site_id": Site, "message_id": Message, "agent_id": Agent}.get(name)
    if meant in rows.rows:
        return [str(rows.rows[meant].pk)]
    return keys(rows, kind)[:1]


def ask(browser: Client, method: str, path: str) -> HttpResponseBase:
    # filled in well, so that what is refused is the id and not the form
    answer = browser.get(path) if method == "GET" else browser.post(path, {"body": "Hello", "name": "Hello"})
    if answer.status_code == 302 and "/reauthenticate" in answer["location"] and path.startswith("/console/"):
        raise AssertionError(f"{method} {path} asks for a password before it looks whose that is")
    return answer


def shown(answer: HttpResponseBase) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return body.decode("utf-8", "replace") + str(answer.headers)


def sections() -> list[str]:
    """The first word behind `console/`: the crawl of each is a test of its own."""
    return sorted({one.route.split("/")[1] for one in addresses("console/") if one.wants})


@pytest.mark.parametrize("section", sections())
def test_an_address_that_names_something_of_acme_is_not_found(
    acmes: Rows, globexs: Rows, browser: Client, plain_404: None, section: str
) -> None:
    before, tried, found = snapshot(), 0, []
    for address in addresses(f"console/{section}/"):
        for path, method in product(with_foreign_ids(address, acmes, globexs), ("GET", "POST")):
            answer = ask(browser, method, path)
            tried += 1
            if answer.status_code not in (404, 405) or CANARY in shown(answer):
                found.append((method, path, answer.status_code))
    assert not found
    assert tried > 1
    assert_untouched(before)


@pytest.fixture
def plain_404(monkeypatch: pytest.MonkeyPatch) -> None:
    """The friendly page costs five milliseconds, thousands of times, and shows nothing but the rail."""
    plain = HttpResponseNotFound("not found")
    monkeypatch.setattr("config.urls.handler404", lambda request, exception: plain, raising=False)


def assert_untouched(before: dict[str, dict[Any, dict[str, Any]]]) -> None:
    after = snapshot()
    for model, rows in before.items():
        changed = {
            key: (row, after[model].get(key))
            for key, row in rows.items()
            if CANARY in str(row) and after[model].get(key) != row
        }
        assert not changed, f"{model}: {changed}"


def test_no_page_of_globex_shows_anything_of_acme(acmes: Rows, browser: Client) -> None:
    ids = keys(acmes, "uuid")
    leaks = []
    for address in own_addresses():
        page = shown(ask(browser, "GET", address))
        if CANARY in page or any(key in page for key in ids):
            leaks.append(address)
    assert not leaks


def own_addresses() -> list[str]:
    """Pages without an id, of the console and of accounts."""
    return [
        one.filled()
        for one in addresses("console/", "accounts/", "api/")
        if not one.wants and one.name not in LEFT_OUT
    ]


# --- ids in what is sent along ---------------------------------------------------------------------------------------


def names_that_are_read() -> set[str]:
    """Whatever a view or a form of ours takes from a request."""
    names: set[str] = set()
    for path in files(*APPS, suffix=".py"):
        text = path.read_text()
        names |= set(
            re.findall(r"""(?:GET|POST|data|query)(?:\.get|\.getlist|\.pop)?[\[(]["'](\w+)["']""", text)
        )
        names |= set(re.findall(r"^    (\w+) = forms\.\w*Field", text, re.MULTILINE))
    return names


def meant_by(name: str, acmes: Rows) -> str:
    """The key of Acme's row that a field of this name would hold: `agent` and `agents` an Agent, otherwise the chat."""
    kinds = {model.__name__.lower(): row for model, row in acmes.rows.items()}
    fits = [
        kind for kind in sorted(kinds) if kind.startswith(name.rstrip("s")) or kind.endswith(name.rstrip("s"))
    ]
    return str(kinds[fits[0] if len(name) > 2 and fits else "chatsession"].pk)


def test_an_id_of_acme_that_is_sent_along_shows_and_changes_nothing(
    acmes: Rows, globexs: Rows, browser: Client
) -> None:
    before, names, leaks = snapshot(), names_that_are_read(), []
    assert {"site", "agent", "chat", "q", "body"} <= names
    mine = [
        one.filled(*(value for name, kind in one.wants for value in _first(globexs, name, kind)))
        for one in addresses("console/")
        if one.wants and all(_first(globexs, name, kind) for name, kind in one.wants)
    ]
    sent = {name: meant_by(name, acmes) for name in names}
    for path in [*own_addresses(), *mine]:
        answers = [browser.get(path, sent), browser.post(path, sent)]
        leaks += [path for answer in answers if CANARY in shown(answer)]
    assert not leaks
    assert_untouched(before)
