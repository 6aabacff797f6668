"""A Checkout session: what it costs, what a card does to it, how it ends."""

from stripe_sandbox import cards, challenges, discounts, life, paying
from stripe_sandbox.cards import Card
from stripe_sandbox.model import Json, blank
from stripe_sandbox.refusals import Refusal
from stripe_sandbox.sandbox import Sandbox


def prices(box: Sandbox, session: Json) -> list[tuple[Json, int]]:
    lines = box.world.beside(session["id"])["wanted"]
    return [(box.world.table("price")[one["price"]], one["quantity"]) for one in lines]


def add_up(box: Sandbox, session: Json) -> None:
    """What is paid today: nothing in a trial, less with a coupon."""
    beside = box.world.beside(session["id"])
    full = sum(price["unit_amount"] * count for price, count in prices(box, session))
    subtotal = 0 if trial_end(box, session) else full
    coupon = beside.get("coupon")
    less = discounts.off(box, coupon, subtotal) if coupon else 0
    session |= {"amount_subtotal": subtotal, "amount_total": subtotal - less}
    session["total_details"] = {**session["total_details"], "amount_discount": less}
    if coupon:
        session["discounts"] = [{"coupon": coupon, "promotion_code": beside.get("promotion_code")}]


def trial_end(box: Sandbox, session: Json) -> int | None:
    """A trial of days begins when the session is completed."""
    terms = box.world.beside(session["id"])["terms"]
    if days := terms.get("trial_period_days"):
        return box.now() + int(days) * 86400
    at: int | None = terms.get("trial_end")
    return at


def use_code(box: Sandbox, session: Json, code: str) -> bool:
    """Whether there is such a promotion code, good now."""
    row = next((one for one in box.world.rows("promotion_code") if one["code"].lower() == code.lower()), None)
    if row is None or not row["active"]:
        return False
    beside = box.world.beside(session["id"])
    beside |= {"coupon": row["promotion"]["coupon"], "promotion_code": row["id"]}
    add_up(box, session)
    return True


def needs_card(session: Json) -> bool:
    free = session["amount_total"] == 0
    return not (free and session["payment_method_collection"] == "if_required")


def check_open(session: Json) -> None:
    if session["status"] != "open":
        raise Refusal(f"This Checkout Session is {session['status']} already.")


def submit(box: Sandbox, session: Json, card: Card | None, details: Json) -> str:
    """`complete`, the id of a 3-D Secure challenge, or raises the refusal that the page shows.

    `card` is None where none is needed. `details`: email, name, country, postal_code, tax_id, expires.
    """
    check_open(session)
    box.world.beside(session["id"])["details"] = details
    customer = _customer(box, session, details)
    if card is None:
        _complete(box, session, _begun(box, session, customer, None))
        return "complete"
    if session["amount_total"] == 0:
        if card.declines and not card.saved:
            raise cards.refusal(card.declines)
    else:
        subscription = _begun(box, session, customer, None)
        if card.declines:
            _failed(box, subscription)
            raise cards.refusal(card.declines)
    if cards.asks(card, {}, present=True):
        return challenges.ask(box, "checkout", session["id"], card)
    succeed(box, session, card, proved=False)
    return "complete"


def succeed(box: Sandbox, session: Json, card: Card, *, proved: bool) -> None:
    """The card is good for it: it is saved, what is due is paid, the session is complete."""
    details = box.world.beside(session["id"])["details"]
    method = cards.save(box, card, session["customer"], details["expires"], proved)
    begun = _subscription(box, session)
    subscription = begun or _begun(box, session, session["customer"], method["id"])
    subscription["default_payment_method"] = method["id"]
    invoice = box.world.table("invoice")[subscription["latest_invoice"]]
    if invoice["status"] == "open":
        paying.attempt(box, invoice, method["id"], present=True, proved=True)
    _complete(box, session, subscription)


def challenge_failed(box: Sandbox, session: Json) -> None:
    subscription = _subscription(box, session)
    if subscription:
        _failed(box, subscription)


def _failed(box: Sandbox, subscription: Json) -> None:
    invoice = box.world.table("invoice")[subscription["latest_invoice"]]
    invoice |= {"attempted": True, "attempt_count": invoice["attempt_count"] + 1}
    box.tell("invoice.payment_failed", invoice)


def _subscription(box: Sandbox, session: Json) -> Json | None:
    """The one that an earlier try of this session has begun, while it can still be paid."""
    name = box.world.beside(session["id"]).get("subscription", "")
    row = box.world.table("subscription").get(name)
    return row if row and row["status"] == "incomplete" else None


def _begun(box: Sandbox, session: Json, customer: str, card: str | None) -> Json:
    if begun := _subscription(box, session):
        return begun
    beside = box.world.beside(session["id"])
    terms = beside["terms"]
    row = life.begin(
        box,
        customer,
        prices(box, session),
        {
            **terms,
            "trial_end": trial_end(box, session),
            "missing_payment_method": terms.get("trial_settings", {})
            .get("end_behavior", {})
            .get("missing_payment_method"),
            "automatic_tax": session["automatic_tax"]["enabled"],
            "coupon": beside.get("coupon"),
            "promotion_code": beside.get("promotion_code"),
            "session": session["id"],
            "card": card,
        },
    )
    beside["subscription"] = row["id"]
    return row


def _customer(box: Sandbox, session: Json, details: Json) -> str:
    """The one it was made for, brought up to date where that was asked for; else a new one."""
    if session["customer"] is None:
        row = box.make("customer", email=details["email"], name=details["name"], invoice_prefix="TILL")
        session["customer"] = row["id"]
        box.tell("customer.created", row)
        return str(row["id"])
    customer = box.world.table("customer")[session["customer"]]
    wanted = box.world.beside(session["id"])["customer_update"]
    with box.changing("customer.updated", customer):
        if wanted.get("name") == "auto" and details["name"]:
            customer["name"] = details["name"]
        if wanted.get("address") == "auto" and details["country"]:
            customer["address"] = address(details)
    return str(customer["id"])


def address(details: Json) -> Json:
    empty: Json = dict(blank("customer_details")["address"])
    return {**empty, "country": details["country"] or None, "postal_code": details["postal_code"] or None}


def _complete(box: Sandbox, session: Json, subscription: Json) -> None:
    details = box.world.beside(session["id"])["details"]
    if details["tax_id"]:
        life.add_tax_id(box, session["customer"], "eu_vat", details["tax_id"])
    told = blank("customer_details", email=details["email"], name=details["name"] or None)
    told["address"] = address(details)
    told["tax_ids"] = [{"type": "eu_vat", "value": details["tax_id"]}] if details["tax_id"] else []
    free = session["amount_total"] == 0
    session |= {"status": "complete", "url": None, "customer_details": told}
    session |= {"payment_status": "no_payment_required" if free else "paid"}
    session |= {"subscription": subscription["id"], "invoice": subscription["latest_invoice"]}
    box.tell("checkout.session.completed", session)


def expire(box: Sandbox, session: Json) -> None:
    session |= {"status": "expired", "url": None}
    box.tell("checkout.session.expired", session)


def back_to(session: Json) -> str:
    """Where the browser goes after success."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])
