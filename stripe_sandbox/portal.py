"""What a customer does in the portal, within what its configuration allows."""

from stripe_sandbox import changing, items, life, renewing, schedules
from stripe_sandbox.changing import Change
from stripe_sandbox.model import Json
from stripe_sandbox.periods import HOUR
from stripe_sandbox.refusals import Refusal
from stripe_sandbox.sandbox import Sandbox

LIVES = HOUR
LENGTHS = ("day", "week", "month", "year")


def open_session(box: Sandbox, identifier: str) -> Json:
    """Raises Refusal for one that is not there or too old: its link logged somebody in."""
    session = box.world.table("billing_portal.session").get(identifier)
    if session is None or session["created"] + LIVES < box.now():
        raise Refusal("This link has expired. Open billing again where you came from.", status=410)
    return session


def features(box: Sandbox, session: Json) -> Json:
    row = box.world.table("billing_portal.configuration")[session["configuration"]]
    found: Json = row["features"]
    return found


def allowed(box: Sandbox, session: Json, feature: str) -> Json:
    found: Json = features(box, session)[feature]
    if not found["enabled"]:
        raise Refusal("This cannot be done here. Ask whoever sold you this.", status=403)
    return found


def subscriptions(box: Sandbox, session: Json) -> list[Json]:
    return box.world.rows("subscription", customer=session["customer"], ended_at=None)


def subscription(box: Sandbox, session: Json, identifier: str) -> Json:
    found = next((row for row in subscriptions(box, session) if row["id"] == identifier), None)
    if found is None:
        raise Refusal("This subscription has ended.", status=404)
    return found


def cancel(box: Sandbox, session: Json, identifier: str, feedback: str, comment: str) -> None:
    rules = allowed(box, session, "subscription_cancel")
    row = subscription(box, session, identifier)
    details = {"feedback": feedback or None, "comment": comment or None}
    if feedback and feedback not in rules["cancellation_reason"]["options"]:
        raise Refusal("Choose one of the reasons.")
    if rules["mode"] == "immediately" or row["status"] == "past_due":
        row["cancellation_details"] = {**row["cancellation_details"], **details}
        life.end(box, row, "cancellation_requested")
        return
    if row["schedule"]:
        with box.changing("customer.subscription.updated", row):
            life.release_schedule(box, row, "released")
    with box.changing("customer.subscription.updated", row):
        life.cancel_later(box, row, True, details)


def keep(box: Sandbox, session: Json, identifier: str) -> None:
    """Undoes what was to happen at the end of the period: a cancellation, or a smaller plan."""
    row = subscription(box, session, identifier)
    with box.changing("customer.subscription.updated", row):
        if row["cancel_at_period_end"]:
            life.cancel_later(box, row, False, {})
        if row["schedule"]:
            life.release_schedule(box, row, "released")


def offers(box: Sandbox, session: Json) -> list[Json]:
    """The prices one may change to."""
    rules = features(box, session)["subscription_update"]
    if not rules["enabled"] or "price" not in rules["default_allowed_updates"]:
        return []
    prices = [price for one in rules["products"] for price in one["prices"]]
    return [box.world.table("price")[price] for price in prices]


def change(box: Sandbox, session: Json, row: Json, price: str) -> Change:
    """The same number of another price. Raises Refusal for what is not on offer."""
    rules = allowed(box, session, "subscription_update")
    if len(row["items"]["data"]) != 1:
        raise Refusal("A subscription with several items cannot be changed here.")
    if price not in [one["id"] for one in offers(box, session)]:
        raise Refusal("This plan is not on offer.")
    item = items.first(row)
    asked = [{"id": item["id"], "price": price, "quantity": item["quantity"]}]
    wanted = changing.wanted_items(box, row, asked)
    return Change(wanted, rules["proration_behavior"], "pending_if_incomplete", box.now())


def later(box: Sandbox, session: Json, row: Json, wanted: Change) -> bool:
    """Whether this change waits for the end of the period, by the configuration's conditions."""
    rules = features(box, session)["subscription_update"]["schedule_at_period_end"]["conditions"]
    conditions = {one["type"] for one in rules}
    old, new = items.first(row), wanted.items[0]
    cheaper = _a_day(new) < _a_day(old)
    shorter = _length(new) < _length(old)
    return ("decreasing_item_amount" in conditions and cheaper) or (
        "shortening_interval" in conditions and shorter
    )


def _length(item: Json) -> int:
    return LENGTHS.index(item["price"]["recurring"]["interval"])


def _a_day(item: Json) -> float:
    days = {"day": 1, "week": 7, "month": 30, "year": 365}[item["price"]["recurring"]["interval"]]
    return items.amount(item) / float(days * item["price"]["recurring"]["interval_count"])


def update(box: Sandbox, session: Json, row: Json, wanted: Change) -> str:
    """Changes the plan now or at the end of the period; the id of an invoice that is still to be paid, or ''."""
    if row["status"] not in ("active", "trialing"):
        raise Refusal("Pay the open invoice before you change the plan.")
    if row["pending_update"]:
        raise Refusal("A change waits to be paid already.")
    if row["schedule"] or row["cancel_at_period_end"]:
        keep(box, session, row["id"])
    if row["status"] == "active" and later(box, session, row, wanted):
        _at_the_end(box, row, wanted)
        return ""
    trial = row["status"] == "trialing"
    changing.apply(box, row, wanted)
    if trial and features(box, session)["subscription_update"]["trial_update_behavior"] == "end_trial":
        _end_trial(box, row)
    return str(row["latest_invoice"]) if row["pending_update"] else ""


def _at_the_end(box: Sandbox, row: Json, wanted: Change) -> None:
    item, new = items.first(row), wanted.items[0]
    schedule = schedules.from_subscription(box, row)
    now = {"price": item["price"]["id"], "quantity": item["quantity"]}
    then = {"price": new["price"]["id"], "quantity": new["quantity"]}
    rhythm = new["price"]["recurring"]
    start, end = item["current_period_start"], item["current_period_end"]
    duration = {"interval": rhythm["interval"], "interval_count": rhythm["interval_count"]}
    phases = [
        {"items": [now], "start_date": start, "end_date": end},
        {"items": [then], "duration": duration, "proration_behavior": "none"},
    ]
    schedules.plan(box, schedule, phases, "release")


def _end_trial(box: Sandbox, row: Json) -> None:
    with box.changing("customer.subscription.updated", row):
        row |= {"trial_end": box.now(), "billing_cycle_anchor": box.now()}
        items.set_period(row, items.first(row)["current_period_start"], box.now())
    renewing.catch_up(box)


def update_customer(box: Sandbox, session: Json, typed: Json) -> None:
    rules = allowed(box, session, "customer_update")
    customer = box.world.table("customer")[session["customer"]]
    with box.changing("customer.updated", customer):
        if "name" in rules["allowed_updates"] and typed["name"]:
            customer["name"] = typed["name"]
        if "address" in rules["allowed_updates"] and typed["country"]:
            empty = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
            parts = {"country": typed["country"].upper()[:2], "postal_code": typed["postal_code"] or None}
            customer["address"] = {**empty, **parts}
    known = [row["value"] for row in box.world.rows("tax_id", customer=customer["id"])]
    if "tax_id" in rules["allowed_updates"] and typed["tax_id"] and typed["tax_id"] not in known:
        life.add_tax_id(box, customer["id"], "eu_vat", typed["tax_id"])


def after(session: Json, done: str) -> str:
    """Where a finished act leads: back to the app, if the flow says so."""
    flow = session["flow"]
    if flow and flow["after_completion"]["type"] == "redirect":
        return str(flow["after_completion"]["redirect"]["return_url"])
    return f"/p/session/{session['id']}?done={done}"
