"""B3: the API answers Stripe's own library, and says no as Stripe says no."""

from typing import Any

import pytest
import stripe

from tests.stripe_sandbox.conftest import KEY, VERSION, Till, client


def test_a_customer_is_made_read_changed_and_deleted(till: Till) -> None:
    made = till.customer()
    assert till.v1.customers.retrieve(made.id).email == "alice@acme.example"
    changed = till.v1.customers.update(
        made.id, {"email": "bob@acme.example", "metadata": {"env": "test", "org_id": ""}}
    )
    assert (changed.email, changed.metadata.to_dict()) == ("bob@acme.example", {"env": "test"})
    till.v1.customers.delete(made.id)
    assert till.v1.customers.retrieve(made.id).to_dict() == {
        "id": made.id,
        "object": "customer",
        "deleted": True,
    }
    assert till.told() == ["customer.created", "customer.updated", "customer.deleted"]
    assert till.last("customer.updated")["data"]["previous_attributes"]["email"] == "alice@acme.example"


def test_nobody_else_and_no_other_version_is_let_in(till: Till) -> None:
    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key"):
        client(till.url, "sk_test_of_globex").v1.customers.list()
    with pytest.raises(stripe.InvalidRequestError, match="Invalid Stripe API version"):
        client(till.url, stripe_version="2020-08-27").v1.customers.list()
    answer = till.http.get(f"{till.url}/v1/customers")
    assert (answer.status_code, answer.json()["error"]["type"]) == (401, "invalid_request_error")


@pytest.mark.parametrize(
    "asked,code,param",
    [
        ({"emial": "a@b.c"}, "parameter_unknown", "emial"),
        ({"email": "nobody"}, "email_invalid", "email"),
        ({"balance": "much"}, "parameter_invalid_integer", "balance"),
        ({"tax_exempt": "perhaps"}, None, "tax_exempt"),
        ({"metadata": {"k" * 41: "v"}}, None, f"metadata[{'k' * 41}]"),
        ({"metadata": {"k": "v" * 501}}, None, "metadata[k]"),
        ({"address": {"street": "x"}}, "parameter_unknown", "address[street]"),
        ({"preferred_locales": "de"}, None, "preferred_locales"),
        ({"invoice_settings": {"default_payment_method": "pm_no"}}, "resource_missing", None),
    ],
)
def test_a_parameter_that_does_not_fit_is_named(
    till: Till, asked: dict[str, Any], code: str | None, param: str | None
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        till.v1.customers.create(asked)
    assert refused.value.http_status == 400
    assert refused.value.code == code
    assert param in (None, refused.value.param)
    assert till.v1.customers.list().data == []


def test_what_is_not_there_is_a_404(till: Till) -> None:
    for call in (till.v1.customers.retrieve, till.v1.subscriptions.retrieve, till.v1.invoices.retrieve):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            call("xyz_0")
        assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    headers = {"Authorization": f"Bearer {KEY}", "Stripe-Version": VERSION}
    assert till.http.get(f"{till.url}/v1/nonsense", headers=headers).status_code == 404


def test_lists_are_paged_newest_first(till: Till) -> None:
    made = [till.customer(name=f"Customer {number}").id for number in range(5)]
    first = till.v1.customers.list({"limit": 2})
    assert ([row.id for row in first.data], first.has_more) == (made[:2:-1], True)
    assert [row.id for row in first.auto_paging_iter()] == made[::-1]
    back = till.v1.customers.list({"limit": 2, "ending_before": made[0]})
    assert [row.id for row in back.data] == [made[2], made[1]]
    for wrong in ({"limit": 0}, {"limit": 101}, {"starting_after": "cus_no"}):
        with pytest.raises(stripe.InvalidRequestError):
            till.v1.customers.list(wrong)


def test_prices_are_found_by_their_lookup_keys(till: Till) -> None:
    found = till.v1.prices.list(
        {"lookup_keys": ["team_monthly_v1", "business_monthly_v1"], "expand": ["data.product"]}
    )
    assert {row.lookup_key: row.product.metadata["plan"] for row in found.data} == {
        "team_monthly_v1": "team",
        "business_monthly_v1": "business",
    }
    product = till.v1.products.create({"name": "Extra", "metadata": {"plan": "extra"}})
    asked = {"currency": "eur", "product": product.id, "unit_amount": 500, "lookup_key": "extra_monthly"}
    price = till.v1.prices.create({**asked, "recurring": {"interval": "month"}})
    assert (price.type, price.recurring.interval_count, str(price.unit_amount_decimal)) == (
        "recurring",
        1,
        "500",
    )
    with pytest.raises(stripe.InvalidRequestError, match="already uses that lookup key"):
        till.v1.prices.create({**asked, "recurring": {"interval": "year"}})


def test_what_cannot_be_expanded_is_refused(till: Till) -> None:
    made = till.customer()
    assert till.v1.customers.retrieve(made.id, {"expand": ["subscriptions"]}).subscriptions.data == []
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        till.v1.customers.retrieve(made.id, {"expand": ["email_history"]})


def test_every_call_is_in_the_log(till: Till) -> None:
    till.v1.customers.create({"email": "a@acme.example"}, {"idempotency_key": "k-1"})
    logged = till.look("requests")["requests"][-1]
    assert (logged["method"], logged["status"], logged["args"]) == (
        "customers.create",
        200,
        {"email": "a@acme.example"},
    )
    assert logged["idempotency_key"] == "k-1"
    event = till.last("customer.created")
    assert event["request"] == {"id": logged["request"], "idempotency_key": "k-1"}
