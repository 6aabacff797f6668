"""Subscription schedules, made from a subscription that there is."""

from stripe_sandbox import life, schedules
from stripe_sandbox.api.paging import page
from stripe_sandbox.api.registry import CREATED, PAGE, Call, endpoint
from stripe_sandbox.model import Json
from stripe_sandbox.params import META, Ref, merge_metadata
from stripe_sandbox.refusals import Refusal

ITEM = {"price!": Ref("price"), "quantity": int, "metadata": META}
PHASE = {
    "items!": [ITEM],
    "start_date": int,
    "end_date": int,
    "duration": {"interval!": ("day", "week", "month", "year"), "interval_count": int},
    "proration_behavior": ("always_invoice", "create_prorations", "none"),
    "metadata": META,
}


@endpoint(
    "subscription_schedules.create",
    "POST /v1/subscription_schedules",
    {"from_subscription!": Ref("subscription")},
)
def create(call: Call) -> Json:
    subscription = call.box.get("subscription", call.args["from_subscription"])
    return schedules.from_subscription(call.box, subscription)


@endpoint("subscription_schedules.retrieve", "GET /v1/subscription_schedules/{id}")
def retrieve(call: Call) -> Json:
    return call.box.get("subscription_schedule", call.id)


@endpoint(
    "subscription_schedules.list", "GET /v1/subscription_schedules", {**PAGE, **CREATED, "customer": str}
)
def listing(call: Call) -> Json:
    rows = call.box.world.rows("subscription_schedule")
    wanted = call.args.get("customer")
    return page(
        call, [row for row in rows if wanted in (None, row["customer"])], "/v1/subscription_schedules"
    )


@endpoint(
    "subscription_schedules.update",
    "POST /v1/subscription_schedules/{id}",
    {
        "phases": [PHASE],
        "end_behavior": ("cancel", "release"),
        "metadata": META,
        "proration_behavior": ("always_invoice", "create_prorations", "none"),
    },
)
def update(call: Call) -> Json:
    row = _active(call)
    row["metadata"] = merge_metadata(row["metadata"], call.args.get("metadata", dict(row["metadata"])))
    if "phases" in call.args:
        how = call.args.get("proration_behavior", "create_prorations")
        schedules.plan(call.box, row, call.args["phases"], call.args.get("end_behavior"), how)
    elif "end_behavior" in call.args:
        with call.box.changing("subscription_schedule.updated", row):
            row["end_behavior"] = call.args["end_behavior"]
    return row


@endpoint(
    "subscription_schedules.release",
    "POST /v1/subscription_schedules/{id}/release",
    {"preserve_cancel_date": bool},
)
def release(call: Call) -> Json:
    row = _active(call)
    subscription = call.box.get("subscription", row["subscription"])
    with call.box.changing("customer.subscription.updated", subscription):
        life.release_schedule(call.box, subscription, "released")
    return row


@endpoint("subscription_schedules.cancel", "POST /v1/subscription_schedules/{id}/cancel")
def cancel(call: Call) -> Json:
    """The subscription ends with it."""
    row = _active(call)
    life.end(call.box, call.box.get("subscription", row["subscription"]), "cancellation_requested")
    return row


def _active(call: Call) -> Json:
    row = call.box.get("subscription_schedule", call.id)
    if row["status"] != "active":
        raise Refusal(f"You cannot change a subscription schedule that is `{row['status']}`.")
    return row
