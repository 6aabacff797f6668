"""What we sell: one table, which the console, the public prices and what Stripe tells of a price go by."""

from dataclasses import dataclass

from accounts.entitled import Entitlements


@dataclass(frozen=True, slots=True)
class Price:
    """For one seat and month, in the currency's smallest unit. `lookup_key` names it in Stripe's catalogue; a new
    price gets a new one, and whoever has the old one keeps it."""

    amount: int
    currency: str
    lookup_key: str


@dataclass(frozen=True, slots=True)
class Plan:
    key: str
    entitlements: Entitlements
    price: Price | None

    @property
    def name(self) -> str:
        return self.entitlements.plan_name


FREE = Plan(
    "free",
    Entitlements("Free", most_sites=1, most_seats=2, most_chats=100, most_keep_days=30, white_label=False),
    price=None,
)
TEAM = Plan(
    "team",
    Entitlements(
        "Team", most_sites=3, most_seats=20, most_chats=2_000, most_keep_days=365, white_label=False
    ),
    Price(1500, "eur", "team_monthly_v1"),
)
BUSINESS = Plan(
    "business",
    Entitlements(
        "Business", most_sites=20, most_seats=200, most_chats=20_000, most_keep_days=730, white_label=True
    ),
    Price(3500, "eur", "business_monthly_v1"),
)
PLANS = (FREE, TEAM, BUSINESS)
# what is tried without a card, and for so many days
TRIAL = BUSINESS
TRIAL_DAYS = 14
_OF_PRICE = {plan.price.lookup_key: plan for plan in PLANS if plan.price is not None}
_OF_KEY = {plan.key: plan for plan in PLANS}


def of_key(key: str) -> Plan | None:
    return _OF_KEY.get(key)


def of_price(lookup_key: str | None) -> Plan | None:
    """None for a price that is not ours: somebody made it by hand in Stripe's dashboard."""
    return _OF_PRICE.get(lookup_key or "")
