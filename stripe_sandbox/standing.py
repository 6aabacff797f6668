"""What a paid or a failed invoice does to its subscription and its customer: the status machine."""

from stripe_sandbox import invoicing, items
from stripe_sandbox.model import Json
from stripe_sandbox.periods import DAY
from stripe_sandbox.sandbox import Sandbox

RETRY_DAYS = (3, 5, 7, 9, 11, 13, 14)
"""After the first failure; with the first that is eight tries in two weeks."""


def after_paid(box: Sandbox, invoice: Json) -> None:
    subscription = invoicing.subscription_of(box, invoice)
    delinquent(box, invoice["customer"])
    if waiting_update(box, subscription, invoice):
        return apply_pending(box, subscription)
    beside = box.world.beside(subscription["id"])
    if subscription["status"] == "paused" and beside.get("resumes_with") == invoice["id"]:
        beside.pop("resumes_with")
        with box.changing("customer.subscription.resumed", subscription):
            subscription["status"] = "active"
            subscription.pop("status_details", None)
        return None
    return recovered(box, subscription)


def recovered(box: Sandbox, subscription: Json) -> None:
    """Active again, once nothing that was tried is still open."""
    if subscription["status"] in ("incomplete", "past_due", "unpaid") and not _owes(box, subscription):
        with box.changing("customer.subscription.updated", subscription):
            subscription["status"] = "active"


def _owes(box: Sandbox, subscription: Json) -> bool:
    return any(
        invoicing.subscription_of(box, row) is subscription and row["auto_advance"] and row["attempt_count"]
        for row in box.world.rows("invoice", customer=subscription["customer"], status="open")
    )


def after_failed(box: Sandbox, invoice: Json) -> None:
    """Retries are planned before this: `next_payment_attempt` is None when there is none."""
    subscription = invoicing.subscription_of(box, invoice)
    delinquent(box, invoice["customer"])
    if subscription["status"] not in ("active", "trialing", "past_due") or waiting_update(
        box, subscription, invoice
    ):
        return
    with box.changing("customer.subscription.updated", subscription):
        subscription["status"] = "past_due"
    if invoice["next_payment_attempt"] is None:
        _last_try_failed(box, subscription, invoice)


def _last_try_failed(box: Sandbox, subscription: Json, invoice: Json) -> None:
    if box.end_state == "cancel":
        invoicing.give_up(box, invoice)
        close(box, subscription, "payment_failed")
    elif box.end_state == "unpaid":
        with box.changing("customer.subscription.updated", subscription):
            subscription["status"] = "unpaid"


def close(box: Sandbox, subscription: Json, reason: str) -> None:
    """Canceled, now and for good."""
    now = box.now()
    subscription |= {"status": "canceled", "ended_at": now}
    subscription["canceled_at"] = subscription["canceled_at"] or now
    subscription["cancellation_details"] = {**subscription["cancellation_details"], "reason": reason}
    subscription["pending_update"] = None
    box.tell("customer.subscription.deleted", subscription)


def plan_retry(box: Sandbox, invoice: Json) -> None:
    """Sets the next try after a failure. First invoices and waiting changes are tried by nobody but the person."""
    subscription = invoicing.subscription_of(box, invoice)
    by_itself = invoice["billing_reason"] != "subscription_create" and not waiting_update(
        box, subscription, invoice
    )
    if not by_itself or subscription["status"] == "paused":
        invoice["next_payment_attempt"] = None
        return
    beside = box.world.beside(invoice["id"])
    failed = beside.setdefault("first_failed", box.now())
    place = invoice["attempt_count"] - 1
    more = place < len(RETRY_DAYS)
    invoice["next_payment_attempt"] = failed + RETRY_DAYS[place] * DAY if more else None


def delinquent(box: Sandbox, customer: str) -> None:
    """A customer is delinquent while an invoice that was tried stays open."""
    row = box.world.table("customer")[customer]
    open_ones = box.world.rows("invoice", customer=customer, status="open")
    late = any(one["attempt_count"] and one["billing_reason"] != "subscription_create" for one in open_ones)
    if not row.get("deleted") and row["delinquent"] != late:
        with box.changing("customer.updated", row):
            row["delinquent"] = late


def waiting_update(box: Sandbox, subscription: Json, invoice: Json) -> bool:
    """Whether this invoice pays for a change that waits for it."""
    pays = box.world.beside(subscription["id"]).get("pending_invoice")
    return bool(subscription["pending_update"]) and pays == invoice["id"]


def apply_pending(box: Sandbox, subscription: Json) -> None:
    wanted = subscription["pending_update"]["subscription_items"]
    with box.changing("customer.subscription.pending_update_applied", subscription):
        items.replace(subscription, wanted)
        subscription["pending_update"] = None


def expire_pending(box: Sandbox, subscription: Json) -> None:
    """The change does not happen; its invoice is void."""
    invoice = box.world.table("invoice")[box.world.beside(subscription["id"]).pop("pending_invoice")]
    with box.changing("customer.subscription.pending_update_expired", subscription):
        subscription["pending_update"] = None
    if invoice["status"] == "open":
        invoicing.void(box, invoice)
        delinquent(box, invoice["customer"])
