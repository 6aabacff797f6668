"""The items of a subscription: a price, how many, and the period that is paid for."""

import copy

from stripe_sandbox.model import Json, blank
from stripe_sandbox.sandbox import Sandbox


def plan_of(price: Json) -> Json:
    """The old name of a price, which items still carry."""
    rhythm = price["recurring"]
    return blank(
        "plan",
        id=price["id"],
        active=price["active"],
        amount=price["unit_amount"],
        amount_decimal=price["unit_amount_decimal"],
        created=price["created"],
        currency=price["currency"],
        interval=rhythm["interval"],
        interval_count=rhythm["interval_count"],
        nickname=price["nickname"],
        product=price["product"],
    )


def new(box: Sandbox, subscription: str, price: Json, quantity: int, period: tuple[int, int]) -> Json:
    """Not kept in a table: it lives in its subscription."""
    item = blank("subscription_item", id=box.world.new_id("subscription_item"), created=box.now())
    item |= {"subscription": subscription, "quantity": quantity}
    item |= {"current_period_start": period[0], "current_period_end": period[1]}
    return priced(item, price)


def priced(item: Json, price: Json) -> Json:
    return {**item, "price": copy.deepcopy(price), "plan": plan_of(price)}


def first(subscription: Json) -> Json:
    item: Json = subscription["items"]["data"][0]
    return item


def amount(item: Json) -> int:
    return int(item["price"]["unit_amount"]) * int(item["quantity"])


def name(box: Sandbox, item: Json) -> str:
    product: Json = box.world.table("product")[item["price"]["product"]]
    return str(product["name"])


def set_period(subscription: Json, start: int, end: int) -> None:
    """Lists are replaced, never changed in place, so that an event tells what was before."""
    data = [
        {**item, "current_period_start": start, "current_period_end": end}
        for item in subscription["items"]["data"]
    ]
    subscription["items"] = {**subscription["items"], "data": data}


def replace(subscription: Json, data: list[Json]) -> None:
    subscription["items"] = {**subscription["items"], "data": data}
