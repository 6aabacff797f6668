"""B3, B4, B8: an owner's way through the billing tab, Stripe's pages and back, with Stripe on the wire."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts import actions
from accounts.actions.entitlements import seats_taken
from accounts.models import Member, Role, Workspace
from billing import paying
from billing.models import Customer, Invoice, Subscription
from tests.billing.till import ASKS_AT_RENEWALS, FAILS_LATER, PAYS, Till
from tests.conftest import ClientOf, person

PAGE = "/console/settings/billing"
ASKS_ALWAYS = "4000002760003184"


@pytest.fixture
def browser(till: Till, alice: Member, client_of: ClientOf) -> Client:
    return client_of(alice)


def words(client: Client, path: str = PAGE) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code, answer.headers.get("Location"))
    main = answer.content.decode().partition("<main")[2] or answer.content.decode()
    return re.sub(r" ([.,;])", r"\1", " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split()))


def away(client: Client, deed: str, **asked: str) -> str:
    """Where a deed leads, which is one of Stripe's pages."""
    answer = client.post(f"{PAGE}/{deed}", asked)
    assert answer.status_code == 302
    return str(answer["Location"])


def kept(till: Till, kind: str) -> list[dict[str, Any]]:
    return list(till.look("state")[kind])


def subscribe(till: Till, client: Client, plan: str = "team", card: str = PAYS) -> None:
    address = away(client, f"plan/{plan}/buy")
    assert address.startswith(till.url)
    till.act("pay", session=address.rsplit("/", 1)[1], card=card, challenge="pass")


def said_after(client: Client, deed: str) -> str:
    answer = client.post(f"{PAGE}/{deed}", follow=True)
    assert answer.redirect_chain[0][0].startswith(PAGE)
    return unescape(answer.content.decode())


def until_known(client: Client, plan: str = "team") -> Iterator[str]:
    """What the page of return shows, as it asks for its own part again."""
    path = f"{PAGE}/return?plan={plan}"
    while path:
        page = client.get(path).content.decode()
        yield " ".join(unescape(re.sub(r"<[^>]+>", " ", page.partition('id="returned"')[2])).split())
        asked = re.search(r'hx-get="([^"]*return/state[^"]*)"', page)
        path = unescape(asked[1]) if asked else ""


# --- buying ----------------------------------------------------------------------------------------------------------


def test_whoever_chooses_a_plan_pays_at_stripe_and_is_thanked(
    till: Till, browser: Client, alice: Member
) -> None:
    assert "€30 a month for your 2 agents" in words(browser, f"{PAGE}/plan")
    subscribe(till, browser)
    first, *_, last = until_known(browser)
    assert "Thank you, Team is active" in last
    assert "€15 × 2 agents a month" in last
    assert "One moment" in first or "Thank you" in first
    assert "Team Active" in words(browser)


def test_whoever_comes_back_without_paying_has_bought_nothing(
    till: Till, browser: Client, alice: Member
) -> None:
    away(browser, "plan/team/buy")
    seen = list(until_known(browser))
    assert "One moment" in seen[0]
    assert "Nothing was bought" in seen[-1]
    assert len(seen) == 3
    assert Workspace.objects.get(pk=alice.workspace_id).plan_name == "Business"


def test_a_stripe_that_is_silent_is_asked_for_half_a_minute_and_nobody_pays_twice(
    till: Till, browser: Client
) -> None:
    away(browser, "plan/team/buy")
    till.act("faults", method="*", kind="status", status=503, count=1000)
    last = list(until_known(browser))[-1]
    till.http.delete("/_control/faults")
    assert "Stripe has not told us yet" in last
    assert "Do not pay a second time" in last


@pytest.mark.parametrize("made_up", ["?plan=gold", "?plan=team&looks=x&seen=-1", "?plan=<b>&looks=9999999"])
def test_what_the_address_of_return_says_is_believed_by_nobody(
    till: Till, browser: Client, made_up: str
) -> None:
    page = browser.get(f"{PAGE}/return{made_up}").content.decode()
    assert "One moment" in page
    assert "Thank you" not in page
    assert "<b>" not in page


def test_a_plan_that_is_none_or_free_is_not_sold(till: Till, browser: Client) -> None:
    for key in ("gold", "free"):
        assert browser.post(f"{PAGE}/plan/{key}/buy").status_code == 404
        assert browser.get(f"{PAGE}/plan/{key}").status_code == 404


def test_a_second_plan_is_refused_with_a_sentence(till: Till, browser: Client) -> None:
    subscribe(till, browser)
    assert "Change it on the billing page" in said_after(browser, "plan/business/buy")
    assert Subscription.objects.count() == 1


def test_a_stripe_that_is_away_is_said_and_nothing_is_sold(till: Till, browser: Client) -> None:
    till.act("faults", method="*", kind="status", status=503, count=1000)
    page = said_after(browser, "plan/team/buy")
    till.http.delete("/_control/faults")
    assert "Stripe does not answer just now" in page


# --- what Stripe alone can tell --------------------------------------------------------------------------------------


def test_the_card_and_the_next_invoice_are_told_by_stripe(till: Till, browser: Client, alice: Member) -> None:
    subscribe(till, browser)
    paying.returned(alice.workspace)
    page = words(browser, f"{PAGE}/stripe")
    assert "Next invoice €30 on 1 February 2027" in page
    assert "visa •••• ending in 4242" in page
    assert not [
        model
        for model in (Customer, Subscription, Invoice)
        if "4242" in str(list(model._base_manager.values()))
    ]


def test_a_stripe_that_does_not_tell_can_be_asked_again(till: Till, browser: Client, alice: Member) -> None:
    subscribe(till, browser)
    paying.returned(alice.workspace)
    till.act("faults", method="*", kind="status", status=503, count=1000)
    whole, part = words(browser), browser.get(f"{PAGE}/stripe").content.decode()
    till.http.delete("/_control/faults")
    assert "Team Active" in whole
    assert "does not tell them just now" in part
    assert f'hx-get="{PAGE}/stripe" hx-target="#told"' in part
    assert "4242" in words(browser, f"{PAGE}/stripe")


def test_a_card_that_was_removed_is_missed(till: Till, browser: Client, alice: Member) -> None:
    subscribe(till, browser)
    paying.returned(alice.workspace)
    (method,) = kept(till, "payment_method")
    till.act("remove_card", method=method["id"])
    assert "None. Give one" in words(browser, f"{PAGE}/stripe")


def test_the_card_is_changed_on_stripes_page_which_leads_back(
    till: Till, browser: Client, alice: Member
) -> None:
    subscribe(till, browser)
    paying.returned(alice.workspace)
    assert away(browser, "portal", flow="card").startswith(till.url)
    (made,) = kept(till, "billing_portal.session")
    assert made["return_url"].endswith(f"{PAGE}?back")
    assert made["flow"]["type"] == "payment_method_update"
    page = browser.get(f"{PAGE}?back").content.decode()
    assert f'hx-get="{PAGE}/news?seen=' in page


def test_an_invoice_opens_at_stripe_for_its_owner_alone(
    till: Till, browser: Client, alice: Member, mallory: Member, client_of: ClientOf
) -> None:
    subscribe(till, browser)
    paying.returned(alice.workspace)
    bill = Invoice.objects.get()
    assert f"{bill.number} 1 January 2027" in words(browser)
    answer = browser.get(f"{PAGE}/invoices/{bill.pk}")
    assert (answer.status_code, answer["Location"].startswith(till.url)) == (302, True)
    assert "no-store" in answer["Cache-Control"]
    assert client_of(mallory).get(f"{PAGE}/invoices/{bill.pk}").status_code == 404
    assert browser.get(f"{PAGE}/invoices/in_nobodys").status_code == 404


# --- something done in another tab -----------------------------------------------------------------------------------


def test_news_from_stripe_draw_the_page_anew_and_nothing_new_does_not(
    till: Till, browser: Client, alice: Member
) -> None:
    subscribe(till, browser)
    paying.returned(alice.workspace)
    (seen,) = re.findall(r"news\?seen=(\w+)", browser.get(f"{PAGE}?back").content.decode())
    assert browser.get(f"{PAGE}/news?seen={seen}").status_code == 204
    till.v1.subscriptions.update(Subscription.objects.get().pk, {"cancel_at_period_end": True})
    assert browser.get(f"{PAGE}/news?seen={seen}")["HX-Redirect"] == PAGE
    assert "Cancelled" in words(browser)


# --- changing --------------------------------------------------------------------------------------------------------


@pytest.fixture
def paid(till: Till, browser: Client, alice: Member) -> Client:
    subscribe(till, browser)
    paying.returned(alice.workspace)
    return browser


def test_a_larger_plan_is_shown_with_its_price_and_holds_at_once(till: Till, paid: Client) -> None:
    assert "From Team to Business" in words(paid, f"{PAGE}/plan/business")
    shown = words(paid, f"{PAGE}/plan/business/preview")
    assert "To pay now €40" in shown
    assert "Then €70 a month" in shown
    assert "Business begins At once" in shown
    assert "Business is active" in said_after(paid, "plan/business/confirm")
    assert "Business Active" in words(paid)


def test_a_bank_that_asks_leaves_the_plan_until_it_is_confirmed(
    till: Till, browser: Client, alice: Member
) -> None:
    subscribe(till, browser, card=ASKS_ALWAYS)
    paying.returned(alice.workspace)
    assert "Your bank wants you to confirm the payment" in said_after(browser, "plan/business/confirm")
    page = browser.get(PAGE).content.decode()
    assert "A change waits for your payment" in page
    (address,) = set(
        re.findall(rf'href="({PAGE}/invoices/\w+)" target="_blank" rel="noopener noreferrer"><svg', page)
    )
    bill = address.rsplit("/", 1)[1]
    assert browser.get(address)["Location"].startswith(till.url)
    till.act("pay_invoice", invoice=bill, challenge="pass")
    paying.returned(alice.workspace)
    assert "Business Active" in words(browser)


def test_a_smaller_plan_says_what_it_does_not_hold_begins_later_and_can_be_taken_back(
    till: Till, browser: Client, alice: Member
) -> None:
    subscribe(till, browser, "business")
    paying.returned(alice.workspace)
    assert "What Team does not hold" in words(browser, f"{PAGE}/plan/team")
    shown = words(browser, f"{PAGE}/plan/team/preview")
    assert "To pay now €0 Then €30 a month Team begins 1 February 2027" in shown
    assert "Team begins when what you have paid for is over" in said_after(browser, "plan/team/confirm")
    assert "Team begins on 1 February 2027" in words(browser)
    assert "your plan goes on" in said_after(browser, "resume")
    assert "Business Active Price" in words(browser)


def test_the_same_plan_and_one_that_was_never_bought_are_not_changed_to(
    till: Till, browser: Client, alice: Member
) -> None:
    assert browser.get(f"{PAGE}/plan/team")["Location"] == f"{PAGE}/plan"
    subscribe(till, browser)
    paying.returned(alice.workspace)
    assert browser.get(f"{PAGE}/plan/team")["Location"] == f"{PAGE}/plan"
    assert "This is the plan that you have" in said_after(browser, "plan/team/confirm")


def test_a_preview_that_does_not_come_can_be_asked_for_again(till: Till, paid: Client) -> None:
    till.act("faults", method="*", kind="status", status=503, count=1000)
    part = paid.get(f"{PAGE}/plan/business/preview").content.decode()
    till.http.delete("/_control/faults")
    assert "Stripe does not answer just now" in part
    assert f'hx-get="{PAGE}/plan/business/preview" hx-target="#preview"' in part
    assert "<form" not in part


def test_whoever_cancels_keeps_it_until_the_last_day_and_may_change_their_mind(
    till: Till, paid: Client
) -> None:
    page = words(paid, f"{PAGE}/cancel")
    assert "Until 1 February 2027 : you keep Team" in page
    assert "Then: you go on with Free" in page
    assert "You keep what you have paid for until its last day" in said_after(paid, "cancel/confirm")
    assert "You keep Team until Monday, 1 February 2027" in words(paid)
    assert "your plan goes on" in said_after(paid, "resume")
    assert "Team Active" in words(paid)


def test_whoever_has_nothing_to_cancel_is_led_back(till: Till, browser: Client) -> None:
    assert browser.get(f"{PAGE}/cancel")["Location"] == PAGE
    assert "Choose a plan first" in said_after(browser, "cancel/confirm")


@pytest.mark.parametrize("card", [FAILS_LATER, ASKS_AT_RENEWALS])
def test_a_renewal_that_failed_is_paid_on_stripes_page_and_all_is_well(
    till: Till, browser: Client, alice: Member, card: str
) -> None:
    subscribe(till, browser, card=PAYS if card == FAILS_LATER else card)
    if card == FAILS_LATER:
        till.act(
            "card", customer=Customer.unscoped.get(workspace=alice.workspace).stripe_customer_id, card=card
        )
    till.advance(32)
    paying.returned(alice.workspace)
    page = browser.get(PAGE).content.decode()
    assert "You keep Team until" in page
    (bill,) = set(
        re.findall(rf'href="{PAGE}/invoices/(\w+)" target="_blank" rel="noopener noreferrer"><svg', page)
    )
    till.act("pay_invoice", invoice=bill, card=PAYS, challenge="pass")
    (seen,) = re.findall(r"news\?seen=(\w+)", page)
    assert browser.get(f"{PAGE}/news?seen={seen}")["HX-Redirect"] == PAGE
    assert "Team Active" in words(browser)


def test_a_team_that_is_too_large_for_a_plan_is_told_before(
    till: Till, browser: Client, alice: Member
) -> None:
    actions.add_member(alice.workspace, person("Carol", "carol@acme.example"), Role.AGENT)
    assert seats_taken(alice.workspace_id) == 3
    page = words(browser, f"{PAGE}/plan")
    assert "€45 a month for your 3 agents" in page
    assert "You have 3 agents: none can be added." in page
