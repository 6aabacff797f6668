"""A subscription's life: beginning, trial, cancelling, resuming, end."""

from stripe_sandbox import cards, discounts, invoicing, items, paying, standing
from stripe_sandbox.model import Json
from stripe_sandbox.periods import DAY, HOUR, next_end
from stripe_sandbox.sandbox import Sandbox

INCOMPLETE_LIVES = 23 * HOUR
TOLD_BEFORE = 3 * DAY


def begin(box: Sandbox, customer: str, wanted: list[tuple[Json, int]], terms: Json) -> Json:
    """A new subscription: trialing, or incomplete with an open first invoice that nobody has tried to get paid.

    `wanted`: prices and how many. `terms`: what Checkout says of it: trial_end, metadata, description,
    missing_payment_method, automatic_tax, coupon and promotion_code, session, card.
    """
    now, trial_end = box.now(), terms.get("trial_end")
    anchor = trial_end or now
    first_price = wanted[0][0]
    subscription = box.make(
        "subscription", customer=customer, currency=first_price["currency"], start_date=now
    )
    subscription |= {
        "billing_cycle_anchor": anchor,
        "trial_end": trial_end,
        "trial_start": now if trial_end else None,
    }
    subscription |= {"metadata": dict(terms.get("metadata", {})), "description": terms.get("description")}
    subscription["status"] = "trialing" if trial_end else "incomplete"
    subscription["default_payment_method"] = terms.get("card")
    subscription["payment_settings"]["save_default_payment_method"] = "on_subscription"
    if missing := terms.get("missing_payment_method"):
        subscription["trial_settings"]["end_behavior"]["missing_payment_method"] = missing
    if terms.get("automatic_tax"):
        subscription["automatic_tax"] |= {"enabled": True, "liability": {"type": "self"}}
    period = (now, trial_end or next_end(anchor, now, first_price))
    data = [items.new(box, subscription["id"], price, count, period) for price, count in wanted]
    url = f"/v1/subscription_items?subscription={subscription['id']}"
    subscription["items"] = {**subscription["items"], "data": data, "url": url}
    if coupon := terms.get("coupon"):
        subscription["discounts"] = [
            discounts.give(box, subscription, coupon, terms.get("promotion_code"), terms.get("session"))
        ]
    _first_invoice(box, subscription)
    return subscription


def _first_invoice(box: Sandbox, subscription: Json) -> None:
    trial = subscription["status"] == "trialing"
    lines = (invoicing.trial_lines if trial else invoicing.period_lines)(box, subscription)
    customer = box.world.table("customer")[subscription["customer"]]
    invoice = invoicing.keep(box, subscription, "subscription_create", lines)
    subscription["latest_invoice"] = invoice["id"]
    box.tell("customer.subscription.created", subscription)
    box.tell("invoice.created", invoice)
    discounts.use(box, subscription, invoice)
    invoicing.finalize(box, invoice)
    if customer["currency"] is None:
        with box.changing("customer.updated", customer):
            customer["currency"] = subscription["currency"]
    if invoice["amount_due"] == 0:
        paying.settled(box, invoice)
    if trial and subscription["trial_end"] - box.now() <= TOLD_BEFORE:
        tell_trial_ends(box, subscription)


def tell_trial_ends(box: Sandbox, subscription: Json) -> None:
    box.world.beside(subscription["id"])["trial_told"] = True
    box.tell("customer.subscription.trial_will_end", subscription)


def end_trial(box: Sandbox, subscription: Json) -> None:
    """The trial's time is over: it is paid for, paused or canceled."""
    card = cards.paying(box, subscription)
    without = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    if card is None and without == "cancel":
        standing.close(box, subscription, "payment_failed")
        return
    if card is None and without == "pause":
        pause(box, subscription)
        return
    renew(box, subscription, status="active")


def pause(box: Sandbox, subscription: Json) -> None:
    with box.changing("customer.subscription.paused", subscription):
        subscription["status"] = "paused"
        subscription["status_details"] = {
            "paused": {
                "subscription": {"type": "trial_end_without_payment_method"},
                "transitioned_at": box.now(),
                "type": "subscription",
            }
        }


def renew(box: Sandbox, subscription: Json, status: str = "") -> Json:
    """The next period with its invoice, a draft for an hour. Changes that waited for the renewal come first."""
    start = items.first(subscription)["current_period_end"]
    beside = box.world.beside(subscription["id"])
    with box.changing("customer.subscription.updated", subscription):
        if planned := beside.pop("at_renewal", None):
            items.replace(subscription, planned)
        price = items.first(subscription)["price"]
        items.set_period(subscription, start, next_end(subscription["billing_cycle_anchor"], start, price))
        subscription["status"] = status or subscription["status"]
        lines = [*beside.pop("pending_lines", []), *invoicing.period_lines(box, subscription)]
        invoice = invoicing.draft(box, subscription, "subscription_cycle", lines, waits=True)
        subscription["latest_invoice"] = invoice["id"]
    beside.pop("upcoming_told", None)
    if subscription["status"] == "unpaid":
        invoice |= {"auto_advance": False, "automatically_finalizes_at": None}
    return invoice


def expire(box: Sandbox, subscription: Json) -> None:
    """The first payment was never done."""
    with box.changing("customer.subscription.updated", subscription):
        subscription |= {"status": "incomplete_expired", "ended_at": box.now()}
    for row in _open_invoices(box, subscription):
        invoicing.void(box, row)


def end(box: Sandbox, subscription: Json, reason: str) -> None:
    """Canceled now. What was never paid at first is void; later debts stay open and are no longer tried."""
    first = subscription["status"] == "incomplete"
    release_schedule(box, subscription, "canceled")
    standing.close(box, subscription, reason)
    for row in _open_invoices(box, subscription):
        if first:
            invoicing.void(box, row)
        else:
            row |= {"auto_advance": False, "next_payment_attempt": None, "automatically_finalizes_at": None}


def release_schedule(box: Sandbox, subscription: Json, status: str) -> None:
    """A schedule ends with its subscription, or lets go of it."""
    row = box.world.table("subscription_schedule").get(subscription["schedule"] or "")
    if row is None:
        return
    when = "released_at" if status == "released" else "canceled_at"
    row |= {"status": status, when: box.now(), "current_phase": None}
    row |= {
        "released_subscription": subscription["id"] if status == "released" else None,
        "subscription": None,
    }
    box.world.beside(subscription["id"]).pop("at_renewal", None)
    subscription["schedule"] = None
    box.tell(f"subscription_schedule.{status}", row)


def _open_invoices(box: Sandbox, subscription: Json) -> list[Json]:
    rows = box.world.rows("invoice", customer=subscription["customer"], status="open")
    drafts = box.world.rows("invoice", customer=subscription["customer"], status="draft")
    return [row for row in [*rows, *drafts] if invoicing.subscription_of(box, row) is subscription]


def cancel_later(box: Sandbox, subscription: Json, wanted: bool, details: Json) -> None:
    """At the end of the period, or no longer. The caller tells of the change."""
    period_end = items.first(subscription)["current_period_end"]
    subscription["cancel_at_period_end"] = wanted
    subscription["cancel_at"] = period_end if wanted else None
    subscription["canceled_at"] = box.now() if wanted else None
    kept = {"comment": None, "feedback": None, "feedback_option": None}
    reason = "cancellation_requested" if wanted else None
    subscription["cancellation_details"] = {**kept, **(details if wanted else {}), "reason": reason}


def resume(box: Sandbox, subscription: Json, anchor_now: bool) -> None:
    """A paused one starts a period now; it stays paused until the invoice is paid."""
    now = box.now()
    price = items.first(subscription)["price"]
    anchor = now if anchor_now else subscription["billing_cycle_anchor"]
    with box.changing("customer.subscription.updated", subscription):
        subscription["billing_cycle_anchor"] = anchor
        items.set_period(subscription, now, next_end(anchor, now, price))
        invoice = invoicing.draft(
            box, subscription, "subscription_update", invoicing.period_lines(box, subscription)
        )
        subscription["latest_invoice"] = invoice["id"]
    box.world.beside(subscription["id"])["resumes_with"] = invoice["id"]
    paying.collect(box, invoice)


def give_up_resuming(box: Sandbox, subscription: Json) -> None:
    invoice = box.world.table("invoice")[box.world.beside(subscription["id"]).pop("resumes_with")]
    invoicing.void(box, invoice)


def add_tax_id(box: Sandbox, customer: str, kind: str, value: str) -> Json:
    row = box.make("tax_id", customer=customer, type=kind, value=value)
    row["country"] = value[:2].upper() if value[:2].isalpha() else None
    row["owner"]["customer"] = customer
    box.tell("customer.tax_id.created", row)
    return row
