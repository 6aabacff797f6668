"""Subscription schedules: phases that follow one another, above all a downgrade at the end of the period."""

import copy

from stripe_sandbox import changing, items, life
from stripe_sandbox.model import Json, blank
from stripe_sandbox.periods import shifted
from stripe_sandbox.refusals import Refusal, invalid
from stripe_sandbox.sandbox import Sandbox


def from_subscription(box: Sandbox, subscription: Json) -> Json:
    """One phase: what there is, until the end of the period."""
    if subscription["schedule"]:
        raise Refusal("You cannot migrate a subscription that is already attached to a schedule.")
    if subscription["ended_at"] is not None:
        raise Refusal("You cannot migrate a subscription that is canceled.")
    item = items.first(subscription)
    row = box.make(
        "subscription_schedule", customer=subscription["customer"], subscription=subscription["id"]
    )
    row["metadata"] = {}
    row["status"] = "active"
    wanted = [
        {"price": one["price"]["id"], "quantity": one["quantity"]} for one in subscription["items"]["data"]
    ]
    now = _phase(subscription, wanted, item["current_period_start"], item["current_period_end"])
    row["phases"] = [now]
    row["current_phase"] = {"start_date": now["start_date"], "end_date": now["end_date"]}
    with box.changing("customer.subscription.updated", subscription):
        subscription["schedule"] = row["id"]
    box.tell("subscription_schedule.created", row)
    return row


def _phase(
    subscription: Json, wanted: list[Json], start: int, end: int, proration: str = "create_prorations"
) -> Json:
    phase = blank("schedule_phase", start_date=start, end_date=end, currency=subscription["currency"])
    phase["proration_behavior"] = proration
    phase["items"] = [
        {
            "discounts": [],
            "metadata": {},
            "plan": one["price"],
            "price": one["price"],
            "quantity": one.get("quantity", 1),
            "tax_rates": [],
        }
        for one in wanted
    ]
    return phase


def plan(
    box: Sandbox,
    row: Json,
    phases: list[Json],
    end_behavior: str | None,
    proration: str = "create_prorations",
) -> None:
    """Replaces the phases. The first is the one that runs: it says its own start, and what it buys is so now."""
    subscription = box.world.table("subscription")[row["subscription"]]
    made: list[Json] = []
    for number, one in enumerate(phases):
        start: int = made[-1]["end_date"] if made else one.get("start_date", 0)
        _check_start(row, one, start, number)
        wanted = one["items"]
        end = one.get("end_date") or _end(box, wanted, start, one, number)
        if end <= start:
            invalid("The phase's end must be after its start.", f"phases[{number}][end_date]")
        how = one.get("proration_behavior", "create_prorations")
        made.append(_phase(subscription, wanted, start, end, how))
    with box.changing("subscription_schedule.updated", row):
        row["phases"] = made
        row["end_behavior"] = end_behavior or row["end_behavior"]
        row["current_phase"] = {"start_date": made[0]["start_date"], "end_date": made[0]["end_date"]}
    _apply_running(box, subscription, phases[0]["items"], proration)
    before_renewal(box, subscription)


def _apply_running(box: Sandbox, subscription: Json, wanted: list[Json], proration: str) -> None:
    """What the running phase says is so at once."""
    kept = subscription["items"]["data"]
    pairs = zip(kept, wanted, strict=False)
    asked = [{"id": item["id"], "quantity": 1, **one} for item, one in pairs]
    after = changing.wanted_items(box, subscription, asked, "phases[0][items]")
    if any(
        old["quantity"] != new["quantity"] or old["price"] != new["price"]
        for old, new in zip(kept, after, strict=True)
    ):
        changing.apply(box, subscription, changing.Change(after, proration=proration, at=box.now()))


def planned(box: Sandbox, subscription: Json) -> list[Json] | None:
    """What the next period will buy by the schedule, where it says something else."""
    row = box.world.table("subscription_schedule").get(subscription["schedule"] or "")
    following = _starting(row, items.first(subscription)["current_period_end"]) if row else None
    if following is None:
        return None
    item = items.first(subscription)
    prices = box.world.table("price")
    return [
        {**items.priced(copy.deepcopy(item), prices[one["price"]]), "quantity": one["quantity"]}
        for one in following["items"]
    ]


def _check_start(row: Json, one: Json, start: int, number: int) -> None:
    where = f"phases[{number}][start_date]"
    running = row["current_phase"]["start_date"]
    if number == 0 and start != running:
        invalid(f"The current phase starts at {running}; its start cannot be changed.", where)
    if number and one.get("start_date") not in (None, start):
        invalid("A phase starts where the one before it ends.", where)


def _end(box: Sandbox, wanted: list[Json], start: int, one: Json, number: int) -> int:
    duration = one.get("duration")
    if duration is None:
        where = f"phases[{number}][end_date]"
        invalid("Say `end_date` or `duration` of the phase.", where, "parameter_missing")
    return shifted(start, duration["interval"], duration.get("interval_count", 1))


def before_renewal(box: Sandbox, subscription: Json) -> None:
    """The next phase begins with the period: its items are what is renewed."""
    if wanted := planned(box, subscription):
        box.world.beside(subscription["id"])["at_renewal"] = wanted


def after_renewal(box: Sandbox, subscription: Json) -> None:
    row = box.world.table("subscription_schedule").get(subscription["schedule"] or "")
    following = _starting(row, items.first(subscription)["current_period_start"]) if row else None
    if row and following:
        with box.changing("subscription_schedule.updated", row):
            row["current_phase"] = {"start_date": following["start_date"], "end_date": following["end_date"]}


def _starting(row: Json, moment: int) -> Json | None:
    return next((phase for phase in row["phases"] if phase["start_date"] == moment), None)


def finish(box: Sandbox, subscription: Json) -> None:
    """After the last phase the subscription is let go, or canceled."""
    row = box.world.table("subscription_schedule")[subscription["schedule"]]
    if row["end_behavior"] == "cancel":
        life.end(box, subscription, "cancellation_requested")
        return
    with box.changing("customer.subscription.updated", subscription):
        life.release_schedule(box, subscription, "released")
