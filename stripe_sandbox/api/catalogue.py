"""Products, prices, coupons and promotion codes."""

from stripe_sandbox.api.paging import page
from stripe_sandbox.api.registry import CREATED, PAGE, Call, endpoint
from stripe_sandbox.model import Json, blank
from stripe_sandbox.params import META, Ref, Text, merge_metadata
from stripe_sandbox.refusals import invalid, missing

PRODUCT = {"active": bool, "description": Text(), "metadata": META, "name": str, "tax_code": Text()}
RECURRING = {"interval!": ("day", "week", "month", "year"), "interval_count": int}
PRICE = {
    "active": bool,
    "lookup_key": str,
    "metadata": META,
    "nickname": Text(),
    "tax_behavior": ("exclusive", "inclusive", "unspecified"),
    "transfer_lookup_key": bool,
}
NEW_PRICE = {"currency!": str, "product": Ref("product"), "recurring": RECURRING, "unit_amount": int}
NEW_PRICE["product_data"] = {"name!": str, "metadata": META}


@endpoint("products.create", "POST /v1/products", {**PRODUCT, "name!": str, "id": str})
def create_product(call: Call) -> Json:
    if call.args.get("id") in call.box.world.table("product"):
        invalid(f"Product already exists: {call.args['id']}", "id", "resource_already_exists")
    return call.box.make("product", updated=call.box.now(), **call.args)


@endpoint("products.retrieve", "GET /v1/products/{id}")
def product(call: Call) -> Json:
    return call.box.get("product", call.id)


@endpoint("products.update", "POST /v1/products/{id}", {**PRODUCT, "default_price": Ref("price")})
def update_product(call: Call) -> Json:
    return _update(call, call.box.get("product", call.id), updated=call.box.now())


@endpoint("products.list", "GET /v1/products", {**PAGE, **CREATED, "active": bool, "ids": [str]})
def products(call: Call) -> Json:
    rows = _active(call, call.box.world.rows("product"))
    wanted = call.args.get("ids")
    return page(call, [row for row in rows if not wanted or row["id"] in wanted], "/v1/products")


@endpoint("prices.create", "POST /v1/prices", {**PRICE, **NEW_PRICE})
def create_price(call: Call) -> Json:
    args = dict(call.args)
    transfer, inline = args.pop("transfer_lookup_key", False), args.pop("product_data", None)
    if bool(inline) == ("product" in args):
        invalid("You must specify either `product` or `product_data` when creating a price.", "product")
    if "unit_amount" not in args or args["unit_amount"] < 0:
        invalid("You must specify a `unit_amount` of at least 0.", "unit_amount", "parameter_missing")
    _free_lookup_key(call, args.get("lookup_key"), transfer)
    if inline:
        args["product"] = call.box.make("product", updated=call.box.now(), **inline)["id"]
    rhythm = args.pop("recurring", None)
    recurring = {**blank("price")["recurring"], **rhythm} if rhythm else None
    kind = "recurring" if rhythm else "one_time"
    exact = str(args["unit_amount"])
    return call.box.make("price", recurring=recurring, type=kind, unit_amount_decimal=exact, **args)


def _free_lookup_key(call: Call, key: str | None, transfer: bool) -> None:
    for row in call.box.world.rows("price", lookup_key=key) if key else []:
        if not transfer and row["id"] != call.id:
            message = (
                f"A price (`{row['id']}`) already uses that lookup key. Pass `transfer_lookup_key=true`."
            )
            invalid(message, "lookup_key")
        row["lookup_key"] = None


@endpoint("prices.retrieve", "GET /v1/prices/{id}")
def price(call: Call) -> Json:
    return call.box.get("price", call.id)


@endpoint("prices.update", "POST /v1/prices/{id}", PRICE)
def update_price(call: Call) -> Json:
    row = call.box.get("price", call.id)
    transfer = call.args.pop("transfer_lookup_key", False)
    _free_lookup_key(call, call.args.get("lookup_key"), transfer)
    return _update(call, row)


FILTERS = {
    "active": bool,
    "currency": str,
    "lookup_keys": [str],
    "product": str,
    "type": ("one_time", "recurring"),
}


@endpoint("prices.list", "GET /v1/prices", {**PAGE, **CREATED, **FILTERS})
def prices(call: Call) -> Json:
    rows = _active(call, call.box.world.rows("price"))
    keys = call.args.get("lookup_keys")
    rows = [row for row in rows if not keys or row["lookup_key"] in keys]
    for name in ("currency", "product", "type"):
        rows = [row for row in rows if call.args.get(name) in (None, row[name])]
    return page(call, rows, "/v1/prices")


@endpoint("coupons.retrieve", "GET /v1/coupons/{id}")
def coupon(call: Call) -> Json:
    return call.box.get("coupon", call.id)


NEW_COUPON = {
    "amount_off": int,
    "currency": str,
    "duration": ("forever", "once", "repeating"),
    "duration_in_months": int,
    "id": str,
    "metadata": META,
    "name": str,
    "percent_off": float,
}


@endpoint("coupons.create", "POST /v1/coupons", NEW_COUPON)
def create_coupon(call: Call) -> Json:
    if ("amount_off" in call.args) == ("percent_off" in call.args):
        invalid("Must provide one of percent_off or amount_off.", "percent_off", "parameter_missing")
    if call.args.get("duration") == "repeating" and "duration_in_months" not in call.args:
        invalid(
            "duration_in_months is required for a repeating coupon.",
            "duration_in_months",
            "parameter_missing",
        )
    known = {
        "id": "".join(call.box.world.random.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=8)),
        **call.args,
    }
    return call.box.make("coupon", **known)


@endpoint("coupons.list", "GET /v1/coupons", {**PAGE, **CREATED})
def coupons(call: Call) -> Json:
    return page(call, call.box.world.rows("coupon"), "/v1/coupons")


PROMOTION = {"type!": ("coupon",), "coupon!": str}


@endpoint(
    "promotion_codes.create",
    "POST /v1/promotion_codes",
    {"promotion!": PROMOTION, "code": str, "active": bool, "metadata": META, "max_redemptions": int},
)
def create_code(call: Call) -> Json:
    if call.args["promotion"]["coupon"] not in call.box.world.table("coupon"):
        raise missing("coupon", call.args["promotion"]["coupon"], "promotion[coupon]", 400)
    known = {
        "code": "".join(call.box.world.random.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=8)),
        **call.args,
    }
    return call.box.make("promotion_code", **known)


@endpoint("promotion_codes.list", "GET /v1/promotion_codes", {**PAGE, **CREATED, "active": bool, "code": str})
def codes(call: Call) -> Json:
    rows = _active(call, call.box.world.rows("promotion_code"))
    wanted = call.args.get("code")
    return page(call, [row for row in rows if wanted in (None, row["code"])], "/v1/promotion_codes")


@endpoint("promotion_codes.retrieve", "GET /v1/promotion_codes/{id}")
def code(call: Call) -> Json:
    return call.box.get("promotion_code", call.id)


def _active(call: Call, rows: list[Json]) -> list[Json]:
    wanted = call.args.get("active")
    return [row for row in rows if wanted in (None, row["active"])]


def _update(call: Call, row: Json, **more: object) -> Json:
    given = {**call.args, **more}
    row["metadata"] = merge_metadata(row["metadata"], given.pop("metadata", row["metadata"]))
    row.update(given)
    return row
