"""Checkout sessions in subscription mode, on Stripe's own page."""

from stripe_sandbox import checkout
from stripe_sandbox.api.paging import listed, page
from stripe_sandbox.api.registry import CREATED, PAGE, Call, endpoint
from stripe_sandbox.model import Json
from stripe_sandbox.params import META, Ref, Text
from stripe_sandbox.refusals import Refusal, invalid, missing
from stripe_sandbox.sandbox import Sandbox

MINUTE, DAY = 60, 86400
LOCALES = tuple(
    """auto bg cs da de el en en-GB es et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru
    sk sl sv th tr vi zh zh-HK zh-TW""".split()
)
KINDS = ("card", "sepa_debit", "link", "paypal", "us_bank_account", "bacs_debit")
ON_SUBSCRIPTION = {
    "description": str,
    "metadata": META,
    "trial_end": int,
    "trial_period_days": int,
    "trial_settings": {"end_behavior!": {"missing_payment_method!": ("cancel", "create_invoice", "pause")}},
    "billing_cycle_anchor": int,
    "proration_behavior": ("create_prorations", "none"),
    "billing_mode": {"type!": ("classic", "flexible")},
}
LINE: dict[str, object] = {"price!": Ref("price"), "quantity": int, "metadata": META}
LINE["adjustable_quantity"] = {"enabled!": bool, "minimum": int, "maximum": int}
SESSION: dict[str, object] = {
    "mode!": ("payment", "setup", "subscription"),
    "success_url": str,
    "cancel_url": str,
    "return_url": str,
    "ui_mode": ("hosted_page", "embedded_page", "form", "elements"),
    "customer": Ref("customer"),
    "customer_email": str,
    "customer_creation": ("always", "if_required"),
    "customer_update": dict.fromkeys(("address", "name", "shipping"), ("auto", "never")),
    "client_reference_id": str,
    "line_items": [LINE],
    "discounts": [{"coupon": str, "promotion_code": Ref("promotion_code")}],
    "allow_promotion_codes": bool,
    "allowed_payment_method_types": [KINDS],
    "excluded_payment_method_types": [KINDS],
    "automatic_tax": {"enabled!": bool},
    "tax_id_collection": {"enabled!": bool, "required": ("if_supported", "never")},
    "billing_address_collection": ("auto", "required"),
    "phone_number_collection": {"enabled!": bool},
    "payment_method_collection": ("always", "if_required"),
    "payment_method_options": {"card": {"request_three_d_secure": ("any", "automatic", "challenge")}},
    "saved_payment_method_options": {"payment_method_save": ("enabled", "disabled")},
    "consent_collection": {"terms_of_service": ("none", "required")},
    "custom_text": {
        name: {"message!": str} for name in ("submit", "after_submit", "terms_of_service_acceptance")
    },
    "subscription_data": ON_SUBSCRIPTION,
    "metadata": META,
    "locale": LOCALES,
    "expires_at": int,
    "submit_type": Text(),
}


@endpoint("checkout.sessions.create", "POST /v1/checkout/sessions", SESSION)
def create(call: Call) -> Json:
    args = call.args
    _check(call.box, args)
    known = {name: args[name] for name in COPIED if name in args}
    session = call.box.make("checkout.session", **known)
    session |= {
        "success_url": args["success_url"],
        "expires_at": args.get("expires_at", call.box.now() + DAY),
    }
    session["url"] = f"{call.box.options.origin}/c/pay/{session['id']}"
    session["payment_method_collection"] = args.get("payment_method_collection", "always")
    for name in ("automatic_tax", "tax_id_collection"):
        session[name] |= args.get(name, {})
    if session["automatic_tax"]["enabled"]:
        session["automatic_tax"] |= {
            "liability": {"type": "self"},
            "provider": "stripe",
            "status": "complete",
        }
    if "allowed_payment_method_types" in args:
        session["payment_method_types"] = args["allowed_payment_method_types"]
    _remember(call.box, session, args)
    checkout.add_up(call.box, session)
    return session


COPIED = (
    "allow_promotion_codes",
    "billing_address_collection",
    "cancel_url",
    "client_reference_id",
    "customer",
    "customer_email",
    "excluded_payment_method_types",
    "locale",
    "metadata",
    "mode",
    "submit_type",
)


def _remember(box: Sandbox, session: Json, args: Json) -> None:
    wanted = [{"price": one["price"], "quantity": one.get("quantity", 1)} for one in args["line_items"]]
    beside = box.world.beside(session["id"])
    beside |= {"wanted": wanted, "terms": args.get("subscription_data", {})}
    beside |= {"customer_update": args.get("customer_update", {}), "line_items": _lines(box, wanted)}
    prices = [price for price, _ in checkout.prices(box, session)]
    session["currency"] = prices[0]["currency"]
    for one in args.get("discounts", []):
        code = one.get("promotion_code")
        beside |= {"promotion_code": code, "coupon": _coupon(box, one)}


def _coupon(box: Sandbox, one: Json) -> str:
    if code := one.get("promotion_code"):
        return str(box.world.table("promotion_code")[code]["promotion"]["coupon"])
    if one.get("coupon") not in box.world.table("coupon"):
        raise missing("coupon", str(one.get("coupon")), "discounts[0][coupon]", 400)
    return str(one["coupon"])


def _lines(box: Sandbox, wanted: list[Json]) -> list[Json]:
    lines = []
    for one in wanted:
        price = box.world.table("price")[one["price"]]
        amount = price["unit_amount"] * one["quantity"]
        lines.append(
            {
                "id": box.world.new_id("line_item").replace("il_", "li_"),
                "object": "item",
                "adjustable_quantity": None,
                "amount_discount": 0,
                "amount_subtotal": amount,
                "amount_tax": 0,
                "amount_total": amount,
                "currency": price["currency"],
                "description": box.world.table("product")[price["product"]]["name"],
                "metadata": {},
                "price": price,
                "quantity": one["quantity"],
            }
        )
    return lines


def _check(box: Sandbox, args: Json) -> None:
    if args["mode"] != "subscription":
        raise Refusal("The sandbox sells subscriptions only: use `mode=subscription`.", param="mode")
    if args.get("ui_mode", "hosted_page") != "hosted_page":
        raise Refusal("The sandbox has Stripe's own page only: use `ui_mode=hosted_page`.", param="ui_mode")
    if "success_url" not in args:
        invalid("Missing required param: success_url.", "success_url", "parameter_missing")
    for name in ("success_url", "cancel_url"):
        if not args.get(name, "https://").startswith(("http://", "https://")):
            invalid("Not a valid URL", name, "url_invalid")
    if not args.get("line_items"):
        invalid("Missing required param: line_items.", "line_items", "parameter_missing")
    _check_lines(box, args["line_items"])
    _check_customer(args)
    _check_terms(box, args)


def _check_lines(box: Sandbox, lines: list[Json]) -> None:
    prices = [box.world.table("price")[one["price"]] for one in lines]
    for number, (one, price) in enumerate(zip(lines, prices, strict=True)):
        where = f"line_items[{number}]"
        if one.get("quantity", 1) < 1:
            invalid("Quantity must be at least 1.", f"{where}[quantity]", "parameter_invalid_integer")
        if not price["active"]:
            invalid(f"The price `{price['id']}` is inactive.", f"{where}[price]", "price_inactive")
    if not all(price["recurring"] for price in prices):
        invalid("The sandbox sells subscriptions only: every price must be recurring.", "line_items")
    if len({price["currency"] for price in prices}) > 1:
        invalid("All prices on a Checkout Session must have the same currency.", "line_items")


def _check_customer(args: Json) -> None:
    update = args.get("customer_update", {})
    if "customer_creation" in args:
        invalid("`customer_creation` can only be used in `payment` and `setup` mode.", "customer_creation")
    if "customer" in args and "customer_email" in args:
        invalid("You may only specify one of these parameters: customer, customer_email.", "customer_email")
    if update and "customer" not in args:
        invalid("`customer_update` can only be used with `customer`.", "customer_update")
    if "customer" not in args:
        return
    if args.get("tax_id_collection", {}).get("enabled") and update.get("name") != "auto":
        message = (
            "Tax ID collection requires updating business name on the customer: `customer_update[name]=auto`."
        )
        invalid(message, "customer_update")
    if args.get("automatic_tax", {}).get("enabled") and update.get("address") != "auto":
        message = "Automatic tax calculation in Checkout requires a valid address on the Customer."
        invalid(
            f"{message} Set `customer_update[address]=auto`.",
            "customer_update",
            "customer_tax_location_invalid",
        )


def _check_terms(box: Sandbox, args: Json) -> None:
    if args.get("allow_promotion_codes") is not None and args.get("discounts"):
        invalid(
            "You may only specify one of these parameters: allow_promotion_codes, discounts.", "discounts"
        )
    expires = args.get("expires_at")
    if expires is not None and not box.now() + 30 * MINUTE <= expires <= box.now() + DAY:
        message = "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation."
        invalid(message, "expires_at")
    for one in args.get("discounts", []):
        _coupon(box, one)
    terms = args.get("subscription_data", {})
    if "trial_end" in terms and "trial_period_days" in terms:
        invalid(
            "You may only specify one of `trial_end`, `trial_period_days`.", "subscription_data[trial_end]"
        )
    if not 1 <= terms.get("trial_period_days", 1) <= 730:
        invalid("A trial has between 1 and 730 days.", "subscription_data[trial_period_days]")
    if "trial_end" in terms and terms["trial_end"] < box.now() + 2 * DAY:
        message = "The `trial_end` date has to be at least 2 days in the future."
        invalid(message, "subscription_data[trial_end]")
    if "trial_settings" in terms and not {"trial_end", "trial_period_days"} & set(terms):
        invalid("`trial_settings` needs a trial.", "subscription_data[trial_settings]")


@endpoint("checkout.sessions.retrieve", "GET /v1/checkout/sessions/{id}")
def retrieve(call: Call) -> Json:
    return call.box.get("checkout.session", call.id)


@endpoint("checkout.sessions.line_items", "GET /v1/checkout/sessions/{id}/line_items", PAGE)
def line_items(call: Call) -> Json:
    call.box.get("checkout.session", call.id)
    return listed(call.box.world.beside(call.id)["line_items"], f"/v1/checkout/sessions/{call.id}/line_items")


@endpoint("checkout.sessions.expire", "POST /v1/checkout/sessions/{id}/expire")
def expire(call: Call) -> Json:
    session = call.box.get("checkout.session", call.id)
    if session["status"] != "open":
        message = 'Only Checkout Sessions with a status in ["open"] can be expired.'
        raise Refusal(f"{message} This Checkout Session has a status of {session['status']}.")
    checkout.expire(call.box, session)
    return session


FILTERS = {"customer": str, "subscription": str, "status": ("complete", "expired", "open")}


@endpoint("checkout.sessions.list", "GET /v1/checkout/sessions", {**PAGE, **CREATED, **FILTERS})
def sessions(call: Call) -> Json:
    wanted = {name: call.args[name] for name in FILTERS if name in call.args}
    return page(call, call.box.world.rows("checkout.session", **wanted), "/v1/checkout/sessions")
