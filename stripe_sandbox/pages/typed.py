"""What was typed into a card form, read and judged as Stripe's pages judge it."""

import re
from datetime import UTC, datetime

from starlette.datastructures import FormData

from stripe_sandbox.cards import Card, known
from stripe_sandbox.sandbox import Sandbox


class Mistyped(Exception):
    """Says what to change."""


def text(form: FormData, name: str) -> str:
    return str(form.get(name) or "").strip()


def card(box: Sandbox, form: FormData) -> tuple[Card, tuple[int, int]]:
    """The test card and when it expires. Raises Mistyped."""
    number = re.sub(r"\D", "", text(form, "card"))
    if not 12 <= len(number) <= 19 or not _checks(number):
        raise Mistyped("Your card number is invalid.")
    found = known(number)
    if found is None:
        raise Mistyped("The sandbox takes test cards only: choose one from the list below.")
    expires = _expires(box, text(form, "expires"))
    if not re.fullmatch(r"\d{3,4}", text(form, "cvc")):
        raise Mistyped("Your card's security code is incomplete.")
    return found, expires


def _checks(number: str) -> bool:
    """The check digit, after Luhn."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _expires(box: Sandbox, typed: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,2})\s*/?\s*(\d{2}|\d{4})", typed)
    if not match or not 1 <= int(match[1]) <= 12:
        raise Mistyped("Your card's expiry date is incomplete.")
    month, year = int(match[1]), int(match[2]) % 100 + 2000
    today = datetime.fromtimestamp(box.now(), UTC)
    if (year, month) < (today.year, today.month):
        raise Mistyped("Your card's expiry date is in the past.")
    return month, year
