"""Invoices: lines, totals, and the way from draft to open, paid, void or uncollectible."""

import copy

from stripe_sandbox import discounts, items
from stripe_sandbox.model import Json, blank
from stripe_sandbox.sandbox import Sandbox

WAITS = 3600
"""How long a renewal's invoice stays a draft."""


def line(
    box: Sandbox,
    subscription: Json,
    item: Json,
    amount: int,
    description: str,
    period: tuple[int, int],
    proration: bool = False,
) -> Json:
    made = blank("line_item", id=box.world.new_id("line_item"))
    made |= {
        "amount": amount,
        "subtotal": amount,
        "currency": item["price"]["currency"],
        "description": description,
    }
    made |= {
        "quantity": item["quantity"],
        "quantity_decimal": str(item["quantity"]),
        "discountable": not proration,
    }
    made |= {"subscription": subscription["id"], "metadata": dict(subscription["metadata"])}
    made["period"] = {"start": period[0], "end": period[1]}
    made["parent"]["subscription_item_details"] |= {
        "proration": proration,
        "subscription": subscription["id"],
        "subscription_item": item["id"],
    }
    price = item["price"]
    made["pricing"]["price_details"] = {"price": price["id"], "product": price["product"]}
    made["pricing"]["unit_amount_decimal"] = price["unit_amount_decimal"]
    return made


def money(amount: int, currency: str) -> str:
    sign = "-" if amount < 0 else ""
    return f"{sign}{currency.upper()} {abs(amount) // 100}.{abs(amount) % 100:02}"


def period_lines(box: Sandbox, subscription: Json) -> list[Json]:
    """What the items cost for their current period."""
    lines = []
    for item in subscription["items"]["data"]:
        price = item["price"]
        each = money(price["unit_amount"], price["currency"])
        said = f"{item['quantity']} × {items.name(box, item)} (at {each} / {price['recurring']['interval']})"
        period = (item["current_period_start"], item["current_period_end"])
        lines.append(line(box, subscription, item, items.amount(item), said, period))
    return lines


def trial_lines(box: Sandbox, subscription: Json) -> list[Json]:
    return [
        line(
            box,
            subscription,
            item,
            0,
            f"Trial period for {items.name(box, item)}",
            (subscription["trial_start"], subscription["trial_end"]),
        )
        for item in subscription["items"]["data"]
    ]


def drawn_up(box: Sandbox, subscription: Json, reason: str, lines: list[Json]) -> Json:
    """An invoice that nobody has been told of, in no table yet: previews are this and no more."""
    invoice = blank("invoice", created=box.now(), billing_reason=reason, customer=subscription["customer"])
    customer = box.world.table("customer")[subscription["customer"]]
    known = {"customer_email": "email", "customer_name": "name", "customer_phone": "phone"}
    invoice |= {ours: customer.get(theirs) for ours, theirs in known.items()}
    invoice |= {"customer_address": customer.get("address"), "currency": subscription["currency"]}
    invoice["parent"]["subscription_details"] |= {
        "metadata": dict(subscription["metadata"]),
        "subscription": subscription["id"],
    }
    invoice["customer_tax_ids"] = [
        {"type": row["type"], "value": row["value"]}
        for row in box.world.rows("tax_id", customer=customer["id"])
    ]
    if subscription["automatic_tax"]["enabled"]:
        taxed = {"enabled": True, "liability": {"type": "self"}, "provider": "stripe", "status": "complete"}
        invoice["automatic_tax"] |= taxed
    item = items.first(subscription)
    first = reason in ("subscription_create", "subscription_update")
    invoice["period_end"] = box.now()
    invoice["period_start"] = box.now() if first else item["current_period_start"]
    _fill(box, invoice, subscription, copy.deepcopy(lines), customer)
    return invoice


def _fill(box: Sandbox, invoice: Json, subscription: Json, lines: list[Json], customer: Json) -> None:
    taken: dict[str, int] = {}
    for one in lines:
        left = one["amount"] if one["discountable"] else 0
        for row in discounts.active(box, subscription) if left > 0 else []:
            less = discounts.off(box, row["source"]["coupon"], left)
            left -= less
            taken[row["id"]] = taken.get(row["id"], 0) + less
            one["discount_amounts"] = [*one["discount_amounts"], {"amount": less, "discount": row["id"]}]
    invoice["discounts"] = list(subscription["discounts"])
    invoice["total_discount_amounts"] = [{"amount": less, "discount": name} for name, less in taken.items()]
    invoice["lines"] = {**invoice["lines"], "data": lines}
    subtotal = sum(one["amount"] for one in lines)
    total = subtotal - sum(taken.values())
    balance = customer.get("balance", 0)
    invoice |= {"subtotal": subtotal, "subtotal_excluding_tax": subtotal}
    invoice |= {"total": total, "total_excluding_tax": total, "starting_balance": balance}
    due = max(0, total + balance)
    invoice |= {"amount_due": due, "amount_remaining": due}


def keep(box: Sandbox, subscription: Json, reason: str, lines: list[Json]) -> Json:
    """A draft with an id that nobody has been told of yet."""
    invoice = drawn_up(box, subscription, reason, lines)
    invoice["id"] = box.world.new_id("invoice")
    for one in invoice["lines"]["data"]:
        one["invoice"] = invoice["id"]
    invoice["lines"]["url"] = f"/v1/invoices/{invoice['id']}/lines"
    box.world.table("invoice")[invoice["id"]] = invoice
    return invoice


def draft(box: Sandbox, subscription: Json, reason: str, lines: list[Json], waits: bool = False) -> Json:
    """Kept and told. With `waits` it is finalized an hour later by the clock."""
    invoice = keep(box, subscription, reason, lines)
    if waits:
        invoice["automatically_finalizes_at"] = box.now() + WAITS
    box.tell("invoice.created", invoice)
    discounts.use(box, subscription, invoice)
    return invoice


def finalize(box: Sandbox, invoice: Json) -> None:
    """Open, with a number and a page to pay on; the customer's balance is used or grows."""
    customer = box.world.table("customer")[invoice["customer"]]
    number = customer.get("next_invoice_sequence", 1)
    customer["next_invoice_sequence"] = number + 1
    where = f"{box.options.origin}/i/{invoice['id']}"
    invoice |= {"number": f"{customer.get('invoice_prefix', 'TILL')}-{number:04}", "status": "open"}
    invoice |= {"effective_at": box.now(), "automatically_finalizes_at": None}
    invoice |= {"hosted_invoice_url": where, "invoice_pdf": f"{where}/pdf"}
    invoice["status_transitions"] = {**invoice["status_transitions"], "finalized_at": box.now()}
    balance = invoice["starting_balance"]
    used = balance + invoice["total"] - invoice["amount_due"]
    invoice["ending_balance"] = used
    if used != balance:
        with box.changing("customer.updated", customer):
            customer["balance"] = used
    if invoice["amount_due"]:
        _ask_for_payment(box, invoice)
    box.tell("invoice.finalized", invoice)


def _ask_for_payment(box: Sandbox, invoice: Json) -> None:
    intent = box.world.new_id("payment_intent")
    box.world.beside(invoice["id"])["intent"] = intent
    payment = {"payment_intent": intent, "type": "payment_intent"}
    amount, currency = invoice["amount_due"], invoice["currency"]
    box.make(
        "invoice_payment", invoice=invoice["id"], amount_requested=amount, currency=currency, payment=payment
    )


def settle(box: Sandbox, invoice: Json) -> None:
    """Paid. Whoever calls this sees to the subscription."""
    due = invoice["amount_due"]
    invoice |= {"status": "paid", "amount_paid": due, "amount_remaining": 0, "attempted": True}
    invoice |= {"auto_advance": False, "next_payment_attempt": None}
    _moved(box, invoice, "paid_at")
    for row in box.world.rows("invoice_payment", invoice=invoice["id"]):
        row |= {"status": "paid", "amount_paid": due}
        row["status_transitions"] = {"canceled_at": None, "paid_at": box.now()}
    box.tell("invoice.paid", invoice)


def void(box: Sandbox, invoice: Json) -> None:
    invoice |= {"status": "void", "auto_advance": False, "next_payment_attempt": None}
    _moved(box, invoice, "voided_at")
    box.tell("invoice.voided", invoice)


def give_up(box: Sandbox, invoice: Json) -> None:
    invoice |= {"status": "uncollectible", "auto_advance": False, "next_payment_attempt": None}
    invoice["status_details"] = {"uncollectible": {"reason": "max_payment_attempts"}}
    _moved(box, invoice, "marked_uncollectible_at")
    box.tell("invoice.marked_uncollectible", invoice)


def _moved(box: Sandbox, invoice: Json, when: str) -> None:
    invoice["status_transitions"] = {**invoice["status_transitions"], when: box.now()}


def subscription_of(box: Sandbox, invoice: Json) -> Json:
    identifier = invoice["parent"]["subscription_details"]["subscription"]
    found: Json = box.world.table("subscription")[identifier]
    return found
