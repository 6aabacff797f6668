"""The one fact of billing: somebody's standing was settled. Listeners stand in billing/apps.py."""

from collections.abc import Callable
from dataclasses import dataclass

from billing.models import Customer, Subscription
from billing.standing import Standing


@dataclass(frozen=True, slots=True)
class Settled:
    """Stripe was looked at, or the clock has moved on. The customer's row is locked and says how they stand now.

    `plan_before` and `why_before` are empty where nothing was ever settled before.
    """

    customer: Customer
    subscription: Subscription | None
    now: Standing
    plan_before: str
    why_before: str

    @property
    def has_changed(self) -> bool:
        return (self.plan_before, self.why_before) != (self.now.plan.key, self.now.why)


# inside the transaction of the fact: they insert promises and nothing else, and if one raises it did not happen
listeners: list[Callable[[Settled], None]] = []


def subscribe(listener: Callable[[Settled], None]) -> None:
    if listener not in listeners:
        listeners.append(listener)


def publish(fact: Settled) -> None:
    for listener in listeners:
        listener(fact)
