"""What a person does on Stripe's pages besides Checkout: pays an invoice, saves a card, answers the bank."""

from stripe_sandbox import cards, challenges, checkout, invoicing, paying, portal
from stripe_sandbox.cards import Card
from stripe_sandbox.model import Json
from stripe_sandbox.refusals import Refusal
from stripe_sandbox.sandbox import Sandbox

EXPIRES = (12, 2034)


def decide(box: Sandbox, name: str, passed: bool) -> str:
    """The bank's answer to a challenge, once; says where the browser goes."""
    challenge = box.world.table("challenge").get(name)
    if challenge is None or not challenge["open"]:
        raise Refusal("This question of the bank is not open any more.", status=404)
    challenge["open"] = False
    box.keeper.touch()
    return DECIDED[challenge["purpose"]](box, challenge, passed)


def _checkout(box: Sandbox, challenge: Json, passed: bool) -> str:
    session = box.world.table("checkout.session")[challenge["about"]]
    checkout.check_open(session)
    if passed:
        checkout.succeed(box, session, challenges.card_of(challenge), proved=True)
        return checkout.back_to(session)
    checkout.challenge_failed(box, session)
    return f"/c/pay/{session['id']}?failed=bank"


def pay_invoice(
    box: Sandbox, invoice: Json, card: Card | None, method: str | None, expires: tuple[int, int]
) -> str:
    """With a new card or a saved one: `paid`, or the id of a challenge. Raises the refusal of a declined card."""
    if invoice["status"] not in ("open", "uncollectible"):
        raise Refusal(f"This invoice is {invoice['status']}.")
    used = card or cards.behaviour(box, method or "")
    kept = {} if card else box.world.beside(method or "")
    if used.declines:
        return _declined(box, invoice, used, method)
    if cards.asks(used, kept, present=True):
        return challenges.ask(box, "invoice", invoice["id"], used, method=method, expires=expires)
    _paid(box, invoice, used, method, expires, proved=False)
    return "paid"


def _declined(box: Sandbox, invoice: Json, card: Card, method: str | None) -> str:
    if method:
        paying.attempt(box, invoice, method, present=True)
    raise cards.refusal(card.declines)


def _paid(
    box: Sandbox, invoice: Json, card: Card, method: str | None, expires: tuple[int, int], *, proved: bool
) -> None:
    """A new card becomes the one that later renewals are charged to."""
    if method is None:
        method = str(cards.save(box, card, invoice["customer"], expires, proved)["id"])
        subscription = invoicing.subscription_of(box, invoice)
        if subscription["ended_at"] is None:
            with box.changing("customer.subscription.updated", subscription):
                subscription["default_payment_method"] = method
    paying.attempt(box, invoice, method, present=True, proved=True)


def _invoice(box: Sandbox, challenge: Json, passed: bool) -> str:
    invoice = box.world.table("invoice")[challenge["about"]]
    if invoice["status"] not in ("open", "uncollectible"):
        return f"/i/{invoice['id']}"
    if not passed:
        return f"/i/{invoice['id']}?failed=bank"
    expires = tuple(challenge.get("expires") or EXPIRES)
    card = challenges.card_of(challenge)
    _paid(box, invoice, card, challenge.get("method"), (expires[0], expires[1]), proved=True)
    return f"/i/{invoice['id']}"


def add_card(box: Sandbox, portal: str, customer: str, card: Card, expires: tuple[int, int]) -> str:
    """`saved`, or the id of a challenge. The card becomes the customer's and its subscriptions' default."""
    if card.declines and not card.saved:
        raise cards.refusal(card.declines)
    if card.asks in ("once", "always"):
        return challenges.ask(box, "card", portal, card, customer=customer, expires=expires)
    use_card(box, customer, card, expires, proved=False)
    return "saved"


def use_card(box: Sandbox, customer: str, card: Card, expires: tuple[int, int], *, proved: bool) -> Json:
    method = cards.save(box, card, customer, expires, proved)
    make_default(box, customer, method["id"])
    return method


def make_default(box: Sandbox, customer: str, method: str) -> None:
    """At the customer, and at each subscription: a retry charges the level that failed."""
    owner = box.world.table("customer")[customer]
    with box.changing("customer.updated", owner):
        owner["invoice_settings"] = {**owner["invoice_settings"], "default_payment_method": method}
    for row in box.world.rows("subscription", customer=customer, ended_at=None):
        with box.changing("customer.subscription.updated", row):
            row["default_payment_method"] = method


def _card(box: Sandbox, challenge: Json, passed: bool) -> str:
    if not passed:
        return f"/p/session/{challenge['about']}/card?failed=bank"
    expires = tuple(challenge["expires"])
    card = challenges.card_of(challenge)
    use_card(box, challenge["customer"], card, (expires[0], expires[1]), proved=True)
    return portal.after(box.world.table("billing_portal.session")[challenge["about"]], "card")


DECIDED = {"checkout": _checkout, "invoice": _invoice, "card": _card}
