"""C11 where plans are sold: each page about the plan, on a desk and on a phone, in the light and in the dark."""

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.e2e.billing.conftest import NewPayer, Payer
from tests.e2e.test_every_page import AS_ON_A_DESK, look_at
from tests.stack import Stack

ON_A_PHONE: ViewportSize = {"width": 390, "height": 844}
PAGE = "/console/settings/billing"


def look(stack: Stack, page: Page, path: str, heading: str) -> None:
    for size, viewport in (("desk", AS_ON_A_DESK), ("phone", ON_A_PHONE)):
        page.set_viewport_size(viewport)
        page.goto(stack.product + path)
        expect(page.get_by_role("heading", name=heading).first).to_be_visible(timeout=20_000)
        expect(page.locator("[aria-busy]")).to_have_count(0)
        look_at(page, f"{heading}, {path}", size)


@pytest.mark.timeout(300)
def test_every_page_about_the_plan(stack: Stack, new_payer: NewPayer) -> None:
    tessa: Payer = new_payer("Tessa")
    look(stack, tessa.page, "/pricing", "Pay for who answers")
    look(stack, tessa.page, PAGE, "Business, on trial")
    look(stack, tessa.page, f"{PAGE}/plan", "Choose a plan")
    look(stack, tessa.page, f"{PAGE}/return?plan=team", "Nothing was bought")
    tessa.subscribe("Team")
    look(stack, tessa.page, f"{PAGE}/return?plan=team", "Thank you, Team is active")
    look(stack, tessa.page, PAGE, "Team")
    look(stack, tessa.page, f"{PAGE}/plan", "Change your plan")
    look(stack, tessa.page, f"{PAGE}/plan/business", "From Team to Business")
    look(stack, tessa.page, f"{PAGE}/cancel", "Cancel Team")
    tessa.button("Cancel Team")
    look(stack, tessa.page, PAGE, "Team")
