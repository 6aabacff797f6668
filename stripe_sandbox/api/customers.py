"""Customers and their tax ids."""

from stripe_sandbox import life
from stripe_sandbox.api.paging import page
from stripe_sandbox.api.registry import CREATED, PAGE, Call, endpoint
from stripe_sandbox.model import Json
from stripe_sandbox.params import META, Or, Ref, Text, merge_metadata
from stripe_sandbox.refusals import Refusal, invalid

ADDRESS = {name: Text() for name in ("city", "country", "line1", "line2", "postal_code", "state")}
FIELDS = {
    "address": Or(ADDRESS),
    "balance": int,
    "description": Text(),
    "email": Text(),
    "invoice_prefix": str,
    "invoice_settings": {"default_payment_method": Or(Ref("payment_method")), "footer": Text()},
    "metadata": META,
    "name": Text(),
    "phone": Text(),
    "preferred_locales": [str],
    "tax_exempt": ("none", "exempt", "reverse"),
}
TAX_ID_KINDS = ("eu_vat", "gb_vat", "ch_vat", "us_ein", "no_vat", "au_abn", "ca_gst_hst")


def apply(customer: Json, args: Json) -> None:
    if args.get("email") and "@" not in args["email"]:
        invalid(f"Invalid email address: {args['email']}", "email", "email_invalid")
    given = dict(args)
    customer["metadata"] = merge_metadata(customer["metadata"], given.pop("metadata", customer["metadata"]))
    if given.get("address"):
        given["address"] = {name: given["address"].get(name) for name in ADDRESS}
    customer["invoice_settings"] |= given.pop("invoice_settings", {})
    customer.update(given)


@endpoint("customers.create", "POST /v1/customers", FIELDS)
def create(call: Call) -> Json:
    draft: Json = {"metadata": {}, "invoice_settings": {}}
    apply(draft, call.args)
    number = len(call.box.world.table("customer")) + 1
    customer = call.box.make("customer", invoice_prefix=f"TILL{number:04}")
    apply(customer, call.args)
    call.box.tell("customer.created", customer)
    return customer


@endpoint("customers.retrieve", "GET /v1/customers/{id}")
def retrieve(call: Call) -> Json:
    return call.box.get("customer", call.id)


@endpoint("customers.update", "POST /v1/customers/{id}", FIELDS)
def update(call: Call) -> Json:
    customer = living(call)
    with call.box.changing("customer.updated", customer):
        apply(customer, call.args)
    return customer


@endpoint("customers.delete", "DELETE /v1/customers/{id}")
def delete(call: Call) -> Json:
    """Cancels the subscriptions at once; what is left answers that it is deleted."""
    customer = living(call)
    for subscription in call.box.world.rows("subscription", customer=call.id):
        if subscription["ended_at"] is None:
            life.end(call.box, subscription, "cancellation_requested")
    call.box.tell("customer.deleted", customer)
    gone = {"id": call.id, "object": "customer", "deleted": True}
    call.box.world.table("customer")[call.id] = gone
    for card in call.box.world.rows("payment_method", customer=call.id):
        card["customer"] = None
    return gone


@endpoint("customers.list", "GET /v1/customers", {**PAGE, **CREATED, "email": str})
def listing(call: Call) -> Json:
    wanted = call.args.get("email")
    rows = [row for row in call.box.world.rows("customer") if not row.get("deleted")]
    return page(call, [row for row in rows if wanted in (None, row["email"])], "/v1/customers")


@endpoint(
    "customers.tax_ids.create", "POST /v1/customers/{id}/tax_ids", {"type!": TAX_ID_KINDS, "value!": str}
)
def add_tax_id(call: Call) -> Json:
    living(call)
    return life.add_tax_id(call.box, call.id, call.args["type"], call.args["value"])


@endpoint("customers.tax_ids.list", "GET /v1/customers/{id}/tax_ids", PAGE)
def tax_ids(call: Call) -> Json:
    living(call)
    rows = call.box.world.rows("tax_id", customer=call.id)
    return page(call, rows, f"/v1/customers/{call.id}/tax_ids")


@endpoint(
    "customers.payment_methods.list", "GET /v1/customers/{id}/payment_methods", {**PAGE, "type": ("card",)}
)
def cards(call: Call) -> Json:
    living(call)
    rows = call.box.world.rows("payment_method", customer=call.id)
    return page(call, rows, f"/v1/customers/{call.id}/payment_methods")


def living(call: Call) -> Json:
    customer = call.box.get("customer", call.id)
    if customer.get("deleted"):
        raise Refusal(
            f"No such customer: '{call.id}'; a similar object exists, but was deleted.",
            code="resource_missing",
            status=404,
            param="id",
        )
    return customer
