"""`expand[]`: ids become the objects that they stand for, and fields that are left out otherwise appear."""

import copy
from collections.abc import Callable

from stripe_sandbox.api.paging import listed
from stripe_sandbox.model import Json, kind_of
from stripe_sandbox.refusals import invalid
from stripe_sandbox.sandbox import Sandbox

DEEPEST = 4
Extra = Callable[[Sandbox, Json], object]


def expanded(box: Sandbox, answer: Json, paths: list[str]) -> Json:
    """A copy of the answer with these paths expanded. Raises Refusal for one that leads nowhere."""
    answer = copy.deepcopy(answer)
    for path in paths:
        parts = path.split(".")
        if len([part for part in parts if part != "data"]) > DEEPEST:
            invalid(f"You cannot expand more than {DEEPEST} levels of a property: {path}.", "expand")
        _walk(box, answer, parts, path)
    return answer


def _walk(box: Sandbox, at: Json, parts: list[str], path: str) -> None:
    name, rest = parts[0], parts[1:]
    if name not in at and (extra := EXTRAS.get((at.get("object", ""), name))):
        at[name] = extra(box, at)
    if name not in at:
        if at.get("object") in EXPECTED_LATER or at.get("deleted"):
            return
        invalid(f"This property cannot be expanded ({path}).", "expand")
    value = at[name]
    if isinstance(value, str):
        at[name] = value = _fetched(box, value, path)
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict) and rest:
            _walk(box, one, rest, path)


# test clocks and the like are never made here
EXPECTED_LATER = frozenset({"payment_method"})


def _fetched(box: Sandbox, identifier: str, path: str) -> Json:
    found = box.world.find(identifier) or box.world.table("coupon").get(identifier)
    if found is None or not (kind_of(identifier) or found.get("object") == "coupon"):
        invalid(f"This property cannot be expanded ({path}).", "expand")
    return copy.deepcopy(found)


def _payments(box: Sandbox, invoice: Json) -> Json:
    rows = box.world.rows("invoice_payment", invoice=invoice["id"])
    return listed(copy.deepcopy(rows), f"/v1/invoices/{invoice['id']}/payments")


def _secret(box: Sandbox, invoice: Json) -> Json | None:
    intent = box.world.beside(invoice["id"]).get("intent")
    return {"client_secret": f"{intent}_secret_sandbox", "type": "payment_intent"} if intent else None


def _subscriptions(box: Sandbox, customer: Json) -> Json:
    rows = [row for row in box.world.rows("subscription", customer=customer["id"]) if row["ended_at"] is None]
    return listed(copy.deepcopy(rows), f"/v1/customers/{customer['id']}/subscriptions")


def _tax_ids(box: Sandbox, customer: Json) -> Json:
    rows = box.world.rows("tax_id", customer=customer["id"])
    return listed(copy.deepcopy(rows), f"/v1/customers/{customer['id']}/tax_ids")


def _session_lines(box: Sandbox, session: Json) -> Json:
    rows: list[Json] = copy.deepcopy(box.world.beside(session["id"])["line_items"])
    return listed(rows, f"/v1/checkout/sessions/{session['id']}/line_items")


EXTRAS: dict[tuple[str, str], Extra] = {
    ("invoice", "payments"): _payments,
    ("invoice", "confirmation_secret"): _secret,
    ("customer", "subscriptions"): _subscriptions,
    ("customer", "tax_ids"): _tax_ids,
    ("checkout.session", "line_items"): _session_lines,
    ("coupon", "applies_to"): lambda box, coupon: None,
}
