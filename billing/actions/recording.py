"""What Stripe tells is recorded: one row for each event, however often it comes."""

from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from billing.models import StripeEvent


def record(event: dict[str, Any]) -> bool:
    """Whether it is new. The database decides, so that two deliveries at once leave one row."""
    thing = event.get("data", {}).get("object", {})
    thing = thing if isinstance(thing, dict) else {}
    row = StripeEvent(
        id=event["id"][:255],
        type=event["type"][:120],
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


def _word(value: Any) -> str:
    return value[:255] if isinstance(value, str) else ""


def _seconds(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < 2**40 else 0
