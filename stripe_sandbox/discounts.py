"""Coupons on a subscription."""

from stripe_sandbox.model import Json
from stripe_sandbox.periods import shifted
from stripe_sandbox.sandbox import Sandbox


def give(
    box: Sandbox, subscription: Json, coupon: str, code: str | None = None, session: str | None = None
) -> str:
    terms = box.world.table("coupon")[coupon]
    months = terms["duration_in_months"]
    end = shifted(box.now(), "month", months) if terms["duration"] == "repeating" else None
    row = box.make(
        "discount",
        customer=subscription["customer"],
        subscription=subscription["id"],
        source={"coupon": coupon, "type": "coupon"},
        promotion_code=code,
        checkout_session=session,
        start=box.now(),
        end=end,
    )
    row.pop("created", None)
    terms["times_redeemed"] += 1
    if code:
        box.world.table("promotion_code")[code]["times_redeemed"] += 1
    return str(row["id"])


def off(box: Sandbox, coupon: str, amount: int) -> int:
    """How much a coupon takes off this amount."""
    terms = box.world.table("coupon")[coupon]
    if terms["percent_off"] is not None:
        return round(amount * float(terms["percent_off"]) / 100)
    return min(amount, int(terms["amount_off"]))


def active(box: Sandbox, subscription: Json) -> list[Json]:
    rows = [box.world.table("discount")[one] for one in subscription["discounts"]]
    return [row for row in rows if row["end"] is None or row["end"] > box.now()]


def use(box: Sandbox, subscription: Json, invoice: Json) -> None:
    """After an invoice: what was good once is used up, what has ended goes."""
    used = {one["discount"] for one in invoice["total_discount_amounts"]}
    kept = []
    for row in active(box, subscription):
        if row["id"] in used and box.world.table("coupon")[row["source"]["coupon"]]["duration"] == "once":
            row["end"] = box.now()
        else:
            kept.append(row["id"])
    if kept != subscription["discounts"]:
        with box.changing("customer.subscription.updated", subscription):
            subscription["discounts"] = kept
