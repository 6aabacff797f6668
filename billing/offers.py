"""The table of plans in the words of its readers: the public prices and the console's choice say the same."""

from collections.abc import Iterator
from dataclasses import dataclass

from billing.money import written
from billing.plans import FREE, PLANS, Plan

YEAR = 365


@dataclass(frozen=True, slots=True)
class Offer:
    """`price` is for one agent and month; empty for what costs nothing."""

    plan: Plan
    price: str
    holds: tuple[str, ...]


def offers() -> list[Offer]:
    return [Offer(plan, price_of(plan), tuple(_holds(plan))) for plan in PLANS]


def price_of(plan: Plan) -> str:
    return written(plan.price.amount, plan.price.currency) if plan.price is not None else ""


def counted(number: int, thing: str) -> str:
    """`1 site`, `2,000 chats`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def lasting(days: int) -> str:
    """`30 days`, `1 year`."""
    return counted(days // YEAR, "year") if days >= YEAR else counted(days, "day")


def _holds(plan: Plan) -> Iterator[str]:
    """Only what sets one apart from another; a limit that is none is said, too."""
    has = plan.entitlements
    yield "Any number of chats" if has.most_chats is None else f"{counted(has.most_chats, 'chat')} a month"
    yield "Any number of sites" if has.most_sites is None else counted(has.most_sites, "site")
    if has.most_seats is None:
        yield "Any number of agents"
    else:
        yield f"{'' if plan == FREE else 'Up to '}{counted(has.most_seats, 'agent')}"
    if has.most_keep_days is None:
        yield "Chats are kept as long as you like"
    else:
        yield f"Chats are kept for up to {lasting(has.most_keep_days)}"
    if has.white_label:
        yield "Your chat without our name in it"
