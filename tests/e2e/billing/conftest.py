"""Somebody who pays: their console, their plan, and what lies between it and Stripe's pages."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error, Locator, Page, expect

from tests.e2e import stripe_page
from tests.e2e.conftest import NewContext
from tests.e2e.stripe_page import PAYS
from tests.stack import Stack, running, wait_until

LOOKS = 20_000


class Payer:
    """An owner in their console. `name` is their workspace's."""

    def __init__(self, stack: Stack, page: Page, name: str, email: str) -> None:
        self.stack, self.page, self.name, self.email = stack, page, name, email

    @property
    def plan(self) -> Locator:
        """What the page of billing says first."""
        return self.page.locator("section").filter(has=self.page.locator("#plan-title"))

    def billing(self) -> "Payer":
        self.page.goto(f"{self.stack.product}/console/settings/billing")
        expect(self.page.locator("#plan-title")).to_be_visible()
        return self

    def button(self, name: str) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def link(self, name: str) -> None:
        self.page.get_by_role("link", name=name).first.click()

    def choose(self, plan: str) -> None:
        """From the page of billing to Stripe's Checkout."""
        self.billing().link("Choose a plan")
        self.button(f"Choose {plan}")
        stripe_page.at_stripe(self.stack, self.page)

    def subscribe(self, plan: str = "Team", card: str = PAYS) -> "Payer":
        self.choose(plan)
        stripe_page.pay_with(self.page, card)
        return self.expect_thanks(plan)

    def expect_thanks(self, plan: str) -> "Payer":
        expect(self.page.get_by_role("heading", name=f"Thank you, {plan} is active")).to_be_visible(
            timeout=LOOKS
        )
        return self

    def in_new_tab(self, name: str) -> Page:
        """Stripe's page of an invoice opens beside ours."""
        with self.page.context.expect_page() as opened:
            link = self.page.get_by_role("link", name=name)
            link.and_(self.page.locator("[target=_blank]")).first.click()
        stripe_page.at_stripe(self.stack, opened.value)
        return opened.value

    def will_read(self, *words: str) -> None:
        """On the page of billing, once the worker has looked at Stripe."""

        def reads() -> bool:
            try:
                self.billing()
            except Error as error:
                # the page heard news and had begun to load itself again
                if "ERR_ABORTED" in error.message:
                    return False
                raise
            said = self.plan.inner_text()
            return all(word in said for word in words)

        wait_until(reads, f"that the page says {words}")

    def will_have(self, plan: str) -> None:
        """What the workspace may have is what the settings of sites and people go by."""
        wait_until(lambda: self.has() == plan, f"that {self.name} has {plan}")

    def will_get(self, subject: str) -> None:
        """By mail; the mail's head is folded where it is long."""
        wait_until(lambda: any(subject in one for one in self.subjects()), f"a mail that says {subject}")

    def subjects(self) -> list[str]:
        files = sorted((self.stack.folder / "mail").iterdir(), key=lambda path: path.stat().st_mtime)
        parts = (part for file in files for part in file.read_bytes().split(b"-" * 79))
        found = (message_from_bytes(part.strip(), policy=default) for part in parts if part.strip())
        return [str(one["Subject"]) for one in found if self.email in str(one["To"])]

    def subscriptions(self) -> list[dict[str, Any]]:
        return stripe_page.subscriptions(self.stack, self.email)

    def has(self) -> str:
        """Of the row itself: these flows run on SQLite alone."""
        file = Path(urlsplit(self.stack.env["DATABASE_URL"]).path).resolve()
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as rows:
            asked = "SELECT plan_name FROM accounts_workspace WHERE name = ?"
            return str(rows.execute(asked, [self.name]).fetchone()[0])


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Sells plans; its mail lies in a folder."""
    folder = tmp_path_factory.mktemp("stack")
    (folder / "mail").mkdir()
    with running(folder, sells=True, EMAIL_URL=f"filemail:///{folder / 'mail'}", LIMITS_SCALE="100") as found:
        yield found


NewPayer = Callable[[str], Payer]


@pytest.fixture
def new_payer(stack: Stack, new_context: NewContext) -> NewPayer:
    """Somebody who has just signed up: their workspace is in its trial."""

    def sign_up(name: str) -> Payer:
        email = f"{name.lower()}@teahouse.example"
        page = new_context(viewport={"width": 1180, "height": 820}).new_page()
        page.goto(f"{stack.product}/accounts/signup/")
        page.locator("[name=name]").fill(name)
        page.locator("[name=email]").fill(email)
        page.locator("[name=password1]").fill("a long and quiet afternoon")
        page.get_by_role("button", name="Sign up", exact=True).click()
        expect(page).to_have_url(re.compile("/console/"))
        return Payer(stack, page, f"{name}’s workspace", email)

    return sign_up


def end_trial(payer: Payer, days_ago: float = 0) -> None:
    """The trial is ours and lasts two weeks: its moments are moved into the past, and the clock does the rest."""
    said = f"""
from datetime import timedelta
from django.utils import timezone
from billing.models import Customer
over = timezone.now() - timedelta(days={days_ago}, seconds=1)
assert Customer.unscoped.filter(workspace__name={payer.name!r}).update(trial_ends_at=over, settle_at=over)
"""
    payer.stack.manage("shell", "--no-imports", "-c", said)
