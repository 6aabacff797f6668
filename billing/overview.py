"""Where a workspace stands with its plan, for the pages about it: from the mirror and the clock alone."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.utils import timezone

from accounts.actions.entitlements import seats_taken
from accounts.models import Workspace
from billing.access import customer_of
from billing.actions.mirroring import live_subscription
from billing.bills import UNPAID
from billing.metering import Usage
from billing.models import Customer, Invoice, Subscription
from billing.money import written
from billing.offers import counted
from billing.plans import FREE, Plan, of_key
from billing.standing import KNOWN, PAYING, Standing, Why, standing

INVOICES_SHOWN = 24


class Stage(StrEnum):
    """What the page is about; templates/console/billing/stages has words for each."""

    UNLIMITED = "unlimited"
    TRIAL = "trial"
    FREE = "free"
    PAID = "paid"
    ENDING = "ending"
    CHANGING = "changing"
    LATE = "late"
    UNKNOWN = "unknown"
    OVERDUE = "overdue"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Overview:
    """`has` is the plan that holds now, `bought` the one that is paid for, or owed. `until` is when the clock changes
    it, or Stripe at the end of the period. `unpaid` is the invoice that keeps it from being well; `bank_asks` its owner
    to confirm it."""

    stage: Stage
    has: Plan
    until: datetime | None = None
    subscription: Subscription | None = None
    bought: Plan | None = None
    next_plan: Plan | None = None
    unpaid: Invoice | None = None
    bank_asks: bool = False
    trial_ended_at: datetime | None = None
    plan_ended_at: datetime | None = None

    @property
    def days_left(self) -> int:
        """Begun days count; the last one is 1."""
        if self.until is None:
            return 0
        return max(0, -((timezone.now() - self.until) // timedelta(days=1)))

    @property
    def each(self) -> str:
        return monthly_for(self.bought, 1) if self.bought is not None else ""

    @property
    def monthly(self) -> str:
        """What the seats come to, before any discount or tax."""
        if self.subscription is None or self.bought is None:
            return ""
        return monthly_for(self.bought, self.subscription.quantity)

    @property
    def waits_for_bank(self) -> bool:
        """A larger plan was chosen, and its payment is not through."""
        expires = self.subscription.pending_update_expires_at if self.subscription is not None else None
        return expires is not None and expires > timezone.now()

    @property
    def may_end(self) -> bool:
        """There is something that can be cancelled."""
        return self.is_customer and self.stage != Stage.ENDING

    @property
    def may_stay(self) -> bool:
        """What is planned for the end of the period can be taken back here. An end on another day was set by hand."""
        found = self.subscription
        return found is not None and (self.stage == Stage.CHANGING or found.cancel_at_period_end)

    @property
    def ends_at_once(self) -> bool:
        """Nothing is paid for that could be kept until it is over."""
        return self.subscription is not None and self.subscription.status not in PAYING

    @property
    def may_change(self) -> bool:
        return self.stage in (Stage.PAID, Stage.CHANGING, Stage.ENDING)

    @property
    def is_customer(self) -> bool:
        """Stripe has a subscription, so a card, a next invoice or both can be told of."""
        return self.subscription is not None and self.subscription.status != "incomplete"

    @property
    def waits_for_news(self) -> bool:
        """Something is done in another tab, on a page of Stripe's, that will change this one."""
        return self.unpaid is not None or self.waits_for_bank

    @property
    def mark(self) -> str:
        """Changes with whatever the page shows of all this."""
        found = self.subscription
        seen: list[object] = [
            self.stage,
            self.has.key,
            self.until,
            self.bought and self.bought.key,
            self.unpaid and self.unpaid.pk,
            self.bank_asks,
        ]
        if found is not None:
            seen += [found.status, found.quantity, found.pending_update_expires_at, found.next_plan]
        return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def overview(workspace: Workspace) -> Overview:
    if not settings.STRIPE_SECRET_KEY:
        return Overview(Stage.UNLIMITED, FREE)
    customer = customer_of(workspace)
    if customer is None:
        return Overview(Stage.FREE, FREE)
    live = live_subscription(customer)
    now = standing(customer, live, timezone.now())
    unpaid = _unpaid(customer, live)
    return Overview(
        stage=_stage(now, live),
        has=now.plan,
        until=_until(now, live),
        subscription=live,
        bought=of_key(live.plan) if live is not None else None,
        next_plan=of_key(live.next_plan) if live is not None and live.next_plan else None,
        unpaid=unpaid,
        bank_asks=unpaid is not None and customer.bill_needs_action and customer.bill_id == unpaid.pk,
        trial_ended_at=customer.trial_ends_at if now.why == Why.NO_PLAN else None,
        plan_ended_at=_ended_at(customer) if now.why == Why.NO_PLAN else None,
    )


def _stage(now: Standing, live: Subscription | None) -> Stage:
    if live is None or now.why in (Why.NO_PLAN, Why.TRIAL):
        return Stage.TRIAL if now.why == Why.TRIAL else Stage.FREE
    if now.why == Why.PAID:
        ends = live.cancel_at_period_end or live.cancel_at is not None
        return Stage.ENDING if ends else Stage.CHANGING if live.next_plan else Stage.PAID
    if now.why == Why.GRACE:
        return Stage.LATE if live.status in KNOWN else Stage.UNKNOWN
    return Stage.PAUSED if now.why == Why.PAUSED else Stage.OVERDUE


def _until(now: Standing, live: Subscription | None) -> datetime | None:
    if live is not None and now.why == Why.PAID:
        return live.cancel_at or live.period_end
    return now.until


def _ended_at(customer: Customer) -> datetime | None:
    ended = customer.subscriptions.filter(status="canceled", ended_at__isnull=False)
    return ended.order_by("-ended_at").values_list("ended_at", flat=True).first()


def _unpaid(customer: Customer, live: Subscription | None) -> Invoice | None:
    """The oldest first: a subscription is well again when all are paid."""
    if live is None or live.status in ("active", "trialing"):
        return None
    return (
        customer.invoices.filter(status__in=UNPAID, subscription_id=live.pk)
        .order_by("stripe_created")
        .first()
    )


def invoices_of(workspace: Workspace) -> list[Invoice]:
    """The newest first, without drafts: their sums are not final."""
    customer = customer_of(workspace)
    if customer is None:
        return []
    return list(customer.invoices.exclude(status="draft")[:INVOICES_SHOWN])


def monthly_for(plan: Plan, seats: int) -> str:
    """Empty for what costs nothing."""
    return written(plan.price.amount * seats, plan.price.currency) if plan.price is not None else ""


# --- usage ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bar:
    """How much of one thing is used; `most` is None where there is no limit."""

    name: str
    used: int
    most: int | None
    when_full: str

    @property
    def shown(self) -> int:
        """As long as the bar can be."""
        return min(self.used, self.most or 0)

    @property
    def tone(self) -> str:
        if self.most is None or self.used * 5 < self.most * 4:
            return ""
        return "over" if self.used > self.most else "tight"

    @property
    def is_full(self) -> bool:
        return self.most is not None and self.used >= self.most


def bars(found: Usage) -> list[Bar]:
    stay = "All stay. One more needs a larger plan."
    chats = "Every visitor’s message still arrives."
    return [
        Bar("Chats this month", found.chats, found.most_chats, chats),
        Bar("Sites", found.sites, found.most_sites, stay),
        Bar("Agents", found.seats, found.most_seats, stay),
    ]


# --- choosing ---------------------------------------------------------------------------------------------------------


def too_many(plan: Plan, used: Usage) -> list[str]:
    """In a few words, for plans beside each other; `changing.too_small` says what becomes of it."""
    has = plan.entitlements
    pairs = ((used.sites, has.most_sites, "site"), (used.seats, has.most_seats, "agent"))
    return [
        f"You have {counted(count, what)}: none can be added."
        for count, most, what in pairs
        if most is not None and count > most
    ]


def seats_to_pay(workspace: Workspace) -> int:
    """Whoever is alone pays for one."""
    return max(1, seats_taken(workspace.pk))
