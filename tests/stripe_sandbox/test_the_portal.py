"""B4: what a customer may do in the portal, and what its configuration keeps from them."""

from typing import Any

import httpx
import pytest
import stripe

from tests.stripe_sandbox.conftest import ASKS, ASKS_LATER, DAY, DECLINED, HOUR, PAYS, T0, Till


class Visit:
    """One opened portal, used by its forms."""

    def __init__(self, till: Till, customer: str, **more: Any) -> None:
        asked = {"customer": customer, "return_url": "http://localhost:8000/billing/", **more}
        self.till = till
        self.url = str(till.v1.billing_portal.sessions.create(asked).url)

    def see(self, part: str = "", **query: str) -> httpx.Response:
        return self.till.http.get(self.url + part, params=query)

    def do(self, part: str, **form: str) -> httpx.Response:
        return self.till.http.post(f"{self.url}/{part}", data=form)


def card(number: str) -> dict[str, str]:
    return {"card": number, "expires": "12/34", "cvc": "123"}


@pytest.fixture
def subscription(till: Till) -> Any:
    return till.subscribe()


@pytest.fixture
def visit(till: Till, subscription: Any) -> Visit:
    return Visit(till, subscription.customer)


def test_cancelling_is_for_the_end_of_the_period_and_can_be_undone(
    till: Till, subscription: Any, visit: Visit
) -> None:
    assert (
        "You keep everything until 1 February 2027" in visit.see("/cancel", subscription=subscription.id).text
    )
    visit.do("cancel", subscription=subscription.id, feedback="too_expensive")
    leaving = till.sub(subscription.id)
    assert (leaving.cancel_at_period_end, leaving.cancellation_details.feedback) == (True, "too_expensive")
    assert "Ends on 1 February 2027" in visit.see().text
    visit.do("keep", subscription=subscription.id)
    assert not till.sub(subscription.id).cancel_at_period_end


def test_a_bigger_plan_begins_now(till: Till, subscription: Any, visit: Visit) -> None:
    asked = {"subscription": subscription.id, "price": "price_sandbox_business_month"}
    assert "€60.00" in visit.see("/confirm", **asked).text
    visit.do("confirm", **asked)
    changed = till.sub(subscription.id, "latest_invoice")
    assert (changed.items.data[0].price.lookup_key, changed.items.data[0].quantity) == (
        "business_monthly_v1",
        3,
    )
    assert (changed.latest_invoice.total, changed.latest_invoice.status) == (6000, "paid")


def test_a_bigger_plan_that_is_not_paid_leads_to_its_invoice(till: Till) -> None:
    subscription = till.subscribe(ASKS_LATER)
    visit = Visit(till, subscription.customer)
    answer = visit.do("confirm", subscription=subscription.id, price="price_sandbox_business_month")
    waiting = till.sub(subscription.id)
    assert answer.headers["location"] == f"/i/{waiting.latest_invoice}"
    assert waiting.items.data[0].price.lookup_key == "team_monthly_v1"
    paid = till.http.post(f"{till.url}/i/{waiting.latest_invoice}", data=card(PAYS))
    assert paid.status_code == 303
    assert till.sub(subscription.id).items.data[0].price.lookup_key == "business_monthly_v1"


def test_a_smaller_plan_begins_with_the_next_period(till: Till) -> None:
    subscription = till.subscribe(price="price_sandbox_business_month")
    visit = Visit(till, subscription.customer)
    asked = {"subscription": subscription.id, "price": "price_sandbox_team_month"}
    assert "Nothing is due now" in visit.see("/confirm", **asked).text
    visit.do("confirm", **asked)
    assert till.sub(subscription.id).items.data[0].price.lookup_key == "business_monthly_v1"
    assert "Becomes Team" in visit.see().text
    till.control("clock", to=T0 + 31 * DAY + HOUR)
    assert till.sub(subscription.id).items.data[0].price.lookup_key == "team_monthly_v1"


def test_a_new_card_is_the_one_that_is_charged(till: Till, subscription: Any, visit: Visit) -> None:
    before = subscription.default_payment_method
    assert visit.do("card", **card(DECLINED)).status_code == 402
    bank = visit.do("card", **card(ASKS)).headers["location"]
    assert till.sub(subscription.id).default_payment_method == before
    till.http.post(till.url + bank, data={"answer": "complete"})
    assert till.sub(subscription.id).default_payment_method != before
    visit.do("remove", method=till.sub(subscription.id).default_payment_method)
    assert till.told()[-2:] == ["customer.subscription.updated", "customer.updated"]
    assert till.sub(subscription.id).default_payment_method is None
    assert "not there any more" in visit.do("remove", method="pm_of_globex").text


def test_details_are_changed(till: Till, subscription: Any, visit: Visit) -> None:
    visit.do("details", name="Acme SE", country="at", postal_code="1010", tax_id="ATU12345678")
    customer = till.v1.customers.retrieve(subscription.customer, {"expand": ["tax_ids"]})
    assert (customer.name, customer.address.country) == ("Acme SE", "AT")
    assert customer.tax_ids.data[0].value == "ATU12345678"


def test_a_flow_opens_its_page_and_leads_back(till: Till, subscription: Any) -> None:
    after = {"type": "redirect", "redirect": {"return_url": "http://localhost:8000/billing/done"}}
    flow = {"type": "payment_method_update", "after_completion": after}
    visit = Visit(till, subscription.customer, flow_data=flow)
    assert visit.see().headers["location"].endswith("/card")
    assert visit.do("card", **card(PAYS)).headers["location"] == "http://localhost:8000/billing/done"
    bank = visit.do("card", **card(ASKS)).headers["location"]
    answered = till.http.post(till.url + bank, data={"answer": "complete"})
    assert answered.headers["location"] == "http://localhost:8000/billing/done"
    confirm = {
        "subscription": subscription.id,
        "items": [{"id": subscription.items.data[0].id, "price": "price_sandbox_business_month"}],
    }
    flow = {"type": "subscription_update_confirm", "subscription_update_confirm": confirm}
    place = Visit(till, subscription.customer, flow_data=flow).see().headers["location"]
    assert place.endswith(f"/confirm?subscription={subscription.id}&price=price_sandbox_business_month")


def test_what_the_configuration_switches_off_cannot_be_done(till: Till, subscription: Any) -> None:
    features = {"invoice_history": {"enabled": True}}
    config = till.v1.billing_portal.configurations.create({"features": features}).id
    visit = Visit(till, subscription.customer, configuration=config)
    assert "Cancel plan" not in visit.see().text
    for part in ("cancel", "card", "details", "confirm"):
        answer = visit.do(part, subscription=subscription.id, price="price_sandbox_team_year", **card(PAYS))
        assert answer.status_code in (402, 403)
    assert not till.sub(subscription.id).cancel_at_period_end
    with pytest.raises(stripe.InvalidRequestError, match="is off in this configuration"):
        Visit(till, subscription.customer, configuration=config, flow_data={"type": "payment_method_update"})


def test_a_portal_shows_one_customer_for_an_hour(till: Till, subscription: Any) -> None:
    globex = till.subscribe(customer=till.customer(name="Globex").id)
    visit = Visit(till, subscription.customer)
    assert globex.latest_invoice not in visit.see().text
    assert visit.do("cancel", subscription=globex.id).status_code == 404
    assert not till.sub(globex.id).cancel_at_period_end
    till.advance(HOUR + 1)
    assert visit.see().status_code == 410
    assert till.http.get(f"{till.url}/p/session/bps_no").status_code == 410


@pytest.mark.parametrize(
    "features,words",
    [
        ({"subscription_update": {"enabled": True}}, "are needed to enable"),
        ({"subscription_cancel": {"enabled": True, "mode": "sometimes"}}, "must be one of"),
        (
            {
                "subscription_update": {
                    "products": [{"product": "prod_sandbox_team", "prices": ["price_sandbox_business_month"]}]
                }
            },
            "must belong",
        ),
        ({"login": {"enabled": True}}, "unknown parameter"),
    ],
)
def test_a_configuration_that_cannot_be_is_refused(till: Till, features: dict[str, Any], words: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=words):
        till.v1.billing_portal.configurations.create({"features": features})
