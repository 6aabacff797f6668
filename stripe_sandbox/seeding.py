"""What is there at the start: a catalogue, two promotion codes, a portal and the app's endpoint."""

from urllib.parse import urlsplit

from stripe_sandbox.model import Json, World, blank
from stripe_sandbox.options import API_VERSION, Options

# plan: name, price of a seat for a month and for a year in cents
PLANS = {"team": ("Team", 1500, 15000), "business": ("Business", 3500, 35000)}
CODES = {
    "WELCOME20": ("welcome20", {"percent_off": 20.0, "duration": "once"}),
    "ALLFREE": ("allfree", {"percent_off": 100.0, "duration": "forever"}),
}
ENDPOINT = "we_sandbox"
# what is kept of the addresses of our own pages
ADDRESSES = {"checkout.session": ("url",), "invoice": ("hosted_invoice_url", "invoice_pdf")}


def seed(world: World, options: Options, now: int) -> None:
    for plan, (name, month, year) in PLANS.items():
        product = world.make(
            "product", now, id=f"prod_sandbox_{plan}", name=name, metadata={"plan": plan}, updated=now
        )
        product["default_price"] = add_price(world, now, plan, product["id"], "month", month)["id"]
        add_price(world, now, plan, product["id"], "year", year)
    for code, (coupon, terms) in CODES.items():
        world.make("coupon", now, id=coupon, name=code, **terms)
        promotion = {"coupon": coupon, "type": "coupon"}
        world.make("promotion_code", now, id=f"promo_sandbox_{coupon}", code=code, promotion=promotion)
    _portal(world, now)
    if options.webhook_path:
        add_endpoint(world, now, options.webhook_url, ["*"], options.webhook_secret, id=ENDPOINT)


def come_home(world: World, options: Options) -> None:
    """What was kept may be of a start on other ports: the app's endpoint and our own pages lie where they lie now."""
    if endpoint := world.table("webhook_endpoint").get(ENDPOINT):
        endpoint["url"] = options.webhook_url
    for kind, names in ADDRESSES.items():
        for row in world.rows(kind):
            row |= {name: _here(row[name], options.origin) for name in names if row[name]}


def _here(address: str, origin: str) -> str:
    return origin + urlsplit(address)._replace(scheme="", netloc="").geturl()


def add_price(world: World, now: int, plan: str, product: str, interval: str, amount: int) -> Json:
    recurring = {**blank("price")["recurring"], "interval": interval}
    return world.make(
        "price",
        now,
        id=f"price_sandbox_{plan}_{interval}",
        product=product,
        lookup_key=f"{plan}_{interval}ly_v1",
        metadata={"plan": plan},
        recurring=recurring,
        unit_amount=amount,
        unit_amount_decimal=str(amount),
        tax_behavior="exclusive",
    )


def add_endpoint(world: World, now: int, url: str, events: list[str], secret: str, **known: object) -> Json:
    made = world.make(
        "webhook_endpoint", now, url=url, enabled_events=events, **{"api_version": API_VERSION, **known}
    )
    world.beside(made["id"])["secrets"] = [{"secret": secret, "until": None}]
    return made


def _portal(world: World, now: int) -> None:
    portal = world.make("billing_portal.configuration", now, id="bpc_sandbox", is_default=True, updated=now)
    features = portal["features"]
    for name in ("customer_update", "invoice_history", "payment_method_update", "subscription_cancel"):
        features[name]["enabled"] = True
    features["customer_update"]["allowed_updates"] = ["address", "name", "tax_id"]
    features["subscription_cancel"]["cancellation_reason"] = {
        "enabled": True,
        "options": ["too_expensive", "missing_features", "switched_service", "unused", "other"],
    }
    features["subscription_update"] |= {
        "enabled": True,
        "default_allowed_updates": ["price", "promotion_code"],
        "proration_behavior": "always_invoice",
        "schedule_at_period_end": {
            "conditions": [{"type": "decreasing_item_amount"}, {"type": "shortening_interval"}]
        },
        "products": [
            {"product": product, "prices": [row["id"] for row in world.rows("price", product=product)][::-1]}
            for product in world.table("product")
        ],
    }
