"""Amounts as people write them, in English and the same everywhere: €15, €1,204.50, ¥900."""

from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision


def written(amount: int, currency: str) -> str:
    """`amount` is in the currency's smallest unit, of which some have none; `currency` as Stripe has it, in lower case.
    Whole amounts are written without the decimals that people skip."""
    code = currency.upper()
    value = Decimal(amount).scaleb(-get_currency_precision(code))
    whole = "¤#,##0" if value == value.to_integral_value() else None
    return str(format_currency(value, code, whole, locale="en", currency_digits=whole is None))
