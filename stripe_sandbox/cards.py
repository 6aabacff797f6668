"""Stripe's test cards and how each behaves. A card is kept as brand, last four digits and expiry; never the number."""

from dataclasses import dataclass

from stripe_sandbox.model import Json
from stripe_sandbox.refusals import Refusal, declined
from stripe_sandbox.sandbox import Sandbox


@dataclass(frozen=True)
class Card:
    number: str
    says: str
    """For the list of test cards on the pages."""
    asks: str = "never"
    """When the bank asks for 3-D Secure: never, once (until it was passed), always, later (without the person)."""
    declines: str = ""
    """With which decline code."""
    saved: bool = True
    """False: it is declined before it can be saved. True: with `declines`, every payment fails."""

    @property
    def brand(self) -> str:
        return "mastercard" if self.number.startswith("5") else "visa"


CARDS = {
    card.number: card
    for card in (
        Card("4242424242424242", "Pays"),
        Card("5555555555554444", "Pays (Mastercard)"),
        Card("4000002500003155", "Asks for 3-D Secure once", "once"),
        Card("4000002760003184", "Asks for 3-D Secure at every payment, renewals too", "always"),
        Card("4000003800000446", "Pays now, asks for 3-D Secure at renewals", "later"),
        Card("4000000000000002", "Is declined", declines="generic_decline", saved=False),
        Card("4000000000009995", "Has insufficient funds", declines="insufficient_funds", saved=False),
        Card("4000000000000069", "Has expired", declines="expired_card", saved=False),
        Card("4000000000000341", "Can be saved; its payments fail", declines="generic_decline"),
    )
}
REASONS = {
    "generic_decline": ("Your card was declined.", "card_declined"),
    "insufficient_funds": ("Your card has insufficient funds.", "card_declined"),
    "expired_card": ("Your card has expired.", "expired_card"),
}


def refusal(code: str) -> Refusal:
    message, kind = REASONS[code]
    return declined(message, kind, code if kind == "card_declined" else "")


def authentication_needed() -> Refusal:
    message = "Your card was declined. This transaction requires authentication."
    return declined(message, "authentication_required", "authentication_required")


def known(number: str) -> Card | None:
    return CARDS.get("".join(number.split()))


def save(
    box: Sandbox, card: Card, customer: str, expires: tuple[int, int] = (12, 2034), proved: bool = False
) -> Json:
    """Attaches it to the customer. The caller has dealt with 3-D Secure."""
    row = box.make("payment_method", customer=customer)
    owner = box.world.table("customer")[customer]
    row["billing_details"] |= {"email": owner["email"], "name": owner["name"]}
    row["card"] |= {
        "brand": card.brand,
        "display_brand": card.brand,
        "last4": card.number[-4:],
        "exp_month": expires[0],
        "exp_year": expires[1],
        "country": "DE",
        "fingerprint": f"till{card.number[-4:]}",
    }
    row["card"]["networks"] = {"available": [card.brand], "preferred": None}
    box.world.beside(row["id"]).update(last4=card.number[-4:], proved=proved)
    box.tell("payment_method.attached", row)
    return row


def behaviour(box: Sandbox, method: str) -> Card:
    last4 = box.world.beside(method)["last4"]
    return next(card for card in CARDS.values() if card.number.endswith(last4))


def outcome(box: Sandbox, method: str, *, present: bool, proved: bool) -> str:
    """`paid`, `action` when the bank wants 3-D Secure, or the decline code.

    `present`: the person is there and chose the card on a page; `proved`: 3-D Secure was passed for this payment.
    """
    card = behaviour(box, method)
    if card.declines:
        return card.declines
    return "action" if asks(card, box.world.beside(method), present=present) and not proved else "paid"


def asks(card: Card, kept: Json, *, present: bool) -> bool:
    """Whether the bank wants 3-D Secure for a payment or, with nothing to pay, for saving the card."""
    if card.asks == "once":
        return not kept.get("proved")
    return card.asks == "always" or (card.asks == "later" and not present)


def of_customer(box: Sandbox, customer: str) -> list[Json]:
    return box.world.rows("payment_method", customer=customer)


def paying(box: Sandbox, subscription: Json) -> str | None:
    """The card that a renewal is charged to, in Stripe's order."""
    customer = box.world.table("customer")[subscription["customer"]]
    usual: str | None = (customer.get("invoice_settings") or {}).get("default_payment_method")
    return subscription["default_payment_method"] or usual


def detach(box: Sandbox, method: Json) -> None:
    owner = method["customer"]
    with box.changing("payment_method.detached", method):
        method["customer"] = None
    for row in box.world.rows("subscription", customer=owner, default_payment_method=method["id"]):
        with box.changing("customer.subscription.updated", row):
            row["default_payment_method"] = None
    customer = box.world.table("customer")[owner]
    if customer["invoice_settings"]["default_payment_method"] == method["id"]:
        with box.changing("customer.updated", customer):
            customer["invoice_settings"] = {**customer["invoice_settings"], "default_payment_method": None}
