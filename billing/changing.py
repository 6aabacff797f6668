"""A plan that is paid for is changed: a larger one now, a smaller one or none with the next period.

Before each deed Stripe is looked at, as somebody may have changed something in its own pages, and after it again.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from accounts.actions.entitlements import seats_taken
from accounts.errors import Refused
from accounts.models import Member, Workspace
from billing import inbox, orders
from billing.actions import customers, mirroring
from billing.errors import BillingError
from billing.models import Customer, Invoice, Subscription
from billing.plans import FREE, Plan, of_key
from billing.standing import PAYING
from livechat.models import Site

NO_PLAN = "Nothing is paid for here yet. Choose a plan first."
SAME = "This is the plan that you have."
UNPAID = "An invoice is open. Pay it first, with another card if need be, and then change the plan."
CHANGED_MEANWHILE = (
    "The price has changed since you saw it, as your team or your plan has. Look at it again, please."
)
NOTHING_PLANNED = "The plan goes on already: nothing is planned that could be taken back."
MARK = re.compile(r"(now|period_end) (\d{1,12}) (\d{1,12})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Preview:
    """Before somebody says yes. Amounts are in the currency's smallest unit: `due_now` is charged at once, `then` each
    month, both before promotion codes and taxes where Stripe has not reckoned them. `at` is the next renewal. `notes`
    are sentences about what no longer fits."""

    plan: Plan
    when: Literal["now", "period_end"]
    due_now: int
    then: int
    currency: str
    at: datetime | None
    notes: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """What somebody says yes to."""
        return f"{self.when} {self.due_now} {self.then}"

    def holds(self, mark: str) -> bool:
        """Whether somebody who saw what `mark` says agrees to this too. As the month goes by there is less to pay."""
        seen = MARK.fullmatch(mark)
        return (
            seen is not None
            and (seen[1], int(seen[3])) == (self.when, self.then)
            and self.due_now <= int(seen[2])
        )


@dataclass(frozen=True, slots=True)
class Changed:
    """`confirm`: the bank asks, or the card is declined; `address` is Stripe's page on which it is settled, and until
    then the old plan stays."""

    state: Literal["done", "confirm", "at_period_end"]
    address: str = ""


def preview(workspace: Workspace, customer: Customer | None, plan: Plan) -> Preview:
    """Of the mirror, and for a larger plan of what Stripe reckons. Raises BillingError."""
    live = mirroring.live_subscription(customer) if customer is not None else None
    notes = tuple(too_small(workspace, plan))
    if live is None or live.status == "incomplete":
        then, currency = _monthly(plan, max(1, seats_taken(workspace.pk)))
        return Preview(plan, "now", then, then, currency, None, notes)
    if live.plan == plan.key:
        raise Refused("same_plan", SAME)
    seats = _seats(live)
    then, currency = _monthly(plan, seats)
    if not _is_larger(plan, live):
        return Preview(plan, "period_end", 0, then, currency, live.period_end, notes)
    bill = orders.bill_of_change(live, plan, seats)
    return Preview(plan, "now", bill.due, then, bill.currency, live.period_end, notes)


def change(member: Member, customer: Customer, plan: Plan, seen: str = "") -> Changed:
    """`seen` is the mark of the preview that somebody has agreed to; where it is given nothing else is charged."""
    live = _looked_at(customer)
    if live.pending_update_expires_at is not None:
        return Changed("confirm", orders.invoice_address(live.latest_invoice_id))
    if live.plan == plan.key:
        if not (live.next_plan or live.cancel_at_period_end):
            raise Refused("same_plan", SAME)
        resume(member, customer)
        return Changed("done")
    if plan.price is None:
        cancel(member, customer)
        return Changed("at_period_end")
    if live.status not in PAYING:
        raise Refused("unpaid", UNPAID)
    if seen and not preview(member.workspace, customer, plan).holds(seen):
        raise Refused("changed_meanwhile", CHANGED_MEANWHILE)
    changed = _raised(customer, live, plan) if _is_larger(plan, live) else _lowered(live, plan)
    customers.note_chosen(member, _name(live.plan), plan.name)
    inbox.look_again(customer)
    return changed


def cancel(member: Member, customer: Customer) -> None:
    """At the end of what is paid for; at once where nothing is, and then the open invoice need not be paid any more."""
    live = _looked_at(customer)
    end(live)
    customers.note_cancelled(member, _name(live.plan))
    inbox.look_again(customer)


def end(live: Subscription) -> None:
    """At Stripe alone; the caller looks again. Harmless to repeat. Raises BillingError."""
    if live.status in PAYING:
        _take_plans_back(live, stays=True)
        orders.set_ending(live.id, at_period_end=True)
        return
    orders.end_now(live.id)
    open_ones = Invoice.objects.filter(customer_id=live.customer_id, subscription_id=live.id, status="open")
    for invoice_id in open_ones.values_list("pk", flat=True):
        orders.void(invoice_id)


def resume(member: Member, customer: Customer) -> None:
    live = _looked_at(customer)
    if not (live.schedule_id or live.cancel_at_period_end):
        raise Refused("nothing_planned", NOTHING_PLANNED)
    _take_plans_back(live)
    customers.note_resumed(member, _name(live.plan))
    inbox.look_again(customer)


def _looked_at(customer: Customer) -> Subscription:
    inbox.look_again(customer)
    live = mirroring.live_subscription(customer)
    if live is None or live.status == "incomplete":
        raise Refused("no_plan", NO_PLAN)
    return live


def _take_plans_back(live: Subscription, *, stays: bool = False) -> None:
    """Whatever was planned for the next period. `stays`: the end of it is said anew by the caller."""
    if live.schedule_id:
        orders.release(live.schedule_id)
    if live.cancel_at_period_end and not stays:
        orders.set_ending(live.id, at_period_end=False)


def _raised(customer: Customer, live: Subscription, plan: Plan) -> Changed:
    """Whoever chooses a plan stays. The key is of how things stand: the same wish twice is charged once."""
    _take_plans_back(live)
    seats = _seats(live)
    key = f"change-{live.id}-{plan.key}-{seats}-{live.latest_invoice_id}-{customer.asking_number}"
    try:
        address = orders.set_plan(live, plan, seats, key)
    except BillingError as error:
        customers.ask_anew_after(customer, error)
        raise
    return Changed("confirm", address) if address else Changed("done")


def _lowered(live: Subscription, plan: Plan) -> Changed:
    if live.cancel_at_period_end:
        orders.set_ending(live.id, at_period_end=False)
    orders.set_next_plan(live, plan, _seats(live))
    return Changed("at_period_end")


def _is_larger(plan: Plan, live: Subscription) -> bool:
    """By the price of a seat; a price of nobody's plan is less than each."""
    has = of_key(live.plan) or FREE
    return _monthly(plan, 1)[0] > _monthly(has, 1)[0]


def _seats(live: Subscription) -> int:
    """Within a period they only grow: what is paid for stays until it is over."""
    return max(1, live.quantity, seats_taken(live.customer.workspace_id))


def _monthly(plan: Plan, seats: int) -> tuple[int, str]:
    return (plan.price.amount * seats, plan.price.currency) if plan.price is not None else (0, "eur")


def _name(key: str) -> str:
    plan = of_key(key)
    return plan.name if plan is not None else ""


def too_small(workspace: Workspace, plan: Plan) -> list[str]:
    """What is there already stays; only more of it is refused, and the widget and old chats follow the plan."""
    has, gets = workspace.entitlements, plan.entitlements
    seats = seats_taken(workspace.pk)
    sites = Site.objects.in_workspace(workspace).filter(removed_at=None).count()
    found = []
    if gets.most_seats is not None and seats > gets.most_seats:
        found.append(
            f"{seats} seats are taken, and {plan.name} has room for {gets.most_seats}: everybody stays, but nobody "
            "can be invited until there is room."
        )
    if gets.most_sites is not None and sites > gets.most_sites:
        found.append(
            f"You have {sites} sites, and {plan.name} has room for {gets.most_sites}: they all go on, but none can be "
            "added until there is room."
        )
    if gets.most_keep_days is not None and (has.most_keep_days or 10**6) > gets.most_keep_days:
        found.append(
            f"Closed chats are kept for {gets.most_keep_days} days at most. Older ones "
            "go, thirty days after a mail about it at the earliest."
        )
    if has.white_label and not gets.white_label:
        found.append("“Powered by Threadbell” stands below the chat.")
    return found
