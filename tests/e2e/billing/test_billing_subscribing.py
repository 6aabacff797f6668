"""B2, B3 in a real browser: a trial that ends, and subscribing with every answer that a bank may give."""

from playwright.sync_api import expect

from tests.e2e.billing.conftest import NewPayer, end_trial
from tests.e2e.conftest import picture
from tests.e2e.stripe_page import ASKS, DECLINED, PAYS, at_home, at_stripe, bank, pay_with, use_code
from tests.stack import Stack


def test_a_new_workspace_tries_the_largest_plan_and_ends_on_the_free_one(new_payer: NewPayer) -> None:
    nora = new_payer("Nora").billing()
    expect(nora.plan).to_contain_text("Business, on trial")
    expect(nora.plan).to_contain_text("14 days left")
    picture(nora.page, "billing-trial")
    assert nora.has() == "Business"
    end_trial(nora)
    nora.will_have("Free")
    nora.will_get("The trial of Nora’s workspace has ended")
    expect(nora.billing().plan).to_contain_text("Your trial ended on")
    nora.page.goto(f"{nora.stack.product}/console/chats")
    expect(nora.page.get_by_role("heading", name="Chats", level=1)).to_be_visible()


def test_subscribing_with_a_card_and_a_code(stack: Stack, new_payer: NewPayer) -> None:
    olga = new_payer("Olga").billing()
    olga.link("Choose a plan")
    picture(olga.page, "billing-plans")
    olga.button("Choose Team")
    use_code(olga.page, "WELCOME20")
    expect(olga.page.get_by_test_id("total")).to_have_text("€12.00")
    picture(olga.page, "billing-checkout")
    pay_with(olga.page, PAYS)
    olga.expect_thanks("Team")
    assert olga.has() == "Team"
    expect(olga.billing().plan).to_contain_text("4242")
    expect(olga.plan).to_contain_text("Active")
    expect(olga.page.locator(".invoices li")).to_have_count(1)
    picture(olga.page, "billing-paid")
    (bought,) = olga.subscriptions()
    assert bought["items"]["data"][0]["quantity"] == 1
    assert olga.in_new_tab("Open invoice").get_by_test_id("due").inner_text() == "€12.00"


def test_the_bank_asks_and_is_answered(new_payer: NewPayer) -> None:
    paula = new_payer("Paula")
    paula.choose("Business")
    pay_with(paula.page, ASKS)
    picture(paula.page, "billing-3d-secure")
    bank(paula.page, "complete")
    paula.expect_thanks("Business")
    assert paula.has() == "Business"
    expect(paula.billing().plan).to_contain_text("Active")


def test_the_bank_says_no_and_another_card_pays(stack: Stack, new_payer: NewPayer) -> None:
    quinn = new_payer("Quinn")
    end_trial(quinn)
    quinn.will_have("Free")
    quinn.choose("Team")
    pay_with(quinn.page, DECLINED)
    expect(quinn.page.get_by_test_id("trouble")).to_contain_text("declined")
    pay_with(quinn.page, ASKS)
    bank(quinn.page, "fail")
    expect(quinn.page.get_by_test_id("trouble")).to_contain_text("could not authenticate")
    assert quinn.has() == "Free"
    pay_with(quinn.page, PAYS)
    quinn.expect_thanks("Team")
    assert [row["status"] for row in quinn.subscriptions()] == ["active"]


def test_who_leaves_in_the_middle_has_bought_nothing_and_may_begin_anew(
    stack: Stack, new_payer: NewPayer
) -> None:
    rosa = new_payer("Rosa")
    end_trial(rosa)
    rosa.will_have("Free")
    rosa.choose("Team")
    pay_with(rosa.page, ASKS)
    bank(rosa.page, "abandon")
    at_stripe(stack, rosa.page)
    rosa.page.get_by_test_id("back").click()
    at_home(stack, rosa.page)
    expect(rosa.page.get_by_role("heading", name="Nothing was bought")).to_be_visible(timeout=20_000)
    picture(rosa.page, "billing-nothing-bought")
    assert rosa.has() == "Free"
    rosa.subscribe("Team")
    alive = [row for row in rosa.subscriptions() if row["ended_at"] is None]
    assert [row["status"] for row in alive] == ["active"]


def test_who_closes_the_browser_on_the_banks_page_has_paid_for_nothing(new_payer: NewPayer) -> None:
    sara = new_payer("Sara")
    end_trial(sara)
    sara.will_have("Free")
    sara.choose("Team")
    pay_with(sara.page, ASKS)
    expect(sara.page.get_by_role("heading", name="3-D Secure")).to_be_visible()
    sara.will_read("A payment was begun and not finished")
    assert sara.has() == "Free"


def test_somebody_of_another_workspace_sees_nothing_of_it(stack: Stack, new_payer: NewPayer) -> None:
    tess, mallory = new_payer("Tess").subscribe("Team"), new_payer("Mallory")
    tess.billing()
    invoice = tess.page.get_by_role("link", name="Open invoice").get_attribute("href")
    answer = mallory.page.goto(f"{stack.product}{invoice}")
    assert answer is not None
    assert answer.status == 404
    expect(mallory.billing().plan).to_contain_text("Business, on trial")
    expect(mallory.page.locator(".invoices li")).to_have_count(0)
