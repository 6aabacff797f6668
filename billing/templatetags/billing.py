"""Amounts and the states of invoices in plain words."""

from django import template

from billing.models import Invoice
from billing.money import written

register = template.Library()

WORDS = {
    "paid": ("Paid", "good"),
    "void": ("Withdrawn", ""),
    "uncollectible": ("Not paid", "bad"),
    "draft": ("Being made", ""),
}


@register.filter
def amount(number: int, currency: str) -> str:
    return written(number, currency)


@register.filter
def state_words(invoice: Invoice) -> str:
    """A word of Stripe's that we do not know is shown as it is."""
    if invoice.status == "open":
        return "Payment failed" if invoice.attempts else "To be paid"
    return WORDS.get(invoice.status, (invoice.status, ""))[0]


@register.filter
def state_tone(invoice: Invoice) -> str:
    """Of the badge: good, warn, bad, or none."""
    if invoice.status == "open":
        return "bad" if invoice.attempts else "warn"
    return WORDS.get(invoice.status, ("", ""))[1]
