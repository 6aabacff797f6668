"""B6, B8: the owner's page about the plan says for every state what holds, until when, and what to do about it."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts import actions
from accounts.models import Member, Role
from billing.models import Customer
from tests.billing.standing_there import DAY, billed, customer_for, subscribed
from tests.conftest import ClientOf, person, prove

pytestmark = pytest.mark.django_db
PAGE = "/console/settings/billing"


@pytest.fixture
def nobody_answers(paid_for: Settings) -> None:
    """A page that spoke with Stripe would not come."""
    paid_for.STRIPE_API_URL = "http://127.0.0.1:9"


@pytest.fixture
def browser(nobody_answers: None, alice: Member, client_of: ClientOf) -> Client:
    return client_of(alice)


def words(client: Client, path: str = PAGE, **asked: Any) -> str:
    answer = client.get(path, asked)
    assert answer.status_code == 200, answer.status_code
    main = answer.content.decode().partition("<main")[2] or answer.content.decode()
    return re.sub(r" ([.,;])", r"\1", " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split()))


def buttons(client: Client) -> list[str]:
    """What can be done about the plan: the first card's links and buttons."""
    page = client.get(PAGE).content.decode()
    card = page[page.index('aria-labelledby="plan-title"') : page.index('aria-labelledby="used-title"')]
    found = re.findall(r"<(?:a|button)[^>]*>(.*?)</(?:a|button)>", card, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in found]


def test_on_trial_it_says_how_long_what_comes_then_and_has_one_button(browser: Client, alice: Member) -> None:
    customer_for(alice, trial_ends_at=timezone.now() + 4 * DAY + timedelta(hours=1), stripe_customer_id=None)
    page = words(browser)
    assert "Business, on trial 5 days left" in page
    assert "There is no card, so nothing can be charged" in page
    assert "After that you go on with Free by yourself: 100 chats a month, 1 site and 2 agents" in page
    assert buttons(browser) == ["Choose a plan"]


def test_the_last_day_of_a_trial_is_one_day(browser: Client, alice: Member) -> None:
    customer_for(alice, trial_ends_at=timezone.now() + timedelta(minutes=5))
    assert "1 day left" in words(browser)


def test_on_free_it_says_when_the_trial_ended(browser: Client, alice: Member) -> None:
    customer_for(alice, trial_ends_at=timezone.now() - 3 * DAY)
    page = words(browser)
    assert "Your trial ended on" in page
    assert "Free holds 100 chats a month" in page
    assert buttons(browser) == ["Choose a plan"]


def test_after_a_plan_it_says_when_that_ended_and_not_the_trial(browser: Client, alice: Member) -> None:
    billed(subscribed(alice, "canceled", ended_at=timezone.now() - 2 * DAY))
    customer_for(alice, trial_ends_at=timezone.now() - 90 * DAY, stripe_customer_id="cus_acme")
    page = words(browser)
    assert "Your plan ended on" in page
    assert "Your trial ended" not in page
    assert buttons(browser) == ["Choose a plan"]
    assert "ACME-0001" in page


def test_whoever_pays_sees_plan_price_and_seats(browser: Client, alice: Member) -> None:
    subscribed(alice)
    page = words(browser)
    assert "Team Active" in page
    assert "€15 × 3 agents = €45 a month" in page
    assert buttons(browser) == ["Change plan", "Change card", "Address and tax id", "Cancel…"]


def test_a_cancelled_plan_can_be_kept_until_its_last_day(browser: Client, alice: Member) -> None:
    row = subscribed(alice, cancel_at_period_end=True)
    assert row.period_end is not None
    assert f"You keep Team until {row.period_end:%A}, {row.period_end.day} {row.period_end:%B %Y}" in words(
        browser
    )
    assert buttons(browser) == ["Keep the plan", "Change plan"]


def test_a_planned_change_is_told_and_can_be_taken_back(browser: Client, alice: Member) -> None:
    row = subscribed(alice, plan="business", schedule_id="sub_sched_1", next_plan="team")
    assert row.period_end is not None
    assert (
        f"Team begins on {row.period_end.day} {row.period_end:%B %Y}. Until then you have Business"
        in words(browser)
    )
    assert buttons(browser)[0] == "Stay with Business"


def test_a_failed_payment_says_until_when_the_plan_is_kept_and_leads_to_the_invoice(
    browser: Client, alice: Member
) -> None:
    row = subscribed(alice, "past_due", failed_days_ago=4)
    bill = billed(row, "open", attempts=2, next_attempt_at=timezone.now() + 2 * DAY)
    page, until = words(browser), timezone.now() + 10 * DAY
    assert f"You keep Team until {until:%A}, {until.day} {until:%B}; after that you have Free" in page
    assert "We try again by ourselves on" in page
    assert buttons(browser)[:2] == ["Pay €45 now", "Change card"]
    assert f'href="{PAGE}/invoices/{bill.pk}" target="_blank"' in browser.get(PAGE).content.decode()


def test_a_bank_that_asks_is_answered_and_not_paid_again(browser: Client, alice: Member) -> None:
    bill = billed(subscribed(alice, "past_due", failed_days_ago=1), "open", attempts=1)
    Customer.unscoped.update(bill_id=bill.pk, bill_needs_action=True)
    page = words(browser)
    assert "To be confirmed Your bank wants you to confirm the last payment" in page
    assert buttons(browser)[0] == "Confirm payment"


def test_no_banner_says_it_twice(browser: Client, alice: Member) -> None:
    bill = billed(subscribed(alice, "past_due", failed_days_ago=1), "open", attempts=1)
    Customer.unscoped.update(bill_id=bill.pk)
    assert 'class="banners"' in browser.get("/console/settings").content.decode()
    assert 'class="banners"' not in browser.get(PAGE).content.decode()


def test_an_end_that_was_set_by_hand_is_not_taken_back_here(browser: Client, alice: Member) -> None:
    subscribed(alice, cancel_at=timezone.now() + 5 * DAY)
    assert "Its end was set by whoever runs this server" in words(browser)
    assert buttons(browser) == ["Write to support", "Change plan"]


def test_a_change_that_waited_too_long_for_the_bank_is_forgotten(browser: Client, alice: Member) -> None:
    subscribed(alice, pending_update_expires_at=timezone.now() - DAY, latest_invoice_id="in_upgrade")
    assert "A change waits for your payment" not in words(browser)


def test_what_is_overdue_says_that_chats_arrive_and_how_the_plan_comes_back(
    browser: Client, alice: Member
) -> None:
    billed(subscribed(alice, "past_due", failed_days_ago=15), "open", attempts=8)
    page = words(browser)
    assert "Free, as Team is not paid Overdue" in page
    assert "chats still arrive" in page
    assert buttons(browser)[0] == "Pay €45 now"


def test_what_stripe_gave_up_is_overdue_too(browser: Client, alice: Member) -> None:
    billed(subscribed(alice, "unpaid", failed_days_ago=15), "open", attempts=8)
    assert "Overdue" in words(browser)


def test_a_paused_subscription_is_said_to_rest(browser: Client, alice: Member) -> None:
    subscribed(alice, "paused")
    page = words(browser)
    assert "Team rests Paused" in page
    assert "nothing is charged" in page


def test_a_state_that_we_do_not_know_is_said_and_frightens_nobody(browser: Client, alice: Member) -> None:
    subscribed(alice, "a_word_of_tomorrow", failed_days_ago=1)
    page = words(browser)
    assert "that we do not know yet" in page
    assert "You keep Team" in page
    assert "a_word_of_tomorrow" not in page


def test_a_price_of_no_plan_is_said_and_reported(browser: Client, alice: Member) -> None:
    subscribed(alice, plan="")
    assert "a price that is none of our plans’, so you have what Free holds" in words(browser)


def test_a_larger_plan_that_waits_for_the_bank_can_be_confirmed(browser: Client, alice: Member) -> None:
    row = subscribed(alice, pending_update_expires_at=timezone.now() + DAY, latest_invoice_id="in_upgrade")
    billed(row, "open", id="in_upgrade")
    assert "A change waits for your payment" in words(browser)
    assert buttons(browser)[0] == "Confirm payment"


def test_a_payment_that_was_begun_and_left_is_no_plan(browser: Client, alice: Member) -> None:
    subscribed(alice, "incomplete")
    assert "A payment was begun and not finished. Nothing was charged" in words(browser)
    assert buttons(browser) == ["Choose a plan"]


def test_a_server_without_stripes_key_has_no_limits_and_no_invoices(
    alice: Member, client_of: ClientOf
) -> None:
    page = words(client_of(alice))
    assert "Unlimited (self-hosted) Nothing to pay" in page
    assert "without a limit" in page
    assert "Invoices" not in page
    assert "Choose a plan" not in page


# --- what is used, what was charged ---------------------------------------------------------------------------------


def test_the_bars_say_what_is_used_of_what(browser: Client, alice: Member) -> None:
    subscribed(alice)
    page = words(browser)
    assert "Chats this month 0 of 2,000" in page
    assert "Sites 0 of 3" in page
    assert "Agents 2 of 20" in page
    assert "Chats are counted anew on" in page


def test_a_full_bar_says_what_that_means(browser: Client, alice: Member) -> None:
    customer_for(alice)
    assert "Agents 2 of 2" in words(browser)
    assert "All stay. One more needs a larger plan." in words(browser)


def test_invoices_stand_in_plain_words_the_newest_first(browser: Client, alice: Member) -> None:
    row = subscribed(alice)
    for number, (status, attempts) in enumerate(
        [("paid", 1), ("open", 0), ("open", 2), ("void", 0), ("odd", 0)]
    ):
        billed(row, status, id=f"in_{number}", number=f"ACME-{number}", attempts=attempts)
    page = words(browser)
    for said in (
        "ACME-0",
        "€45 Paid Open",
        "€45 To be paid Open",
        "€45 Payment failed Open",
        "€45 Withdrawn",
        "€45 odd",
    ):
        assert said in page, said


def test_without_an_invoice_it_says_when_there_will_be_one(browser: Client, alice: Member) -> None:
    customer_for(alice)
    assert "There are none yet. Each payment brings one" in words(browser)


def test_a_draft_is_not_shown_as_its_sum_is_not_final(browser: Client, alice: Member) -> None:
    billed(subscribed(alice), "draft")
    assert "There are none yet" in words(browser)


# --- Stripe is away --------------------------------------------------------------------------------------------------


def test_the_page_comes_without_stripe_and_its_part_can_be_asked_for_again(
    browser: Client, alice: Member
) -> None:
    subscribed(alice)
    assert f'hx-get="{PAGE}/stripe" hx-trigger="load"' in browser.get(PAGE).content.decode()


# --- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AGENT, Role.VIEWER])
def test_only_owners_see_it_and_others_are_told_whom_to_ask(
    paid_for: Settings, alice: Member, client_of: ClientOf, role: Role
) -> None:
    other = actions.add_member(alice.workspace, person("Walker", "walker@acme.example"), role)
    for path in (PAGE, f"{PAGE}/plan", f"{PAGE}/cancel", f"{PAGE}/stripe"):
        answer = client_of(other).get(path)
        assert answer.status_code == 403
        assert "Only owners choose the plan and pay for it" in answer.content.decode()
    assert ">Billing<" not in client_of(other).get("/console/settings").content.decode()


def test_mallory_sees_her_own_and_nothing_of_acme(
    nobody_answers: None, alice: Member, mallory: Member, client_of: ClientOf
) -> None:
    bill = billed(subscribed(alice), number="ACME-SECRET")
    customer_for(mallory)
    page = client_of(mallory).get(PAGE).content.decode()
    assert "ACME-SECRET" not in page
    assert bill.pk not in page
    for path in (f"{PAGE}/invoices/{bill.pk}", f"{PAGE}/plan/team/nowhere", f"{PAGE}/plan/gold"):
        assert client_of(mallory).get(path).status_code == 404


DEEDS = ("plan/team/buy", "plan/team/confirm", "cancel/confirm", "resume", "portal")


@pytest.mark.parametrize("deed", DEEDS)
def test_whoever_has_not_just_shown_who_they_are_is_asked_first(
    browser: Client, alice: Member, deed: str
) -> None:
    subscribed(alice)
    prove(browser, alice.user, ago=16 * 60)
    answer = browser.post(f"{PAGE}/{deed}")
    assert (answer.status_code, "/reauthenticate/" in answer["Location"]) == (302, True)


@pytest.mark.parametrize("deed", DEEDS)
def test_a_deed_is_not_done_by_looking_and_not_by_an_agent(
    browser: Client, bob: Member, client_of: ClientOf, deed: str
) -> None:
    assert browser.get(f"{PAGE}/{deed}").status_code == 405
    assert client_of(bob).post(f"{PAGE}/{deed}").status_code == 403


@pytest.mark.parametrize("deed", DEEDS)
def test_a_server_that_sells_nothing_says_so(alice: Member, client_of: ClientOf, deed: str) -> None:
    answer = client_of(alice).post(f"{PAGE}/{deed}", follow=True)
    assert "Nothing is sold on this server" in answer.content.decode()
