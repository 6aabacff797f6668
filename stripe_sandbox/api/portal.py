"""The customer portal: what it allows, and sessions that open it."""

from stripe_sandbox.api.paging import page
from stripe_sandbox.api.registry import PAGE, Call, endpoint
from stripe_sandbox.model import Json
from stripe_sandbox.params import META, Ref, Text, merge_metadata
from stripe_sandbox.refusals import Refusal, invalid
from stripe_sandbox.sandbox import Sandbox

PRORATION = ("always_invoice", "create_prorations", "none")
REASONS = tuple(
    "customer_service low_quality missing_features other switched_service too_complex too_expensive unused".split()
)
SOLD = {
    "product!": Ref("product"),
    "prices!": [Ref("price")],
    "adjustable_quantity": {"enabled!": bool, "minimum": int, "maximum": int},
}
FEATURES = {
    "customer_update": {
        "enabled": bool,
        "allowed_updates": [("address", "email", "name", "phone", "shipping", "tax_id")],
    },
    "invoice_history": {"enabled!": bool},
    "payment_method_update": {"enabled!": bool},
    "subscription_cancel": {
        "enabled": bool,
        "mode": ("at_period_end", "immediately"),
        "proration_behavior": PRORATION,
        "cancellation_reason": {"enabled!": bool, "options": [REASONS]},
    },
    "subscription_pause": {"enabled": bool},
    "subscription_update": {
        "enabled": bool,
        "billing_cycle_anchor": ("now", "unchanged"),
        "default_allowed_updates": [("price", "promotion_code", "quantity")],
        "products": [SOLD],
        "proration_behavior": PRORATION,
        "schedule_at_period_end": {
            "conditions": [{"type!": ("decreasing_item_amount", "shortening_interval")}]
        },
        "trial_update_behavior": ("continue_trial", "end_trial"),
    },
}
CONFIGURATION = {
    "business_profile": {"headline": Text(), "privacy_policy_url": str, "terms_of_service_url": str},
    "default_return_url": Text(),
    "features": FEATURES,
    "login_page": {"enabled!": bool},
    "metadata": META,
    "name": Text(),
}
MOST_PRODUCTS = 10


@endpoint(
    "billing_portal.configurations.create",
    "POST /v1/billing_portal/configurations",
    {**CONFIGURATION, "features!": FEATURES},
)
def configure(call: Call) -> Json:
    _check(call.box, call.args)
    return _fill(call, call.box.make("billing_portal.configuration"))


@endpoint(
    "billing_portal.configurations.update",
    "POST /v1/billing_portal/configurations/{id}",
    {**CONFIGURATION, "active": bool},
)
def update(call: Call) -> Json:
    row = call.box.get("billing_portal.configuration", call.id)
    _check(call.box, call.args)
    if row["is_default"] and call.args.get("active") is False:
        raise Refusal("You cannot deactivate the default configuration.", param="active")
    return _fill(call, row)


def _fill(call: Call, row: Json) -> Json:
    args = dict(call.args)
    row["metadata"] = merge_metadata(row["metadata"], args.pop("metadata", row["metadata"]))
    for name, feature in args.pop("features", {}).items():
        row["features"][name] |= feature
    row["business_profile"] |= args.pop("business_profile", {})
    row["login_page"] |= args.pop("login_page", {})
    row.update(args, updated=call.box.now())
    return row


def _check(box: Sandbox, args: Json) -> None:
    update = args.get("features", {}).get("subscription_update", {})
    sold = update.get("products", [])
    where = "features[subscription_update][products]"
    if update.get("enabled") and not (sold and update.get("default_allowed_updates")):
        invalid(
            "`products` and `default_allowed_updates` are needed to enable updates.",
            where,
            "parameter_missing",
        )
    if len(sold) > MOST_PRODUCTS:
        invalid(f"A portal offers at most {MOST_PRODUCTS} products.", where)
    for number, one in enumerate(sold):
        prices = [box.world.table("price")[price] for price in one["prices"]]
        if any(price["product"] != one["product"] for price in prices):
            invalid("All prices must belong to the product.", f"{where}[{number}][prices]")
        rhythms = [(price["recurring"]["interval"], price["recurring"]["interval_count"]) for price in prices]
        if len(set(rhythms)) != len(rhythms):
            invalid("Prices of one product must have different intervals.", f"{where}[{number}][prices]")


@endpoint("billing_portal.configurations.retrieve", "GET /v1/billing_portal/configurations/{id}")
def retrieve(call: Call) -> Json:
    return call.box.get("billing_portal.configuration", call.id)


@endpoint(
    "billing_portal.configurations.list",
    "GET /v1/billing_portal/configurations",
    {**PAGE, "active": bool, "is_default": bool},
)
def configurations(call: Call) -> Json:
    rows = call.box.world.rows("billing_portal.configuration")
    for name in ("active", "is_default"):
        rows = [row for row in rows if call.args.get(name) in (None, row[name])]
    return page(call, rows, "/v1/billing_portal/configurations")


FLOWS = tuple(
    """customer_update payment_method_update subscription_cancel subscription_update
    subscription_update_confirm""".split()
)
ITEM = {"id!": str, "price": Ref("price"), "quantity": int}
FLOW = {
    "type!": FLOWS,
    "after_completion": {
        "type!": ("hosted_confirmation", "portal_homepage", "redirect"),
        "redirect": {"return_url!": str},
        "hosted_confirmation": {"custom_message": str},
    },
    "subscription_cancel": {"subscription!": Ref("subscription")},
    "subscription_update": {"subscription!": Ref("subscription")},
    "subscription_update_confirm": {"subscription!": Ref("subscription"), "items!": [ITEM]},
}


@endpoint(
    "billing_portal.sessions.create",
    "POST /v1/billing_portal/sessions",
    {
        "customer!": Ref("customer"),
        "configuration": Ref("billing_portal.configuration"),
        "return_url": str,
        "flow_data": FLOW,
        "locale": str,
    },
)
def open_portal(call: Call) -> Json:
    args = dict(call.args)
    flow = args.pop("flow_data", None)
    args.setdefault("configuration", _default(call.box))
    config = call.box.get("billing_portal.configuration", args["configuration"])
    if not config["active"]:
        raise Refusal("The configuration is inactive.", param="configuration")
    if flow:
        _check_flow(call.box, flow, args["customer"], config)
    row = call.box.make("billing_portal.session", **args)
    row["flow"] = _flow(flow) if flow else None
    row["return_url"] = args.get("return_url") or config["default_return_url"]
    row["url"] = f"{call.box.options.origin}/p/session/{row['id']}"
    return row


def _default(box: Sandbox) -> str:
    rows = box.world.rows("billing_portal.configuration", is_default=True, active=True)
    if not rows:
        message = (
            "You can't create a portal session without a configuration: save the portal's settings first."
        )
        raise Refusal(message)
    return str(rows[0]["id"])


def _flow(flow: Json) -> Json:
    names = [name for name in FLOW if name not in ("type!", "after_completion")]
    after = {"type": "portal_homepage", **flow.get("after_completion", {})}
    whole = {"hosted_confirmation": None, "redirect": None, **after}
    return {"after_completion": whole, "type": flow["type"], **{name: flow.get(name) for name in names}}


def _check_flow(box: Sandbox, flow: Json, customer: str, config: Json) -> None:
    kind = flow["type"]
    feature = {"subscription_update_confirm": "subscription_update"}.get(kind, kind)
    if not config["features"][feature]["enabled"]:
        raise Refusal(
            f"The flow needs the feature `{feature}`, which is off in this configuration.",
            param="flow_data[type]",
        )
    if kind.startswith("subscription_") and kind not in flow:
        where = f"flow_data[{kind}]"
        invalid(f"Missing required param: {where}.", where, "parameter_missing")
    about = flow.get(kind, {}).get("subscription")
    if about and box.world.table("subscription")[about]["customer"] != customer:
        raise Refusal(
            "The subscription belongs to another customer.", param=f"flow_data[{kind}][subscription]"
        )
    if kind == "subscription_update_confirm" and len(flow[kind]["items"]) != 1:
        invalid("Exactly one item is needed.", f"flow_data[{kind}][items]")
