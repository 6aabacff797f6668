"""What the sandbox keeps: Stripe's objects as they are answered, and beside each what Stripe never shows."""

import copy
import json
import random
import string
from functools import cache
from pathlib import Path
from typing import Any

Json = dict[str, Any]
BLANKS = Path(__file__).parent / "blanks"
ALPHABET = string.ascii_letters + string.digits
PREFIXES = {
    "customer": "cus_",
    "product": "prod_",
    "price": "price_",
    "coupon": "",
    "promotion_code": "promo_",
    "discount": "di_",
    "checkout.session": "cs_test_",
    "billing_portal.configuration": "bpc_",
    "billing_portal.session": "bps_",
    "subscription": "sub_",
    "subscription_item": "si_",
    "subscription_schedule": "sub_sched_",
    "invoice": "in_",
    "line_item": "il_",
    "invoice_payment": "inpay_",
    "payment_method": "pm_",
    "payment_intent": "pi_",
    "charge": "ch_",
    "dispute": "du_",
    "early_fraud_warning": "issfr_",
    "tax_id": "txi_",
    "webhook_endpoint": "we_",
    "event": "evt_",
    "challenge": "3ds_",
}
# the longest first: sub_sched_ before sub_
_BY_PREFIX = sorted(((prefix, kind) for kind, prefix in PREFIXES.items() if prefix), reverse=True)


@cache
def _blank(name: str) -> str:
    return (BLANKS / f"{name}.json").read_text()


def blank(name: str, /, **known: object) -> Json:
    """An object with every field that Stripe sends, empty but for what is known."""
    return {**json.loads(_blank(name)), **known}


def kind_of(identifier: str) -> str:
    """Which table an id belongs to, or ''."""
    return next((kind for prefix, kind in _BY_PREFIX if identifier.startswith(prefix)), "")


class World:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.tables: dict[str, dict[str, Json]] = {}
        self.hidden: dict[str, Json] = {}
        """By id: how a card behaves, which retry comes, whether a trial's end was told."""

    def table(self, kind: str) -> dict[str, Json]:
        return self.tables.setdefault(kind, {})

    def new_id(self, kind: str) -> str:
        return PREFIXES[kind] + "".join(self.random.choices(ALPHABET, k=24))

    def make(self, kind: str, now: int, /, **known: object) -> Json:
        """A new object of this kind, kept."""
        made = blank(kind, **known)
        made["id"] = made["id"] or self.new_id(kind)
        if "created" in made:
            made["created"] = now
        self.table(kind)[made["id"]] = made
        return made

    def beside(self, identifier: str) -> Json:
        return self.hidden.setdefault(identifier, {})

    def find(self, identifier: str) -> Json | None:
        return self.table(kind_of(identifier)).get(identifier)

    def rows(self, kind: str, /, **like: object) -> list[Json]:
        """Those with these values, the newest first, as Stripe lists them."""
        found = [
            row
            for row in self.table(kind).values()
            if all(row.get(name) == value for name, value in like.items())
        ]
        return found[::-1]


def changed(before: Json, after: Json) -> Json:
    """`previous_attributes`: what these fields were before; of nested objects only the parts that changed."""
    old: Json = {}
    for key, value in after.items():
        was = before.get(key)
        if was == value:
            continue
        both = isinstance(was, dict) and isinstance(value, dict)
        old[key] = changed(was, value) if both and was is not None else copy.deepcopy(was)
    return old | {key: before[key] for key in before if key not in after}
