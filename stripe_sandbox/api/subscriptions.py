"""Subscriptions: read, changed, cancelled, resumed. They begin in Checkout, or here with a saved card."""

from stripe_sandbox import cards, changing, items, life, paying
from stripe_sandbox.api.paging import page
from stripe_sandbox.api.registry import CREATED, PAGE, Call, endpoint
from stripe_sandbox.model import Json
from stripe_sandbox.params import META, Or, Ref, Text, merge_metadata
from stripe_sandbox.refusals import Refusal, invalid, missing
from stripe_sandbox.sandbox import Sandbox

STATUSES = (
    "incomplete",
    "incomplete_expired",
    "trialing",
    "active",
    "past_due",
    "canceled",
    "unpaid",
    "paused",
)
FEEDBACK = tuple(
    "customer_service low_quality missing_features other switched_service too_complex too_expensive unused".split()
)
DETAILS = {"comment": Text(), "feedback": Or(FEEDBACK)}
PRORATION = ("always_invoice", "create_prorations", "none")
PAYMENT = ("allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete")
ITEM = {"id": str, "price": Ref("price"), "quantity": int, "deleted": bool, "metadata": META}
ANCHOR = {"type!": ("now", "unchanged")}
UPDATE = {
    "automatic_tax": {"enabled!": bool},
    "billing_cycle_anchor": ANCHOR,
    "cancel_at": Or(int),
    "cancel_at_period_end": bool,
    "cancellation_details": DETAILS,
    "default_payment_method": Ref("payment_method"),
    "description": Text(),
    "discounts": [{"coupon": str, "promotion_code": Ref("promotion_code")}],
    "items": [ITEM],
    "metadata": META,
    "off_session": bool,
    "payment_behavior": PAYMENT,
    "proration_behavior": PRORATION,
    "proration_date": int,
    "trial_end": str,
    "trial_settings": {"end_behavior!": {"missing_payment_method!": ("cancel", "create_invoice", "pause")}},
}
# what may ride along with payment_behavior=pending_if_incomplete
WAITING = frozenset(
    "items payment_behavior proration_behavior proration_date billing_cycle_anchor trial_end off_session".split()
)


@endpoint("subscriptions.retrieve", "GET /v1/subscriptions/{id}")
def retrieve(call: Call) -> Json:
    return call.box.get("subscription", call.id)


LIST = {"customer": str, "price": str, "status": (*STATUSES, "all", "ended")}


@endpoint("subscriptions.list", "GET /v1/subscriptions", {**PAGE, **CREATED, **LIST})
def listing(call: Call) -> Json:
    """Without `status` those that are canceled are left out."""
    rows = call.box.world.rows("subscription")
    if "customer" in call.args:
        rows = [row for row in rows if row["customer"] == call.args["customer"]]
    if "price" in call.args:
        rows = [row for row in rows if items.first(row)["price"]["id"] == call.args["price"]]
    return page(call, [row for row in rows if _shown(row, call.args.get("status"))], "/v1/subscriptions")


def _shown(row: Json, status: str | None) -> bool:
    if status is None:
        return bool(row["status"] != "canceled")
    if status == "ended":
        return row["status"] in ("canceled", "incomplete_expired")
    return status in ("all", row["status"])


NEW_ITEM = {"price!": Ref("price"), "quantity": int, "metadata": META}
NEW = {"customer!": Ref("customer"), "items!": [NEW_ITEM], "trial_period_days": int, "trial_end": int}
NEW |= {
    name: UPDATE[name] for name in ("default_payment_method", "description", "metadata", "trial_settings")
}
NEW |= {"payment_behavior": ("allow_incomplete", "default_incomplete", "error_if_incomplete")}


@endpoint("subscriptions.create", "POST /v1/subscriptions", NEW)
def create(call: Call) -> Json:
    box, args = call.box, call.args
    wanted = changing.sold(box, args["items"], "items")
    days = args.get("trial_period_days")
    trial_end = args.get("trial_end") or (box.now() + days * 86400 if days else None)
    if trial_end is not None and trial_end <= box.now():
        invalid("The trial has to end in the future.", "trial_end")
    behaviour = args.get("payment_behavior", "allow_incomplete")
    card = args.get("default_payment_method") or _usual(box, args["customer"])
    if behaviour == "error_if_incomplete" and not trial_end:
        paying.refuse(cards.outcome(box, card, present=False, proved=False) if card else "missing")
    if card is None and behaviour == "allow_incomplete" and not trial_end:
        paying.refuse("missing")
    missing_card = args.get("trial_settings", {}).get("end_behavior", {}).get("missing_payment_method")
    terms = {**args, "trial_end": trial_end, "card": card, "missing_payment_method": missing_card}
    row = life.begin(box, args["customer"], wanted, terms)
    invoice = box.world.table("invoice")[row["latest_invoice"]]
    if invoice["status"] == "open" and behaviour != "default_incomplete":
        paying.attempt(box, invoice, card)
    return row


def _usual(box: Sandbox, customer: str) -> str | None:
    found: str | None = box.world.table("customer")[customer]["invoice_settings"]["default_payment_method"]
    return found


@endpoint("subscriptions.update", "POST /v1/subscriptions/{id}", UPDATE)
def update(call: Call) -> Json:
    row, args = call.box.get("subscription", call.id), call.args
    _check(row, args)
    change = change_of(call.box, row, args)
    if change:
        changing.apply(call.box, row, change)
    with call.box.changing("customer.subscription.updated", row):
        _plain_fields(call.box, row, args)
    return row


def _check(row: Json, args: Json) -> None:
    if row["status"] in ("canceled", "incomplete_expired") and set(args) - {
        "metadata",
        "cancellation_details",
    }:
        raise Refusal("A canceled subscription can only update its cancellation_details and metadata.")
    if args.get("payment_behavior") == "pending_if_incomplete" and (extra := sorted(set(args) - WAITING)):
        message = f"With `payment_behavior=pending_if_incomplete` you cannot send: {', '.join(extra)}."
        invalid(message, extra[0])
    if "cancel_at" in args and "cancel_at_period_end" in args:
        invalid("You may only specify one of: cancel_at, cancel_at_period_end.", "cancel_at")
    if row["pending_update"] and "items" in args:
        raise Refusal("This subscription has a pending update; pay or void its invoice first.", param="items")
    if row["schedule"] and set(args) & {"items", "cancel_at_period_end", "cancel_at"}:
        message = (
            f"The subscription is managed by the subscription schedule `{row['schedule']}`, and updating any"
        )
        raise Refusal(
            f"{message} cancelation behavior or items directly is not allowed. Update the schedule instead."
        )


def change_of(box: Sandbox, row: Json, args: Json) -> changing.Change | None:
    if "items" not in args:
        return None
    first = items.first(row)
    at = args.get("proration_date", box.now())
    if not first["current_period_start"] <= at <= first["current_period_end"]:
        invalid("`proration_date` must be within the current period.", "proration_date")
    return changing.Change(
        items=changing.wanted_items(box, row, args["items"]),
        proration=args.get("proration_behavior", "create_prorations"),
        payment=args.get("payment_behavior", "allow_incomplete"),
        at=at,
    )


def _plain_fields(box: Sandbox, row: Json, args: Json) -> None:
    row["metadata"] = merge_metadata(row["metadata"], args.get("metadata", dict(row["metadata"])))
    for name in ("default_payment_method", "description"):
        row[name] = args.get(name, row[name])
    if "cancel_at_period_end" in args and args["cancel_at_period_end"] != row["cancel_at_period_end"]:
        life.cancel_later(box, row, args["cancel_at_period_end"], args.get("cancellation_details", {}))
    elif "cancellation_details" in args:
        row["cancellation_details"] = {**row["cancellation_details"], **args["cancellation_details"]}
    if "cancel_at" in args:
        row |= {"cancel_at": args["cancel_at"], "canceled_at": box.now() if args["cancel_at"] else None}
    if "trial_settings" in args:
        row["trial_settings"] = {
            "end_behavior": {"billing_cycle_anchor": None, **args["trial_settings"]["end_behavior"]}
        }
    if "trial_end" in args:
        _end_trial(box, row, args["trial_end"])


def _end_trial(box: Sandbox, row: Json, asked: str) -> None:
    """`now`, or another moment of a trial that is on."""
    if row["status"] != "trialing":
        invalid("Only a trialing subscription's trial can be moved.", "trial_end")
    at = box.now() if asked == "now" else int(asked) if asked.isdecimal() else 0
    if at < box.now():
        invalid("Invalid timestamp: must be in the future, or `now`.", "trial_end")
    row |= {"trial_end": at, "billing_cycle_anchor": at}
    items.set_period(row, items.first(row)["current_period_start"], at)


CANCEL = {"invoice_now": bool, "prorate": bool, "cancellation_details": DETAILS}


@endpoint("subscriptions.cancel", "DELETE /v1/subscriptions/{id}", CANCEL)
def cancel(call: Call) -> Json:
    row = call.box.get("subscription", call.id)
    if row["ended_at"] is not None:
        raise missing("subscription", call.id)
    if call.args.get("prorate") and row["status"] in ("active", "past_due"):
        _credit(call.box, row)
    row["cancellation_details"] = {**row["cancellation_details"], **call.args.get("cancellation_details", {})}
    life.end(call.box, row, "cancellation_requested")
    return row


def _credit(box: Sandbox, row: Json) -> None:
    """The unused time goes to the customer's balance; nothing is refunded."""
    gone = [{**item, "quantity": 0} for item in row["items"]["data"]]
    change = changing.Change(items=gone, at=box.now())
    unused = sum(line["amount"] for line in changing.prorations(box, row, change))
    customer = box.world.table("customer")[row["customer"]]
    with box.changing("customer.updated", customer):
        customer["balance"] += unused


@endpoint(
    "subscriptions.resume",
    "POST /v1/subscriptions/{id}/resume",
    {"billing_cycle_anchor": ANCHOR, "proration_behavior": PRORATION, "proration_date": int},
)
def resume(call: Call) -> Json:
    row = call.box.get("subscription", call.id)
    if row["status"] != "paused":
        raise Refusal(f"Only paused subscriptions can be resumed; this one is {row['status']}.")
    if "resumes_with" in call.box.world.beside(call.id):
        raise Refusal("This subscription is being resumed; its invoice waits to be paid.")
    anchor = call.args.get("billing_cycle_anchor", {"type": "now"})
    life.resume(call.box, row, anchor["type"] == "now")
    return row
