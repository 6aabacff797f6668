"""Money that goes back: refunds, disputes and warnings of fraud. They come from Stripe's side, not from the API."""

from stripe_sandbox.model import Json
from stripe_sandbox.periods import DAY
from stripe_sandbox.refusals import Refusal
from stripe_sandbox.sandbox import Sandbox


def _charge(box: Sandbox, asked: Json) -> Json:
    """The charge behind a paid invoice."""
    invoice = box.get("invoice", str(asked["invoice"]))
    beside = box.world.beside(invoice["id"])
    if invoice["status"] != "paid" or "intent" not in beside:
        raise Refusal("Only an invoice that was paid with a card has a charge.")
    if charge := box.world.table("charge").get(beside.get("charge", "")):
        return charge
    amount = invoice["amount_paid"]
    charge = box.make("charge", amount=amount, amount_captured=amount, customer=invoice["customer"])
    charge |= {"payment_intent": beside["intent"], "payment_method": beside.get("card")}
    beside["charge"] = charge["id"]
    return charge


def refund(box: Sandbox, asked: Json) -> Json:
    charge = _charge(box, asked)
    amount = int(asked.get("amount") or charge["amount"])
    if not 0 < amount <= charge["amount"] - charge["amount_refunded"]:
        raise Refusal("More than was paid cannot be refunded.", code="charge_already_refunded")
    with box.changing("charge.refunded", charge):
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    return {"charge": charge["id"]}


def dispute(box: Sandbox, asked: Json) -> Json:
    charge = _charge(box, asked)
    row = box.make(
        "dispute", charge=charge["id"], payment_intent=charge["payment_intent"], amount=charge["amount"]
    )
    row["evidence_details"] |= {"due_by": box.now() + 10 * DAY}
    charge["disputed"] = True
    box.tell("charge.dispute.created", row)
    return {"dispute": row["id"]}


def close(box: Sandbox, asked: Json) -> Json:
    """`status` won or lost."""
    row = box.get("dispute", str(asked["dispute"]))
    if asked["status"] not in ("won", "lost"):
        raise Refusal("A dispute is won or lost.")
    row["status"] = asked["status"]
    box.tell("charge.dispute.closed", row)
    return {}


def fraud_warning(box: Sandbox, asked: Json) -> Json:
    charge = _charge(box, asked)
    row = box.make("early_fraud_warning", charge=charge["id"], payment_intent=charge["payment_intent"])
    box.tell("radar.early_fraud_warning.created", row)
    return {"warning": row["id"]}
