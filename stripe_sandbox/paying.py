"""Tries to get an invoice paid, and what follows."""

from stripe_sandbox import cards, invoicing, standing
from stripe_sandbox.model import Json
from stripe_sandbox.refusals import declined
from stripe_sandbox.sandbox import Sandbox


def collect(box: Sandbox, invoice: Json) -> str:
    """Finalizes if need be, then charges the subscription's card without the person. Says what became of it."""
    if invoice["status"] == "draft":
        invoicing.finalize(box, invoice)
    subscription = invoicing.subscription_of(box, invoice)
    return attempt(box, invoice, cards.paying(box, subscription))


def attempt(
    box: Sandbox, invoice: Json, card: str | None, *, present: bool = False, proved: bool = False
) -> str:
    """`paid`, `action`, or why not. Nothing to pay is paid without a card."""
    if invoice["amount_due"] == 0:
        settled(box, invoice)
        return "paid"
    result = "missing" if card is None else cards.outcome(box, card, present=present, proved=proved)
    invoice |= {"attempted": True, "attempt_count": invoice["attempt_count"] + 1}
    if result == "paid":
        box.world.beside(invoice["id"])["card"] = card
        if proved and card:
            box.world.beside(card)["proved"] = True
        settled(box, invoice)
        return result
    standing.plan_retry(box, invoice)
    if result == "action":
        box.tell("invoice.payment_action_required", invoice)
    box.tell("invoice.payment_failed", invoice)
    standing.after_failed(box, invoice)
    return result


def settled(box: Sandbox, invoice: Json) -> None:
    invoicing.settle(box, invoice)
    standing.after_paid(box, invoice)


def refuse(result: str) -> None:
    """The 402 of a call that wanted the money at once."""
    if result == "action":
        raise cards.authentication_needed()
    if result == "missing":
        raise declined(
            "This customer has no attached payment source or default payment method.", "resource_missing"
        )
    if result != "paid":
        raise cards.refusal(result)
