"""What Stripe tells is recorded: one row for each event, however often it comes."""

from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from billing.access import is_stripes_id
from billing.models import StripeEvent

YEAR_9999 = 253_402_300_799


def record(event: dict[str, Any]) -> bool:
    """Whether it is new. The database decides, so that two deliveries at once leave one row. Of a signed event `id` and
    `type` have their shape; of what is inside nothing is believed."""
    thing = _dict(_dict(event.get("data")).get("object"))
    row = StripeEvent(
        id=event["id"],
        type=event["type"],
        object_id=_word(thing.get("id")),
        stripe_customer_id=customer_of(event["type"], thing),
        created_at=datetime.fromtimestamp(_seconds(event.get("created")), UTC),
        due_at=timezone.now(),
    )
    with transaction.atomic():
        known = StripeEvent.objects.filter(pk=row.pk).exists()
        StripeEvent.objects.bulk_create([row], ignore_conflicts=True)
    return not known


def customer_of(kind: str, thing: dict[str, Any]) -> str:
    """Whose it is, by Stripe's id; empty for what is nobody's, or does not say so (a dispute names its charge)."""
    if kind.startswith("customer.") and thing.get("object") == "customer":
        return _word(thing.get("id"))
    owner = thing.get("customer")
    return _word(owner.get("id") if isinstance(owner, dict) else owner)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _word(value: Any) -> str:
    """Anything else in the place of an id is nobody's."""
    return str(value) if is_stripes_id(value) else ""


def _seconds(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value <= YEAR_9999 else 0
