"""B1, B9: what it costs stands on one page for everybody, from the table by which it is sold."""

import re
from html import unescape

import pytest
from django.test import Client
from pytest_django import Settings

from billing.money import written
from billing.offers import counted, lasting, offers
from billing.plans import PLANS, TRIAL
from tests.conftest import ClientOf


def words(client: Client) -> str:
    answer = client.get("/pricing")
    assert answer.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


@pytest.mark.django_db
def test_each_plan_stands_there_with_its_price_and_what_it_holds(client: Client, paid_for: Settings) -> None:
    page = words(client)
    for plan in PLANS:
        assert plan.name in page
        assert (
            plan.price is None
            or f"{written(plan.price.amount, plan.price.currency)} per agent a month" in page
        )
        assert f"{plan.entitlements.most_chats:,} chats a month" in page
    assert "They still arrive" in page
    assert f"14 days of {TRIAL.name}, without a card" in page


@pytest.mark.django_db
def test_the_page_is_light_has_one_heading_and_no_script(client: Client, paid_for: Settings) -> None:
    page = client.get("/pricing").content.decode()
    assert page.count("<h1") == 1
    assert "<script" not in page
    assert "style=" not in page
    assert len(page) < 20_000


@pytest.mark.django_db
def test_a_server_without_stripes_key_says_that_it_is_unlimited(client: Client) -> None:
    page = words(client)
    assert "This installation is unlimited and takes no money" in page
    assert "per agent a month" not in page


@pytest.mark.django_db
def test_a_stranger_is_led_to_sign_up_and_a_person_to_the_console(
    client: Client, client_of: ClientOf, alice: object, mallory: object, paid_for: Settings
) -> None:
    assert 'href="/accounts/signup/"' in client.get("/pricing").content.decode()
    page = client_of(mallory).get("/pricing").content.decode()  # type: ignore[arg-type]
    assert 'href="/console/chats"' in page
    assert "Acme" not in page


@pytest.mark.django_db
def test_the_page_is_only_looked_at(client: Client, paid_for: Settings) -> None:
    assert client.post("/pricing").status_code == 405


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        (1500, "eur", "€15"),
        (1550, "eur", "€15.50"),
        (120_450, "eur", "€1,204.50"),
        (0, "eur", "€0"),
        (-1250, "eur", "-€12.50"),
        (900, "jpy", "¥900"),
        (1500, "usd", "$15"),
        (1500, "zzz", "ZZZ15"),
    ],
)
def test_an_amount_is_written_in_the_same_way_everywhere(amount: int, currency: str, said: str) -> None:
    assert written(amount, currency) == said


def test_one_is_not_said_as_many() -> None:
    assert (counted(1, "site"), counted(2000, "chat")) == ("1 site", "2,000 chats")
    assert (lasting(30), lasting(365), lasting(730)) == ("30 days", "1 year", "2 years")
    assert {line for offer in offers() for line in offer.holds} >= {"1 site", "2 agents", "Up to 20 agents"}
