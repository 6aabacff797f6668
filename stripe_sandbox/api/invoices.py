"""Invoices: read, previewed, paid and voided; and cards, as ids and what is printed on them."""

from stripe_sandbox import cards, changing, invoicing, life, paying, standing
from stripe_sandbox.api.paging import page
from stripe_sandbox.api.registry import CREATED, PAGE, Call, endpoint
from stripe_sandbox.api.subscriptions import ANCHOR, ITEM, PRORATION, change_of
from stripe_sandbox.model import Json
from stripe_sandbox.params import Ref
from stripe_sandbox.refusals import Refusal, invalid

STATUSES = ("draft", "open", "paid", "uncollectible", "void")
LIST = {"customer": str, "subscription": str, "status": STATUSES}
DETAILS = {
    "items": [ITEM],
    "proration_behavior": PRORATION,
    "proration_date": int,
    "billing_cycle_anchor": ANCHOR,
    "cancel_at_period_end": bool,
}


@endpoint("invoices.retrieve", "GET /v1/invoices/{id}")
def retrieve(call: Call) -> Json:
    return call.box.get("invoice", call.id)


@endpoint("invoices.list", "GET /v1/invoices", {**PAGE, **CREATED, **LIST})
def listing(call: Call) -> Json:
    wanted = {name: call.args[name] for name in ("customer", "status") if name in call.args}
    rows = call.box.world.rows("invoice", **wanted)
    if "subscription" in call.args:
        rows = [row for row in rows if _subscription(row) == call.args["subscription"]]
    return page(call, rows, "/v1/invoices")


def _subscription(row: Json) -> str:
    return str(row["parent"]["subscription_details"]["subscription"])


@endpoint(
    "invoices.create_preview",
    "POST /v1/invoices/create_preview",
    {
        "customer": Ref("customer"),
        "subscription": Ref("subscription"),
        "subscription_details": DETAILS,
        "preview_mode": ("next", "recurring"),
    },
)
def preview(call: Call) -> Json:
    """Nothing is kept, nobody is told."""
    box, details = call.box, call.args.get("subscription_details", {})
    if "subscription" not in call.args:
        if "customer" not in call.args or not details.get("items"):
            invalid("Send `subscription`, or `customer` with `subscription_details[items]`.", "subscription")
        return changing.preview_of_new(box, call.args["customer"], details["items"])
    row = box.get("subscription", call.args["subscription"])
    if call.args.get("customer", row["customer"]) != row["customer"]:
        invalid("The subscription belongs to another customer.", "customer")
    if row["ended_at"] is not None or (row["cancel_at_period_end"] and not details.get("items")):
        message = "No upcoming invoices for subscription"
        raise Refusal(f"{message}: {row['id']}", code="invoice_upcoming_none", status=404)
    return changing.preview(box, row, change_of(box, row, details))


@endpoint(
    "invoices.pay",
    "POST /v1/invoices/{id}/pay",
    {"payment_method": Ref("payment_method"), "off_session": bool},
)
def pay(call: Call) -> Json:
    row = call.box.get("invoice", call.id)
    if row["status"] not in ("draft", "open", "uncollectible"):
        raise Refusal(f"Invoice is already {row['status']}", code="invoice_not_editable")
    if row["status"] == "draft":
        invoicing.finalize(call.box, row)
    card = call.args.get("payment_method") or cards.paying(call.box, invoicing.subscription_of(call.box, row))
    paying.refuse(paying.attempt(call.box, row, card))
    return row


@endpoint("invoices.void", "POST /v1/invoices/{id}/void")
def void(call: Call) -> Json:
    row = call.box.get("invoice", call.id)
    if row["status"] not in ("open", "uncollectible"):
        raise Refusal(f"You can only pass in open invoices. This invoice isn't open ({row['status']}).")
    subscription = invoicing.subscription_of(call.box, row)
    if standing.waiting_update(call.box, subscription, row):
        standing.expire_pending(call.box, subscription)
        return row
    if subscription["status"] == "incomplete":
        life.expire(call.box, subscription)
        return row
    invoicing.void(call.box, row)
    standing.delinquent(call.box, row["customer"])
    standing.recovered(call.box, subscription)
    return row


@endpoint("invoices.finalize", "POST /v1/invoices/{id}/finalize", {"auto_advance": bool})
def finalize(call: Call) -> Json:
    row = call.box.get("invoice", call.id)
    if row["status"] != "draft":
        raise Refusal("This invoice is already finalized.", code="invoice_not_editable")
    invoicing.finalize(call.box, row)
    return row


@endpoint("payment_methods.retrieve", "GET /v1/payment_methods/{id}")
def card(call: Call) -> Json:
    return call.box.get("payment_method", call.id)


@endpoint("payment_methods.detach", "POST /v1/payment_methods/{id}/detach")
def detach(call: Call) -> Json:
    row = call.box.get("payment_method", call.id)
    if row["customer"] is None:
        raise Refusal("The payment method you provided is not attached to a customer.")
    cards.detach(call.box, row)
    return row
