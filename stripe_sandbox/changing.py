"""Changes of what a subscription pays for: now with proration by the second, or waiting for the money."""

import copy
from dataclasses import dataclass

from stripe_sandbox import cards, invoicing, items, paying
from stripe_sandbox.model import Json, blank
from stripe_sandbox.periods import HOUR, next_end, share
from stripe_sandbox.refusals import Refusal, invalid, missing
from stripe_sandbox.sandbox import Sandbox

UPDATE_LIVES = 23 * HOUR
UNCHANGED = (
    "billing_cycle_anchor",
    "cancel_at_period_end",
    "discount",
    "metadata",
    "trial_end",
    "trial_from_plan",
)


@dataclass(frozen=True)
class Change:
    """What is to be paid for from now on."""

    items: list[Json]
    proration: str = "create_prorations"
    payment: str = "allow_incomplete"
    at: int = 0
    """The second the proration counts from."""


def wanted_items(box: Sandbox, subscription: Json, asked: list[Json], param: str = "items") -> list[Json]:
    """The items after this change. Raises Refusal for items and prices that are not there."""
    after = {item["id"]: item for item in subscription["items"]["data"]}
    for number, one in enumerate(asked):
        identifier = one.get("id")
        where = f"{param}[{number}]"
        if identifier is None:
            item = _added(box, subscription, one, where, list(after.values()))
            after[item["id"]] = item
        elif identifier not in after:
            raise missing("subscription item", identifier, f"{where}[id]", 400)
        elif one.get("deleted"):
            del after[identifier]
        else:
            after[identifier] = _changed(box, after[identifier], one, where)
    if not after:
        raise Refusal("A subscription must have at least one active plan.", param=param)
    return list(after.values())


def sold(box: Sandbox, asked: list[Json], param: str) -> list[tuple[Json, int]]:
    """The prices of a new subscription and how many of each. Raises Refusal for what cannot be subscribed to."""
    if not asked:
        invalid(f"Missing required param: {param}.", param, "parameter_missing")
    found = []
    for number, one in enumerate(asked):
        where = f"{param}[{number}]"
        if "price" not in one:
            invalid(f"Missing required param: {where}[price].", f"{where}[price]", "parameter_missing")
        found.append((_price(box, one["price"], where), _count(one.get("quantity", 1), where)))
    return found


def _count(quantity: int, where: str) -> int:
    if quantity < 0:
        invalid("Invalid non-negative integer", f"{where}[quantity]", "parameter_invalid_integer")
    return quantity


def _price(box: Sandbox, identifier: str, where: str) -> Json:
    row = box.world.table("price")[identifier]
    if row["recurring"] is None or not row["active"]:
        word = "inactive" if row["recurring"] else "not recurring"
        invalid(f"The price specified is {word}: {identifier}.", f"{where}[price]")
    return row


def _changed(box: Sandbox, item: Json, one: Json, where: str) -> Json:
    changed = dict(item)
    if "price" in one and one["price"] != item["price"]["id"]:
        changed = items.priced(changed, _price(box, one["price"], where))
        changed["quantity"] = 1  # Stripe's own default when a price is changed without saying how many
    quantity = _count(one.get("quantity", changed["quantity"]), where)
    return {**changed, "quantity": quantity}


def _added(box: Sandbox, subscription: Json, one: Json, where: str, others: list[Json]) -> Json:
    if "price" not in one:
        invalid(f"Missing required param: {where}[price].", f"{where}[price]", "parameter_missing")
    price = _price(box, one["price"], where)
    if any(item["price"]["id"] == price["id"] for item in others):
        message = f"Cannot add multiple subscription items with the same plan: {price['id']}"
        invalid(message, where)
    first = items.first(subscription)
    period = (first["current_period_start"], first["current_period_end"])
    return items.new(box, subscription["id"], price, _count(one.get("quantity", 1), where), period)


def new_rhythm(subscription: Json, change: Change) -> bool:
    """A month that becomes a year starts a new period now."""
    names = ("interval", "interval_count")
    old, new = items.first(subscription)["price"]["recurring"], change.items[0]["price"]["recurring"]
    return any(old[name] != new[name] for name in names)


def prorations(box: Sandbox, subscription: Json, change: Change) -> list[Json]:
    """A credit for the unused time of what was, a charge for the remaining time of what is."""
    before = {item["id"]: item for item in subscription["items"]["data"]}
    after = {item["id"]: item for item in change.items}
    afresh = new_rhythm(subscription, change)
    lines = []
    for name in [*before, *(name for name in after if name not in before)]:
        old, new = before.get(name), after.get(name)
        if old and new and _same(old, new):
            continue
        if old:
            lines.append(_part(box, subscription, old, "Unused time on", -1, change.at))
        if new and not afresh:
            lines.append(_part(box, subscription, new, "Remaining time on", 1, change.at))
    return lines


def _same(old: Json, new: Json) -> bool:
    return bool(old["price"]["id"] == new["price"]["id"] and old["quantity"] == new["quantity"])


def _part(box: Sandbox, subscription: Json, item: Json, words: str, sign: int, at: int) -> Json:
    start, end = item["current_period_start"], item["current_period_end"]
    amount = sign * share(items.amount(item), end - at, end - start)
    said = f"{words} {item['quantity']} × {items.name(box, item)}"
    return invoicing.line(box, subscription, item, amount, said, (at, end), proration=True)


def apply(box: Sandbox, subscription: Json, change: Change) -> None:
    """Tells of everything it does. Raises the 402 of `error_if_incomplete` before anything has changed."""
    if subscription["status"] in ("trialing", "incomplete") or change.proration == "none":
        return _plain(box, subscription, change)
    lines = prorations(box, subscription, change)
    if change.proration == "create_prorations" and not new_rhythm(subscription, change):
        beside = box.world.beside(subscription["id"])
        beside["pending_lines"] = [*beside.get("pending_lines", []), *lines]
        return _plain(box, subscription, change)
    return _invoiced(box, subscription, change, lines)


def _plain(box: Sandbox, subscription: Json, change: Change) -> None:
    with box.changing("customer.subscription.updated", subscription):
        items.replace(subscription, change.items)


def _invoiced(box: Sandbox, subscription: Json, change: Change, lines: list[Json]) -> None:
    after = _after(subscription, change)
    if new_rhythm(subscription, change):
        lines = [*lines, *invoicing.period_lines(box, after)]
    drawn = invoicing.drawn_up(box, subscription, "subscription_update", lines)
    expected = _expected(box, subscription, drawn["amount_due"])
    if expected != "paid" and change.payment == "error_if_incomplete":
        paying.refuse(expected)
    waits = expected != "paid" and change.payment == "pending_if_incomplete"
    with box.changing("customer.subscription.updated", subscription):
        invoice = invoicing.draft(box, subscription, "subscription_update", lines)
        subscription["latest_invoice"] = invoice["id"]
        if waits:
            _wait(box, subscription, after, invoice)
        else:
            subscription |= {"items": after["items"], "billing_cycle_anchor": after["billing_cycle_anchor"]}
    if change.payment == "default_incomplete" and invoice["amount_due"]:
        invoicing.finalize(box, invoice)
        with box.changing("customer.subscription.updated", subscription):
            subscription["status"] = "past_due"
    else:
        paying.collect(box, invoice)


def _expected(box: Sandbox, subscription: Json, due: int) -> str:
    card = cards.paying(box, subscription)
    if due == 0:
        return "paid"
    return cards.outcome(box, card, present=False, proved=False) if card else "missing"


def _after(subscription: Json, change: Change) -> Json:
    """The subscription as it would be, in no table."""
    after = copy.deepcopy(subscription)
    items.replace(after, copy.deepcopy(change.items))
    if new_rhythm(subscription, change):
        after["billing_cycle_anchor"] = change.at
        items.set_period(after, change.at, next_end(change.at, change.at, change.items[0]["price"]))
    return after


def _wait(box: Sandbox, subscription: Json, after: Json, invoice: Json) -> None:
    box.world.beside(subscription["id"])["pending_invoice"] = invoice["id"]
    subscription["pending_update"] = {
        **dict.fromkeys(UNCHANGED),
        "discounts": [],
        "expires_at": box.now() + UPDATE_LIVES,
        "subscription_items": after["items"]["data"],
    }


def next_lines(box: Sandbox, subscription: Json, change: Change | None = None) -> list[Json]:
    """What the next renewal's invoice will say."""
    beside = box.world.beside(subscription["id"])
    coming = copy.deepcopy(subscription)
    planned = change.items if change else beside.get("at_renewal")
    if planned:
        items.replace(coming, copy.deepcopy(planned))
    start = items.first(subscription)["current_period_end"]
    items.set_period(
        coming, start, next_end(subscription["billing_cycle_anchor"], start, items.first(coming)["price"])
    )
    extra = (
        prorations(box, subscription, change) if change and change.proration == "create_prorations" else []
    )
    return [*beside.get("pending_lines", []), *extra, *invoicing.period_lines(box, coming)]


def preview(box: Sandbox, subscription: Json, change: Change | None) -> Json:
    """The invoice that this change makes now, or, when it makes none, the next renewal's."""
    now = change is not None and subscription["status"] not in ("trialing", "incomplete")
    if change and now and (change.proration == "always_invoice" or new_rhythm(subscription, change)):
        lines = prorations(box, subscription, change)
        if new_rhythm(subscription, change):
            lines += invoicing.period_lines(box, _after(subscription, change))
        invoice = invoicing.drawn_up(box, subscription, "subscription_update", lines)
        invoice["parent"]["subscription_details"]["subscription_proration_date"] = change.at
    else:
        invoice = invoicing.drawn_up(box, subscription, "upcoming", next_lines(box, subscription, change))
        invoice["next_payment_attempt"] = items.first(subscription)["current_period_end"] + invoicing.WAITS
    invoice["id"] = "upcoming_" + box.world.new_id("invoice")
    return invoice


def preview_of_new(box: Sandbox, customer: str, asked: list[Json]) -> Json:
    """What a subscription begun now would cost at first."""
    draft = blank("subscription", id="sub_preview", customer=customer)
    wanted = sold(box, asked, "subscription_details[items]")
    first, now = wanted[0][0], box.now()
    period = (now, next_end(now, now, first))
    items.replace(draft, [items.new(box, "sub_preview", price, count, period) for price, count in wanted])
    draft["currency"] = first["currency"]
    invoice = invoicing.drawn_up(box, draft, "subscription_create", invoicing.period_lines(box, draft))
    invoice["id"] = "upcoming_" + box.world.new_id("invoice")
    return invoice
