"""What the passing of time does: every due thing in the order of its moment, each at its own moment."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stripe_sandbox import changing, checkout, invoicing, items, life, paying, schedules, standing
from stripe_sandbox.model import Json
from stripe_sandbox.periods import DAY
from stripe_sandbox.sandbox import Sandbox

MOST_STEPS = 10_000
ALIVE = ("active", "past_due", "unpaid")


@dataclass(frozen=True)
class Due:
    at: int
    act: Callable[[Sandbox, Json], object]
    row: Json


def catch_up(box: Sandbox) -> int:
    """Works off what is due by now; says how many things happened."""
    until = box.clock.there
    try:
        for steps in range(MOST_STEPS):
            due = min(everything(box), key=lambda one: one.at, default=None)
            if due is None or due.at > until:
                return steps
            box.clock.work_at(max(due.at, 1))
            due.act(box, due.row)
        raise ValueError("the clock was set so far ahead that the work never ends; go in smaller steps")
    finally:
        box.clock.work_at(None)


def next_moment(box: Sandbox) -> int | None:
    return min((one.at for one in everything(box)), default=None)


def everything(box: Sandbox) -> Iterator[Due]:
    for row in box.world.table("subscription").values():
        yield from _of_subscription(box, row)
    for row in box.world.table("invoice").values():
        yield from _of_invoice(row)
    for row in box.world.table("checkout.session").values():
        if row["status"] == "open":
            yield Due(row["expires_at"], checkout.expire, row)


def _of_subscription(box: Sandbox, row: Json) -> Iterator[Due]:
    beside, status = box.world.beside(row["id"]), row["status"]
    if status == "incomplete":
        yield Due(row["created"] + life.INCOMPLETE_LIVES, life.expire, row)
    elif status == "trialing":
        if not beside.get("trial_told"):
            yield Due(row["trial_end"] - life.TOLD_BEFORE, life.tell_trial_ends, row)
        yield Due(row["cancel_at"] or row["trial_end"], _trial_over, row)
    elif status in ALIVE:
        yield from _of_living(box, row, beside)
    elif status == "paused" and "resumes_with" in beside:
        invoice = box.world.table("invoice")[beside["resumes_with"]]
        yield Due(invoice["created"] + life.INCOMPLETE_LIVES, life.give_up_resuming, row)
    if row["pending_update"] and row["ended_at"] is None:
        yield Due(row["pending_update"]["expires_at"], standing.expire_pending, row)


def _of_living(box: Sandbox, row: Json, beside: Json) -> Iterator[Due]:
    end = items.first(row)["current_period_end"]
    if row["schedule"]:
        last = box.world.table("subscription_schedule")[row["schedule"]]["phases"][-1]["end_date"]
        yield Due(last, schedules.finish, row)
    if row["cancel_at"] is not None:
        yield Due(min(row["cancel_at"], end), _cancelled, row)
        return
    if not beside.get("upcoming_told"):
        yield Due(end - box.options.upcoming_days * DAY, _tell_upcoming, row)
    yield Due(end, _renewed, row)


def _of_invoice(row: Json) -> Iterator[Due]:
    if row["status"] == "draft" and row["automatically_finalizes_at"]:
        yield Due(row["automatically_finalizes_at"], paying.collect, row)
    if row["status"] == "open" and row["next_payment_attempt"]:
        yield Due(row["next_payment_attempt"], paying.collect, row)


def _trial_over(box: Sandbox, row: Json) -> None:
    if row["cancel_at"] is not None:
        _cancelled(box, row)
    else:
        life.end_trial(box, row)


def _cancelled(box: Sandbox, row: Json) -> None:
    life.end(box, row, "cancellation_requested")


def _renewed(box: Sandbox, row: Json) -> None:
    schedules.before_renewal(box, row)
    life.renew(box, row)
    schedules.after_renewal(box, row)


def _tell_upcoming(box: Sandbox, row: Json) -> None:
    """An invoice without an id: it does not exist yet."""
    box.world.beside(row["id"])["upcoming_told"] = True
    invoice = invoicing.drawn_up(box, row, "upcoming", changing.next_lines(box, row))
    del invoice["id"]
    box.tell("invoice.upcoming", invoice)
